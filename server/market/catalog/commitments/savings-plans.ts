import { familyOf } from '../../../../common/units/index.ts';
import type { SavingsPlan } from './commitments.ts';
import { isFor } from './discounts.ts';
import type { CommitmentUse, OpenNode } from './node-cost.ts';

interface Pairing {
  readonly plan: SavingsPlan;
  readonly one: OpenNode;
  readonly rate: number;
  readonly listPrice: number;
}

/**
 * Lays Savings Plans of one kind over what is open of the nodes: the pairing of plan and node with the highest saving
 * against the list price first; of equal ones the lower rate. A node without a known list price has no saving that could be
 * ranked and is left out, and so is a rate that is no saving.
 * Rule: docs.aws.amazon.com/savingsplans/latest/userguide/sp-applying.html.
 */
export function applySavingsPlans(
  plans: readonly SavingsPlan[],
  nodes: readonly OpenNode[],
): CommitmentUse[] {
  const left = new Map(plans.map(plan => [plan, plan.commitmentMicroUsdPerHour]));
  for (const { plan, one, rate } of pairingsOf(plans, nodes)) {
    const rest = left.get(plan) ?? 0;
    if (one.openUnits <= 0 || rest <= 0) continue;
    const openShare = one.openUnits / one.units;
    const wanted = Math.floor(rate * openShare);
    const isWhole = wanted <= rest;
    const share = isWhole ? openShare : rest / rate;
    const microUsdPerHour = isWhole ? wanted : rest;
    one.openUnits = isWhole ? 0 : one.openUnits - share * one.units;
    left.set(plan, rest - microUsdPerHour);
    one.parts.push({ kind: 'savings-plan', commitmentId: plan.id, share, microUsdPerHour });
  }
  return plans.map(plan => {
    const unused = left.get(plan) ?? 0;
    return {
      id: plan.id,
      kind: 'savings-plan',
      committedMicroUsdPerHour: plan.commitmentMicroUsdPerHour,
      usedMicroUsdPerHour: plan.commitmentMicroUsdPerHour - unused,
      unusedMicroUsdPerHour: unused,
    };
  });
}

function pairingsOf(plans: readonly SavingsPlan[], nodes: readonly OpenNode[]): Pairing[] {
  const pairings: Pairing[] = [];
  for (const plan of plans) {
    for (const one of nodes) {
      const listPrice = one.node.priceMicroUsdPerHour;
      if (listPrice === undefined || one.openUnits <= 0 || !isEligible(plan, one)) continue;
      const rate = rateOf(plan, one, listPrice);
      if (rate !== undefined && rate < listPrice) pairings.push({ plan, one, rate, listPrice });
    }
  }
  // Cross-multiplied: the same order as of rate ÷ price, without its rounding. Array sort is stable.
  return pairings.sort((a, b) => a.rate * b.listPrice - b.rate * a.listPrice || a.rate - b.rate);
}

function isEligible(plan: SavingsPlan, { node }: OpenNode): boolean {
  return (
    (plan.region === null || plan.region === node.region) &&
    (plan.family === null || plan.family === familyOf(node.instanceType))
  );
}

/** Micro-USD per hour under a plan; `undefined` when its file has no rate for the node. */
function rateOf(plan: SavingsPlan, { node }: OpenNode, listPrice: number): number | undefined {
  const rate = plan.rates.find(one => isFor(one, node));
  if (rate === undefined) return undefined;
  return rate.microUsdPerHour ?? Math.round(listPrice * (1 - (rate.percent ?? 0) / 100));
}
