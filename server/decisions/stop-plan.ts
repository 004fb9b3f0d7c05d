import type { Plan } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { planInState } from './approve-plan.ts';
import type { Executor } from './execute-plan.ts';
import type { PlanActor, PlanJournal } from './plan-journal.ts';
import { isUndo } from './plan-progress.ts';
import type { PlanStore } from './plan-store.ts';

/**
 * Stops a plan. One that waits for its turn is stopped at once; one that runs is cancelled at a safe place, and its node
 * uncordoned where it still stands. A delete that the agent already has is not taken back.
 * @throws AppError `resource.not-found`, `plan.wrong-state`
 */
export async function stopPlan(
  parts: {
    readonly store: PlanStore;
    readonly journal: PlanJournal;
    readonly executor: Pick<Executor, 'cancelSteps'>;
  },
  planId: string,
  actor: PlanActor,
  comment?: string,
): Promise<Plan> {
  const { store, journal, executor } = parts;
  const plan = await planInState(store, planId, ['approved', 'running'], 'stopped');
  if (plan.steps.some(isUndo)) {
    throw new AppError('plan.wrong-state', `Plan ${planId} failed and is being undone; it ends by itself.`);
  }
  const stopped = await journal.change(planId, {
    from: ['approved', 'running'],
    actor,
    action: 'plan.stop-ordered',
    detail: { comment: comment ?? null },
    apply: one =>
      one.state === 'approved'
        ? {
            ...one,
            state: 'stopped',
            outcome: `Stopped by ${actor.label} before it began. Nothing was changed.`,
          }
        : { ...one, state: 'stopping' },
  });
  if (!stopped) return planInState(store, planId, [], 'stopped');
  if (stopped.state === 'stopping') await executor.cancelSteps(stopped);
  return stopped;
}
