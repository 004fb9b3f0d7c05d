import type { BlockedNode, NodeView, Reason } from '../../../../common/contracts/index.ts';
import {
  formatDuration,
  formatUsd,
  formatUsdPerHour,
  formatUsdPerMonth,
} from '../../../../common/units/index.ts';
import { drainBlockers, drainWarnings } from '../../drain-blockers.ts';
import type { FleetBill } from '../../fleet-bill.ts';
import { leadWorkload } from '../../lead-workload.ts';
import { type NodeOccupancy, occupancyByNode } from '../../node-occupancy.ts';
import type { DecisionPolicy } from '../../policy.ts';
import { type WorkloadOwners, workloadOwners } from '../../workload-owner.ts';
import type { DecisionEngine, DecisionForecasts, DecisionState, EngineAnswer, Proposal } from '../engine.ts';
import { isPrice, isWorthwhile } from './expected-cost.ts';
import { type Exposure, exposureOf } from './exposure.ts';
import { type KnownNode, type SpotCandidate, spotCandidates } from './spot-candidates.ts';

type BlockReason = BlockedNode['reasons'][number];

interface Considered {
  readonly node: NodeView;
  readonly occupancy: NodeOccupancy;
  /** Moves that pay, best first. */
  readonly worthwhile: readonly SpotCandidate[];
  /** Reasons against any move; empty when it may go. */
  readonly reasons: readonly BlockReason[];
  readonly isUnknown: boolean;
  readonly unknownRisks: readonly string[];
  /** What leaves the bill without the node. */
  readonly savedMicroUsdPerHour: number | undefined;
}

/**
 * Moves nodes to Spot pools where the expected cost, interruptions included, is lower, and from dear Spot pools to
 * clearly cheaper ones. Keeps the caps per pool and the on-demand floor over all its proposals together.
 */
export const spotEngine: DecisionEngine = {
  name: 'spot',
  decide: (state, forecasts, policy) => decide(state, forecasts, policy),
};

function decide(state: DecisionState, forecasts: DecisionForecasts, policy: DecisionPolicy): EngineAnswer {
  const owners = workloadOwners(state.inventory.workloads);
  const occupancyOf = occupancyByNode(state.inventory.pods);
  const nodes = state.nodes.toSorted((a, b) => compareText(a.name, b.name));
  const bill = state.openBill();
  const look = (node: NodeView): Considered => {
    const occupancy = occupancyOf(node.name);
    const pools = forecasts.poolsOfWorkload.get(leadWorkload(occupancy.moving, owners) ?? '');
    return consider(node, occupancy, state, pools ? { ...forecasts, pools } : forecasts, policy, bill);
  };
  const considered = nodes.map(look);
  const exposure = exposureOf(state.nodes, state.underWay, policy);

  const proposals: Proposal[] = [];
  const blocked: BlockedNode[] = [];
  for (const first of considered.toSorted(
    (a, b) => bestSaving(b) - bestSaving(a) || compareText(a.node.name, b.node.name),
  )) {
    // What a node takes off the bill may be less once others are gone that shared its commitments.
    const isSame = bill.savedWithout(first.node) === first.savedMicroUsdPerHour;
    const entry = isSame ? first : look(first.node);
    const reasons = [...entry.reasons, ...(entry.reasons.length > 0 ? [] : exposureReasons(entry, exposure))];
    const chosen = entry.worthwhile.find(candidate => exposure.hasRoom(placeOf(candidate)));
    if (reasons.length === 0 && chosen) {
      exposure.take(entry.node, placeOf(chosen));
      bill.remove(entry.node.uid);
      proposals.push(propose(entry, chosen, state, owners));
    } else {
      blocked.push({ node: entry.node.name, reasons });
    }
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
      (a, b) =>
        b.cost.savingMicroUsdPerHour - a.cost.savingMicroUsdPerHour || compareText(a.node.name, b.node.name),
    ),
    blocked: blocked.toSorted((a, b) => compareText(a.node, b.node)),
    nodesConsidered: nodes.length,
    unknownPrices: considered.filter(entry => entry.isUnknown).length,
    unknownRisks: new Set(considered.flatMap(entry => entry.unknownRisks)).size,
    costNowMicroUsdPerHour: costNow,
    costAfterMicroUsdPerHour: costNow === null ? null : costNow - saved,
  };
}

