import { familyOf, quarterUnitsOf } from '../../../../common/units/index.ts';
import { type Commitments, isInForce, type ReservedInstance } from './commitments.ts';
import { discountFor } from './discounts.ts';
import type {
  AppliedCommitments,
  CommitmentUse,
  CostPart,
  NodeCost,
  OpenNode,
  PricedNode,
} from './node-cost.ts';
import { applySavingsPlans } from './savings-plans.ts';

/**
 * Lays commitments over the nodes that run in one hour, in the order of AWS: zonal Reserved Instances, regional ones
 * (size-flexible ones from the smallest instance to the largest), EC2 Instance Savings Plans, Compute Savings Plans; the rest
 * is charged on demand, less the discount agreed. Spot nodes take part in none of it but their own discount.
 * Rules: docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html and docs.aws.amazon.com/savingsplans/latest/userguide/sp-applying.html.
 * AWS does not say which of equal nodes is served first; here it is the first in the list. Parts are rounded to whole
 * micro-USD, so a node may cost one more for each of its parts than the exact sum.
 * @param atMs commitments that are not in force then are left out
 */
export function applyCommitments(
  nodes: readonly PricedNode[],
  commitments: Commitments,
  atMs: number,
): AppliedCommitments {
  const open = nodes.map((node): OpenNode => {
    const units = quarterUnitsOf(node.instanceType) ?? 1;
    return { node, units, openUnits: units, parts: [] };
  });
  const onDemand = open.filter(({ node }) => node.capacityType === 'on-demand');
  const reserved = commitments.reservedInstances.filter(instance => isInForce(instance, atMs));
  const uses: CommitmentUse[] = [];
  const zonalFirst = [
    ...reserved.filter(({ zone }) => zone !== null),
    ...reserved.filter(({ zone, sizeFlexible }) => zone === null && !sizeFlexible),
    ...reserved.filter(({ zone, sizeFlexible }) => zone === null && sizeFlexible),
  ];
  for (const instance of zonalFirst) uses.push(applyReserved(instance, onDemand));
  const plans = commitments.savingsPlans.filter(plan => isInForce(plan, atMs));
  for (const kind of ['ec2-instance', 'compute'] as const) {
    uses.push(
      ...applySavingsPlans(
        plans.filter(plan => plan.kind === kind),
        onDemand,
      ),
    );
  }
  let beyond = 0;
  const costs = open.map((one): NodeCost => {
    const rest = restOf(one, commitments);
    const parts = rest === undefined ? one.parts : [...one.parts, ...rest];
    if (rest === undefined) return { id: one.node.id, microUsdPerHour: undefined, parts };
    beyond += sumOf(rest.map(part => part.microUsdPerHour));
    return { id: one.node.id, microUsdPerHour: sumOf(parts.map(part => part.microUsdPerHour)), parts };
  });
  return {
    nodes: costs,
    uses,
    beyondMicroUsdPerHour: beyond,
    totalMicroUsdPerHour: beyond + sumOf(uses.map(use => use.committedMicroUsdPerHour)),
    unknownNodes: costs.filter(cost => cost.microUsdPerHour === undefined).map(cost => cost.id),
  };
}

function applyReserved(instance: ReservedInstance, nodes: readonly OpenNode[]): CommitmentUse {
  const { id, count, sizeFlexible, effectiveMicroUsdPerHour } = instance;
  const committed = count * effectiveMicroUsdPerHour;
  const unitsOfOne = quarterUnitsOf(instance.instanceType) ?? 1;
  const total = count * unitsOfOne;
  let used = 0;
  const charge = (one: OpenNode, units: number) => {
    // Both ends are rounded, not the difference: the charges then add up to what is committed.
    const before = Math.round((committed * used) / total);
    used += units;
    one.openUnits -= units;
    const microUsdPerHour = Math.round((committed * used) / total) - before;
    one.parts.push({
      kind: 'reserved-instance',
      commitmentId: id,
      share: units / one.units,
      microUsdPerHour,
    });
  };
  for (const one of candidatesFor(instance, nodes)) {
    if (used >= total) break;
    if (sizeFlexible) charge(one, Math.min(one.openUnits, total - used));
    else if (one.openUnits === one.units) charge(one, one.units);
  }
  const usedMicroUsd = total === 0 ? 0 : Math.round((committed * used) / total);
  return {
    id,
    kind: 'reserved-instance',
    committedMicroUsdPerHour: committed,
    usedMicroUsdPerHour: usedMicroUsd,
    unusedMicroUsdPerHour: committed - usedMicroUsd,
  };
}

function candidatesFor(instance: ReservedInstance, nodes: readonly OpenNode[]): OpenNode[] {
  const { instanceType, region, zone, product, sizeFlexible } = instance;
  const family = familyOf(instanceType);
  const fitting = nodes.filter(
    ({ node, openUnits }) =>
      openUnits > 0 &&
      node.region === region &&
      node.product === product &&
      (zone === null || node.zone === zone) &&
      (sizeFlexible
        ? familyOf(node.instanceType) === family && quarterUnitsOf(node.instanceType) !== undefined
        : node.instanceType === instanceType),
  );
  return sizeFlexible ? fitting.sort((a, b) => a.units - b.units) : fitting;
}

/** What is paid for the part of a node's hour that no commitment covers; `undefined` when its price is unknown. */
function restOf({ node, units, openUnits }: OpenNode, commitments: Commitments): CostPart[] | undefined {
  if (openUnits <= 0) return [];
  if (node.priceMicroUsdPerHour === undefined) return undefined;
  const discount = discountFor(node, commitments.discounts);
  const share = openUnits / units;
  const price = node.priceMicroUsdPerHour * (1 - (discount?.percent ?? 0) / 100);
  return [
    {
      kind: node.capacityType,
      commitmentId: discount?.id ?? null,
      share,
      microUsdPerHour: Math.round(price * share),
    },
  ];
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
