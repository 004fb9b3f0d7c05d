import type { NodeView, PlanTarget } from '../../../../common/contracts/index.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { MoveUnderWay } from '../engine.ts';

type Place = Pick<PlanTarget, 'instanceType' | 'zone'>;

/** How many nodes stand where, with the moves taken so far; keeps caps and floors. */
export interface Exposure {
  /** Most nodes that one pool of (type, zone) may hold. */
  readonly poolLimit: number;
  /** Fewest nodes that stay on-demand. */
  readonly onDemandFloor: number;
  hasRoom(place: Place): boolean;
  /** Whether one more on-demand node may go. */
  mayGiveUpOnDemand(): boolean;
  /** Counts a move of `node` to a Spot pool as done. */
  take(node: Pick<NodeView, 'capacityType'>, place: Place): void;
}

/**
 * The exposure of a cluster with the moves under way counted as done. A Spot node that leaves its pool is not taken off
 * that pool's count, a node of unknown capacity type is not counted as on-demand, nor is one that has yet to come: all err on the
 * safe side.
 */
export function exposureOf(
  nodes: readonly NodeView[],
  underWay: readonly MoveUnderWay[],
  policy: DecisionPolicy,
): Exposure {
  const poolLimit = Math.max(policy.minimumPoolNodes, Math.floor(policy.maximumPoolShare * nodes.length));
  const onDemandFloor = Math.max(policy.onDemandNodes, Math.ceil(policy.onDemandShare * nodes.length));
  const byPool = new Map<string, number>();
  let onDemand = nodes.filter(node => node.capacityType === 'on-demand').length;
  const add = (place: Place) => byPool.set(keyOf(place), (byPool.get(keyOf(place)) ?? 0) + 1);

  for (const { capacityType, instanceType, zone } of nodes) {
    if (capacityType === 'spot' && instanceType !== null && zone !== null) add({ instanceType, zone });
  }
  const exposure: Exposure = {
    poolLimit,
    onDemandFloor,
    hasRoom: place => (byPool.get(keyOf(place)) ?? 0) < poolLimit,
    mayGiveUpOnDemand: () => onDemand > onDemandFloor,
    take: (node, place) => {
      add(place);
      if (node.capacityType === 'on-demand') onDemand--;
    },
  };
  const byUid = new Map(nodes.map(node => [node.uid, node]));
  for (const { removes, adds } of underWay) {
    onDemand -= removes.filter(uid => byUid.get(uid)?.capacityType === 'on-demand').length;
    for (const target of adds) if (target.capacityType === 'spot') add(target);
  }
  return exposure;
}

function keyOf({ instanceType, zone }: Place): string {
  return `${instanceType}/${zone}`;
}