function consider(
  node: NodeView,
  occupancy: NodeOccupancy,
  state: DecisionState,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
  bill: FleetBill,
): Considered {
  const savedMicroUsdPerHour = bill.savedWithout(node);
  const stays = (
    reasons: BlockReason[],
    isUnknown = false,
    unknownRisks: readonly string[] = [],
  ): Considered => ({
    node,
    occupancy,
    worthwhile: [],
    reasons,
    isUnknown,
    unknownRisks,
    savedMicroUsdPerHour,
  });
  if (state.underWay.some(move => move.nodeUid === node.uid)) {
    return stays([reason('move-under-way', `Node ${node.name} is being replaced by an approved plan.`)]);
  }
  const own = forecasts.types.find(type => type.instanceType === node.instanceType);
  if (!isKnown(node) || !own || savedMicroUsdPerHour === undefined) return stays([unknownReason(node)], true);

  const paid = { ...node, priceMicroUsdPerHour: savedMicroUsdPerHour };
  const { candidates, unknownRisks } = spotCandidates(paid, own, occupancy, forecasts, policy);
  const fromSpot = node.capacityType === 'spot';
  const worthwhile = candidates.filter(({ cost }) => isWorthwhile(cost, fromSpot, policy));
  if (worthwhile.length === 0)
    return stays(
      [
        ...coverReason(node, savedMicroUsdPerHour),
        noMoveReason(node, candidates[0], unknownRisks.length, policy),
      ],
      false,
      unknownRisks,
    );
  const saving = worthwhile[0]?.cost.savingMicroUsdPerHour ?? null;
  const inventoryNode = state.inventory.nodes.find(one => one.uid === node.uid);
  const blockers = drainBlockers(node, inventoryNode, occupancy, state.inventory.budgets, policy);
  return {
    node,
    occupancy,
    worthwhile,
    reasons: blockers.map(blocker => ({ ...blocker, savesMicroUsdPerHour: saving })),
    isUnknown: false,
    unknownRisks,
    savedMicroUsdPerHour,
  };
}

/** Says that commitments pay for a node, where they do. */
function coverReason(node: KnownNode, savedMicroUsdPerHour: number): BlockReason[] {
  const list = Math.floor(node.priceMicroUsdPerHour);
  if (savedMicroUsdPerHour >= list) return [];
  const text = `Node ${node.name} lists at ${formatUsdPerHour(list)}; after Savings Plans, Reserved Instances and discounts only ${formatUsdPerHour(savedMicroUsdPerHour)} leaves the bill with it.`;
  return [reason('agreements', text)];
}

function isKnown(node: NodeView): node is KnownNode {
  return (
    isPrice(node.priceMicroUsdPerHour) &&
    node.instanceType !== null &&
    node.zone !== null &&
    node.region !== null &&
    node.arch !== null &&
    node.capacityType !== 'unknown'
  );
}

function unknownReason(node: NodeView): BlockReason {
  const missing = [
    ...(node.instanceType === null ? ['instance type'] : []),
    ...(node.zone === null ? ['zone'] : []),
    ...(node.region === null ? ['region'] : []),
    ...(node.arch === null ? ['architecture'] : []),
    ...(node.capacityType === 'unknown' ? ['capacity type (Spot or on-demand)'] : []),
    ...(isPrice(node.priceMicroUsdPerHour)
      ? []
      : [`price${node.priceUnknownReason === null ? '' : ` (${node.priceUnknownReason})`}`]),
  ];
  const text =
    missing.length > 0
      ? `Unknown of node ${node.name}: ${missing.join(', ')}. What is unknown is not acted on.`
      : `Instance type ${node.instanceType} of node ${node.name} is not in the catalog.`;
  return reason(missing.length > 0 ? 'unknown-price' : 'unknown-type', text);
}

function noMoveReason(
  node: KnownNode,
  best: SpotCandidate | undefined,
  unknownRisks: number,
  policy: DecisionPolicy,
): BlockReason {
  if (!best) {
    const risks =
      unknownRisks > 0 ? ` (${unknownRisks} more fit, but their interruption risk is unknown)` : '';
    return reason(
      'no-pool-fits',
      `No Spot pool with a known price in ${node.zone} holds what the pods of node ${node.name} request, and suits their node selectors${risks}.`,
    );
  }
  const { cost } = best;
  const share =
    node.capacityType === 'spot' ? policy.minimumSpotToSpotSavingShare : policy.minimumSavingShare;
  return {
    ...reason(
      'saving-too-small',
      cost.savingMicroUsdPerHour <= 0
        ? `Nothing cheaper: the best pool, ${best.type.instanceType} Spot in ${best.outlook.pool.availabilityZone}, would cost ${formatUsdPerHour(-cost.savingMicroUsdPerHour)} more.`
        : `The best move, to ${best.type.instanceType} Spot in ${best.outlook.pool.availabilityZone}, saves ${formatUsdPerHour(cost.savingMicroUsdPerHour)}; the policy wants at least ${Math.round(share * 100)} % and ${formatUsdPerHour(policy.minimumSavingMicroUsdPerHour)}, back within ${formatDuration(policy.maximumPaybackMs)}.`,
    ),
    savesMicroUsdPerHour: cost.savingMicroUsdPerHour > 0 ? cost.savingMicroUsdPerHour : null,
  };
}

