import type { CommitmentsSummary } from '../../../../common/contracts/index.ts';
import { type Commitments, isInForce, type Term } from './commitments.ts';

/** Commitments as the API shows them; the totals are of those in force at `atMs`. */
export function summaryOfCommitments(commitments: Commitments, atMs: number): CommitmentsSummary {
  const { provenance, savingsPlans, reservedInstances, discounts } = commitments;
  const inForce = (term: Term) => isInForce(term, atMs);
  const plans = sumOf(savingsPlans.filter(inForce).map(plan => plan.commitmentMicroUsdPerHour));
  const reserved = sumOf(
    reservedInstances
      .filter(inForce)
      .map(({ count, effectiveMicroUsdPerHour }) => count * effectiveMicroUsdPerHour),
  );
  return {
    provenance,
    savingsPlans: savingsPlans.map(({ rates: _, ...plan }) => ({ ...plan, inForce: inForce(plan) })),
    reservedInstances: reservedInstances.map(instance => ({ ...instance, inForce: inForce(instance) })),
    discounts: [...discounts],
    totals: {
      savingsPlansMicroUsdPerHour: plans,
      reservedInstancesMicroUsdPerHour: reserved,
      committedMicroUsdPerHour: plans + reserved,
      notInForce: [...savingsPlans, ...reservedInstances].filter(term => !inForce(term)).length,
    },
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
