import type { CatalogType, Plan, PlanNode } from '../../common/contracts/index.ts';
import { type DrainBlocker, drainBlockers } from './drain-blockers.ts';
import { type Departure, homelessPods } from './fit-elsewhere.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { occupancyByNode } from './node-occupancy.ts';
import { withoutHandshake } from './owners/handshake.ts';
import type { DecisionPolicy } from './policy.ts';

type DrainPolicy = Pick<DecisionPolicy, 'allowLocalStorage'>;

/** A budget recovers by itself, e.g. when the pods that were moved before are up again. */
const PASSING = 'budget-exhausted';
/** Enough to see what is the matter. */
const NAMED_PODS = 3;

/** What differs about a node that stands: its machine, and whatever forbids to drain it for good. */
export function nodeDifferences(
  planned: PlanNode,
  observed: SchedulableCluster,
  policy: DrainPolicy,
): string[] {
  const { name, uid, instanceType, zone, capacityType } = planned;
  const node = observed.nodes.find(one => one.uid === uid);
  if (!node) return [`Node ${name} is no longer in the cluster.`];
  return [
    ...(node.instanceType === instanceType
      ? []
      : [`Node ${name} is ${node.instanceType ?? 'of unknown type'} now, not ${instanceType}.`]),
    ...(node.zone === zone ? [] : [`Node ${name} is in zone ${node.zone ?? 'unknown'} now, not ${zone}.`]),
    ...(node.capacityType === capacityType
      ? []
      : [`Node ${name} is ${node.capacityType} now, not ${capacityType}.`]),
    ...withoutHandshake([planned], observed),
    ...blockersOf(planned, observed, policy)
      .filter(({ code }) => code !== PASSING)
      .map(({ text }) => text),
  ];
}

/** What forbids to drain a node for now. */
export function passingBlockers(
  planned: PlanNode,
  observed: SchedulableCluster,
  policy: DrainPolicy,
): string[] {
  return blockersOf(planned, observed, policy)
    .filter(({ code }) => code === PASSING)
    .map(({ text }) => text);
}

/** Names of nodes whose pods leave, and of those that take no more; single pods that leave; nodes that come. */
interface LeavingPods extends Pick<Departure, 'evicted' | 'coming'> {
  readonly leaving: readonly string[];
  readonly closed: readonly string[];
}

/** Names pods of the leaving nodes, and of those that are to be evicted, that would find no place on the nodes that stay and those that come, as `pods` foresees or otherwise. */
export function withoutRoom(
  { leaving, closed, ...others }: LeavingPods,
  observed: SchedulableCluster,
  types: readonly CatalogType[],
  pods: Plan['pods'] = [],
): string[] {
  const foreseen = new Map(pods.flatMap(({ uid, to }) => (to === null ? [] : [[uid, to] as const])));
  const departure = { ...others, leaving: new Set(leaving), closed: new Set(closed), foreseen };
  const homeless = homelessPods(observed, departure, types);
  const more = homeless.length - NAMED_PODS;
  return [
    ...homeless
      .slice(0, NAMED_PODS)
      .map(
        ({ pod, reason }) =>
          `Pod ${pod.namespace}/${pod.name} of node ${pod.nodeName} would find no place now: ${reason}.`,
      ),
    ...(more > 0 ? [`So would ${more} more.`] : []),
  ];
}

function blockersOf({ uid }: PlanNode, observed: SchedulableCluster, policy: DrainPolicy): DrainBlocker[] {
  const node = observed.nodes.find(one => one.uid === uid);
  if (!node) return [];
  const occupancy = occupancyByNode(observed.inventory.pods)(node.name);
  const inventoryNode = observed.inventory.nodes.find(one => one.uid === uid);
  return drainBlockers(node, inventoryNode, occupancy, observed.inventory.budgets, policy);
}