function exposureReasons(entry: Considered, exposure: Exposure): BlockReason[] {
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

function propose(
  entry: Considered,
  chosen: SpotCandidate,
  state: DecisionState,
  owners: WorkloadOwners,
): Proposal {
  const { node, occupancy } = entry;
  const { outlook, cost, type, interruptionMaxPercentPerMonth } = chosen;
  const zone = outlook.pool.availabilityZone;
  return {
    title: `Replace ${shortName(node.name)} (${node.instanceType} ${node.capacityType}) by ${type.instanceType} Spot in ${zone}`,
    reasons: [
      ...(isKnown(node) ? coverReason(node, cost.nowMicroUsdPerHour) : []),
      ...moneyReasons(chosen),
      ...drainWarnings(occupancy, state.inventory.budgets, owners),
    ],
    node: {
      name: node.name,
      uid: node.uid,
      instanceType: node.instanceType ?? '',
      zone: node.zone ?? '',
      capacityType: node.capacityType,
      priceMicroUsdPerHour: cost.nowMicroUsdPerHour,
    },
    target: {
      instanceType: type.instanceType,
      zone,
      capacityType: 'spot',
      priceMicroUsdPerHour: Math.round(outlook.priceMicroUsdPerHour),
      predictedMicroUsdPerHour: Math.round(outlook.predictedMicroUsdPerHour),
      forecastBy: outlook.by,
      interruptionMaxPercentPerMonth,
    },
    cost,
    pods: occupancy.moving.map(pod => ({
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
      owner: owners.keyOf(pod),
    })),
  };
}

/** `ip-10-0-43-17` of `ip-10-0-43-17.ec2.internal`: the domain is the same for all nodes. */
function shortName(node: string): string {
  return node.split('.')[0] ?? node;
}

function moneyReasons({ cost, outlook, type, interruptionMaxPercentPerMonth }: SpotCandidate): Reason[] {
  const horizon = formatDuration(outlook.horizonHours * 3_600_000);
  const payback = cost.paybackMs === null ? '' : `, back after ${formatDuration(cost.paybackMs)}`;
  return [
    {
      code: 'saving',
      text: `Saves ${formatUsdPerHour(cost.savingMicroUsdPerHour)} (${formatUsdPerMonth(cost.savingMicroUsdPerHour)}): now ${formatUsdPerHour(cost.nowMicroUsdPerHour)}, then ${formatUsdPerHour(cost.afterMicroUsdPerHour)} and ${formatUsdPerHour(cost.riskMicroUsdPerHour)} for interruptions.`,
    },
    {
      code: 'forecast',
      text: `${type.instanceType} Spot costs ${formatUsdPerHour(outlook.priceMicroUsdPerHour)} now; for ${horizon} from now “${outlook.by}” expects ${formatUsdPerHour(outlook.predictedMicroUsdPerHour)}.`,
    },
    {
      code: 'interruption',
      text:
        outlook.interruptionSource === 'model'
          ? `${Number(interruptionMaxPercentPerMonth.toPrecision(3))} % of such nodes are expected to be interrupted in a month.`
          : `At most ${interruptionMaxPercentPerMonth} % of such nodes are interrupted in a month.`,
    },
    {
      code: 'switching',
      text: `Switching costs ${formatUsd(cost.switchingMicroUsd)} once${payback}.`,
    },
  ];
}

function placeOf({ outlook }: SpotCandidate): { instanceType: string; zone: string } {
  return { instanceType: outlook.pool.instanceType, zone: outlook.pool.availabilityZone };
}

function bestSaving({ worthwhile }: Considered): number {
  return worthwhile[0]?.cost.savingMicroUsdPerHour ?? 0;
}

function reason(code: string, text: string): BlockReason {
  return { code, object: null, text, unblock: null, savesMicroUsdPerHour: null };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
