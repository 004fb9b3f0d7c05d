import type {
  InventoryNode,
  InventoryNodeClaim,
  InventoryNodePool,
  InventoryPod,
} from '../../../common/agent-protocol/index.ts';
import type { NodeOwner, PlanNode, PolicyDocument } from '../../../common/contracts/index.ts';
import type { WaitingPod } from './karpenter-choice.ts';
import type { Offering } from './karpenter-requirements.ts';

/** A node as owners see it. */
export interface OwnedNode {
  readonly inventory: InventoryNode;
  readonly owner: NodeOwner;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly capacityType: 'spot' | 'on-demand' | 'unknown';
  /** It goes by the plan. */
  readonly isLeaving: boolean;
  /** Who ends its instance, where a plan has said. */
  readonly endedBy?: PlanNode['endedBy'];
}

/** A node that the plan wants to come. */
export type ComingNode = Pick<Offering, 'instanceType' | 'zone' | 'capacityType'>;

/** What is paid for nodes of a type in fact, where that is not the list price; micro-USD per hour for each node. */
export interface PaidType {
  readonly instanceType: string;
  readonly nodes: number;
  readonly listMicroUsdPerHour: number;
  readonly paidMicroUsdPerHour: number;
}

/** All that the changes for owners are made from. */
export interface OwnerInput {
  readonly nodes: readonly OwnedNode[];
  readonly pods: readonly InventoryPod[];
  /** Karpenter's; `undefined` where it is not known whether there are any. */
  readonly nodePools: readonly InventoryNodePool[] | undefined;
  readonly nodeClaims: readonly InventoryNodeClaim[];
  readonly coming: readonly ComingNode[];
  /** Pods that the plan puts onto nodes that come. */
  readonly waiting: readonly WaitingPod[];
  /** With known prices only. */
  readonly offerings: readonly Offering[];
  /** On-demand types for which more or less is paid than the list price. */
  readonly paid: readonly PaidType[];
  readonly policy: PolicyDocument;
  /** ms UTC */
  readonly nowMs: number;
}

/** Groups of nodes by their owner. */
export function isOwnedBy(
  { owner }: Pick<OwnedNode, 'owner'>,
  kind: NodeOwner['kind'],
  name: string | null,
): boolean {
  return owner.kind === kind && owner.name === name;
}
