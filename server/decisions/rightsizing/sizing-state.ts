import type {
  InventoryContainer,
  InventoryHorizontalAutoscaler,
  InventoryVerticalAutoscaler,
} from '../../../common/agent-protocol/index.ts';
import type { NodeView } from '../../../common/contracts/index.ts';
import type { OomKill, UsageProfile } from '../../clusters/index.ts';

/** A container of a workload: what it asks for by its newest pod, and what it was seen to use. */
export interface ContainerToSize extends Pick<InventoryContainer, 'name' | 'requests' | 'limits' | 'heap'> {
  /** `undefined` while nothing was measured. */
  readonly usage: UsageProfile | undefined;
  /** Within the window. */
  readonly kills: readonly OomKill[];
}

/** Pods that are made from one template. */
export interface WorkloadToSize {
  /** `Deployment/shop/web`; of a bare pod `Pod/shop/web-1`. */
  readonly key: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** A static pod: its file lies on its node. */
  readonly isStatic: boolean;
  readonly containers: readonly ContainerToSize[];
  /** The node of each pod that runs; `null` for one that waits. */
  readonly podNodes: readonly (string | null)[];
  /** All that have this workload as their target. */
  readonly horizontal: readonly InventoryHorizontalAutoscaler[];
  readonly vertical: readonly InventoryVerticalAutoscaler[];
}

/** What rightsizing decides on. */
export interface SizingState {
  readonly clusterId: string;
  /** ms UTC: the present of this state. */
  readonly asOf: number;
  readonly workloads: readonly WorkloadToSize[];
  readonly nodes: readonly Pick<NodeView, 'name' | 'allocatable' | 'priceMicroUsdPerHour'>[];
}
