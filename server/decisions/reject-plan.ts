import type { Plan } from '../../common/contracts/index.ts';
import { planInState } from './approve-plan.ts';
import type { PlanActor, PlanJournal } from './plan-journal.ts';
import type { PlanStore } from './plan-store.ts';

/**
 * Rejects a proposed plan; nothing happens to its node.
 * @throws AppError `resource.not-found`, `plan.wrong-state`
 */
export async function rejectPlan(
  parts: { readonly store: PlanStore; readonly journal: PlanJournal },
  planId: string,
  actor: PlanActor,
  comment?: string,
): Promise<Plan> {
  await planInState(parts.store, planId, ['proposed'], 'rejected');
  const rejected = await parts.journal.change(planId, {
    from: ['proposed'],
    actor,
    action: 'plan.rejected',
    apply: one => ({
      ...one,
      state: 'rejected',
      outcome: `Rejected by ${actor.label}${comment ? `: ${comment}` : ''}.`,
    }),
  });
  return rejected ?? planInState(parts.store, planId, [], 'rejected');
}
