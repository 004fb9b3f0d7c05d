import type { BlockedNode, CatalogType, NodeView } from '../../../../common/contracts/index.ts';
import { formatDuration, formatUsdPerHour, poolKey } from '../../../../common/units/index.ts';
import { drainBlockers } from '../../drain-blockers.ts';
import type { FleetBill } from '../../fleet-bill.ts';
import type { NodeOccupancy } from '../../node-occupancy.ts';
import { placeOfNode } from '../../policy/match-nodes.ts';
import { thresholdsFor } from '../../policy/pool-thresholds.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { DecisionForecasts, DecisionState } from '../engine.ts';
import { isPrice, isWorthwhile } from './expected-cost.ts';
import { type KnownNode, type SpotCandidate, spotCandidates } from './spot-candidates.ts';

export type BlockReason = BlockedNode['reasons'][number];

/** A node as a move would find it. */
export interface ConsideredNode {
  readonly node: NodeView;
  readonly occupancy: NodeOccupancy;
  /** Every Spot pool that its pods fit into; not looked for when something is unknown of the node. */
  readonly candidates: readonly SpotCandidate[];
  /** Those that pay, best first. */
  readonly worthwhile: readonly SpotCandidate[];
  /** Reasons against any move; empty when it may go. */
  readonly reasons: readonly BlockReason[];
  readonly isUnknown: boolean;
  readonly unknownRisks: readonly string[];
  /** What leaves the bill without the node. */
  readonly savedMicroUsdPerHour: number | undefined;
  /** With the thresholds of its pool. */
  readonly policy: DecisionPolicy;
}

/**
 * Looks at one node: where it could go, what pays, and what stands against any move.
 * @param inventoryNode the same node as its agent tells it
 */
export function considerNode(
  node: NodeView,
  inventoryNode: DecisionState['inventory']['nodes'][number] | undefined,
  occupancy: NodeOccupancy,
  state: DecisionState,
  forecasts: DecisionForecasts,
  common: DecisionPolicy,
  bill: FleetBill,
): ConsideredNode {
  const savedMicroUsdPerHour = bill.savedWithout(node);
  const policy = thresholdsFor(common, placeOfNode(node, inventoryNode?.labels));
  const stays = (
    reasons: BlockReason[],
    isUnknown = false,
    unknownRisks: readonly string[] = [],
    candidates: readonly SpotCandidate[] = [],
  ): ConsideredNode => ({
    node,
    occupancy,
    candidates,
    worthwhile: [],
    reasons,
    isUnknown,
    unknownRisks,
    savedMicroUsdPerHour,
    policy,
  });
  if (state.underWay.some(move => move.removes.includes(node.uid))) {
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
        ...avoidedReason(paid, own, occupancy, forecasts, policy),
        noMoveReason(node, candidates[0], unknownRisks.length, policy),
      ],
      false,
      unknownRisks,
      candidates,
    );
  const saving = worthwhile[0]?.cost.savingMicroUsdPerHour ?? null;
  const blockers = drainBlockers(node, inventoryNode, occupancy, state.inventory.budgets, policy);
  return {
    node,
    occupancy,
    candidates,
    worthwhile,
    reasons: blockers.map(blocker => ({ ...blocker, savesMicroUsdPerHour: saving })),
    isUnknown: false,
    unknownRisks,
    savedMicroUsdPerHour,
    policy,
  };
}

/** Says that a pool would pay that is avoided after repeated interruptions. */
function avoidedReason(
  node: KnownNode,
  own: CatalogType,
  occupancy: NodeOccupancy,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
): BlockReason[] {
  const { avoided } = forecasts;
  if (avoided === undefined || avoided.size === 0) return [];
  const pools = new Map([...avoided].map(([key, { outlook }]) => [key, outlook]));
  const { candidates } = spotCandidates(node, own, occupancy, { ...forecasts, pools }, policy);
  const best = candidates.find(({ cost }) => isWorthwhile(cost, node.capacityType === 'spot', policy));
  const trouble = best && avoided.get(poolKey(best.outlook.pool));
  if (!best || !trouble) return [];
  const saving = best.cost.savingMicroUsdPerHour;
  const taken = `${trouble.interruptions} ${trouble.interruptions === 1 ? 'node' : 'nodes'} there`;
  const text = `${best.type.instanceType} Spot in ${best.outlook.pool.availabilityZone} would save ${formatUsdPerHour(saving)}, but AWS took ${taken} away. It is used again in ${formatDuration(trouble.returnsInMs)}, if no other goes until then.`;
  return [{ ...reason('pool-avoided', text), savesMicroUsdPerHour: saving }];
}

/** Says that commitments pay for a node, where they do. */
export function coverReason(node: KnownNode, savedMicroUsdPerHour: number): BlockReason[] {
  const list = Math.floor(node.priceMicroUsdPerHour);
  if (savedMicroUsdPerHour >= list) return [];
  const text = `Node ${node.name} lists at ${formatUsdPerHour(list)}; after Savings Plans, Reserved Instances and discounts only ${formatUsdPerHour(savedMicroUsdPerHour)} leaves the bill with it.`;
  return [reason('agreements', text)];
}

export function isKnown(node: NodeView): node is KnownNode {
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

/** A reason that is about no one object and that nothing simple would lift. */
export function reason(code: string, text: string): BlockReason {
  return { code, object: null, text, unblock: null, savesMicroUsdPerHour: null };
}
