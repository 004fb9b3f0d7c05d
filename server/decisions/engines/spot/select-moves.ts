import type { BlockedNode, NodeView } from '../../../../common/contracts/index.ts';
import { leadWorkload } from '../../lead-workload.ts';
import { occupancyByNode } from '../../node-occupancy.ts';
import type { DecisionPolicy } from '../../policy.ts';
import { workloadOwners } from '../../workload-owner.ts';
import type { DecisionForecasts, DecisionState, EngineAnswer, Proposal } from '../engine.ts';
import { type BlockReason, type ConsideredNode, considerNode } from './consider-node.ts';
import { isPrice } from './expected-cost.ts';
import { type Exposure, exposureOf } from './exposure.ts';
import { proposeMove } from './propose-move.ts';
import type { SpotCandidate } from './spot-candidates.ts';
import { breachText, type WorkloadFloors, workloadFloors } from './workload-floors.ts';

/**
 * Takes the moves that pay, largest saving first, as long as caps and floors hold over all of them together. Every node that stays
 * is told with all its reasons. Pauses after each node.
 * @param narrow may take candidates from a node or add reasons against its move; it may not add any
 */
export function* selectMoves(
  state: DecisionState,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
  narrow: (entry: ConsideredNode) => ConsideredNode = entry => entry,
): Generator<void, EngineAnswer> {
  const owners = workloadOwners(state.inventory.workloads);
  const occupancyOf = occupancyByNode(state.inventory.pods);
  const nodes = state.nodes.toSorted((a, b) => compareText(a.name, b.name));
  const inventoryOf = new Map(state.inventory.nodes.map(node => [node.uid, node]));
  const bill = state.openBill();
  const look = (node: NodeView): ConsideredNode => {
    const occupancy = occupancyOf(node.name);
    const pools = forecasts.poolsOfWorkload.get(leadWorkload(occupancy.moving, owners) ?? '');
    const known = pools ? { ...forecasts, pools } : forecasts;
    return narrow(considerNode(node, inventoryOf.get(node.uid), occupancy, state, known, policy, bill));
  };
  const considered: ConsideredNode[] = [];
  for (const node of nodes) {
    considered.push(look(node));
    yield;
  }
  const exposure = exposureOf(state.nodes, state.underWay, policy);
  const floors = workloadFloors(state, state.underWay, owners, policy);

  const proposals: Proposal[] = [];
  const blocked: BlockedNode[] = [];
  for (const first of considered.toSorted(
    (a, b) => bestSaving(b) - bestSaving(a) || compareText(a.node.name, b.node.name),
  )) {
    // What a node takes off the bill may be less once others are gone that shared its commitments.
    const isSame = bill.savedWithout(first.node) === first.savedMicroUsdPerHour;
    const entry = isSame ? first : look(first.node);
    const reasons = [
      ...entry.reasons,
      ...(entry.reasons.length > 0 ? [] : exposureReasons(entry, exposure, floors)),
    ];
    const chosen = entry.worthwhile.find(candidate => exposure.hasRoom(placeOf(candidate)));
    if (reasons.length === 0 && chosen) {
      exposure.take(entry.node, placeOf(chosen));
      floors.take(entry.node);
      bill.remove(entry.node.uid);
      proposals.push(proposeMove(entry, chosen, state, owners));
    } else {
      blocked.push({ node: entry.node.name, reasons });
    }
    yield;
  }

  const known = nodes
    .map(node => node.priceMicroUsdPerHour)
    .filter(isPrice)
    .map(Math.floor);
  const costNow = known.length === 0 ? null : known.reduce((sum, price) => sum + price, 0);
  const saved = proposals.reduce(
    (sum, { cost }) => sum + cost.nowMicroUsdPerHour - cost.afterMicroUsdPerHour,
    0,
  );
  return {
    proposals: proposals.toSorted(
      (a, b) => b.cost.savingMicroUsdPerHour - a.cost.savingMicroUsdPerHour || compareText(a.title, b.title),
    ),
    blocked: blocked.toSorted((a, b) => compareText(a.node, b.node)),
    nodesConsidered: nodes.length,
    unknownPrices: considered.filter(entry => entry.isUnknown).length,
    unknownRisks: new Set(considered.flatMap(entry => entry.unknownRisks)).size,
    costNowMicroUsdPerHour: costNow,
    costAfterMicroUsdPerHour: costNow === null ? null : costNow - saved,
  };
}

/** Caps and floors of the policy that keep a node. */
function exposureReasons(entry: ConsideredNode, exposure: Exposure, floors: WorkloadFloors): BlockReason[] {
  const saves = entry.worthwhile[0]?.cost.savingMicroUsdPerHour ?? null;
  const found: BlockReason[] = [];
  if (entry.node.capacityType === 'on-demand' && !exposure.mayGiveUpOnDemand()) {
    found.push({
      code: 'on-demand-floor',
      object: null,
      text: `The policy keeps ${exposure.onDemandFloor} ${exposure.onDemandFloor === 1 ? 'node' : 'nodes'} on-demand, and this is one of them.`,
      unblock: 'Lower the on-demand share of the policy.',
      savesMicroUsdPerHour: saves,
    });
  }
  const breach = floors.breachWithout(entry.node);
  if (breach) {
    found.push({
      code: 'workload-floor',
      object: breach.workload,
      text: breachText(breach),
      unblock: `Lower what the rule "${breach.rule}" of the policy keeps on-demand, or run more replicas on on-demand nodes.`,
      savesMicroUsdPerHour: saves,
    });
  }
  if (!entry.worthwhile.some(candidate => exposure.hasRoom(placeOf(candidate)))) {
    found.push({
      code: 'pool-limit',
      object: null,
      text: `Every Spot pool that pays for this node already holds ${exposure.poolLimit} nodes, the most that the policy puts into one pool.`,
      unblock: 'Raise the share of nodes that one pool may hold, or wait until another pool becomes cheap.',
      savesMicroUsdPerHour: saves,
    });
  }
  return found;
}

function placeOf({ outlook }: SpotCandidate): { instanceType: string; zone: string } {
  return { instanceType: outlook.pool.instanceType, zone: outlook.pool.availabilityZone };
}

function bestSaving({ worthwhile }: ConsideredNode): number {
  return worthwhile[0]?.cost.savingMicroUsdPerHour ?? 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
