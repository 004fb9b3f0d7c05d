import type { CapacitySource, PlanTarget } from '../../../common/contracts/index.ts';
import type { InstanceEnds } from './instance-ends.ts';

/** One node that a plan needs. The same plan and step stand for the same node, however often they are asked for. */
export interface NodeOrder {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly region: string;
  readonly planId: string;
  readonly step: number;
  readonly target: Pick<PlanTarget, 'instanceType' | 'zone' | 'capacityType'>;
}

/** How an order stands. `later`: it could not be asked now, and may be asked again. */
export type OrderAnswer =
  | { readonly kind: 'launched'; readonly instanceId: string }
  | { readonly kind: 'later'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** How an instance stands; `gone` when it ended or was never there. */
export type InstanceLook =
  | { readonly kind: 'alive' }
  | { readonly kind: 'gone'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What became of the wish to end an instance. */
export type EndAnswer =
  | { readonly kind: 'ended' }
  | { readonly kind: 'later'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Whoever nodes can be ordered from. Every call may be repeated: its effect happens once. */
export interface NodeOrders {
  /** Brings one instance that will join as a node; the answer names it as soon as it exists. */
  launch(order: NodeOrder): Promise<OrderAnswer>;
  /** The instance of an order that was begun, where there is one; `undefined` when none exists. @throws when it cannot be asked */
  find(order: NodeOrder): Promise<string | undefined>;
  look(region: string, instanceId: string): Promise<InstanceLook>;
  /** @throws AppError where the source cannot bring nodes: a template that does not exist, a missing permission */
  verify(region: string): Promise<void>;
}

/**
 * Where new nodes of a cluster come from, and what ends instances.
 *
 * - `provisioner`: the cluster's own brings them as pods wait; there is nothing to order.
 * - `ec2`: they are ordered before a drain begins, and given back when they are not needed.
 */
export interface CapacityProvider {
  readonly kind: CapacitySource['kind'];
  readonly orders: NodeOrders | null;
  /** `null` where nobody allowed to end any. */
  readonly ends: InstanceEnds | null;
  /** Name of the cluster in AWS, by which its instances are tagged; where none is given only own ones are known. */
  readonly awsCluster: string | undefined;
}
