import type { KillSwitch, Plan } from '../../../common/contracts/index.ts';
import type { Executor } from '../execute-plan.ts';
import type { PlanJournal } from '../plan-journal.ts';
import { isUndo } from '../plan-progress.ts';
import type { PlanStore } from '../plan-store.ts';
import { stopPlan } from '../stop-plan.ts';
import type { PlanGuard } from './plan-guard.ts';

/** Plans that a thrown kill switch ends: those that wait for their turn, and those that run and are not on their way back already. */
function plansToEnd(plans: readonly Plan[], killSwitches: readonly KillSwitch[]): Plan[] {
  if (!killSwitches.some(({ on }) => on)) return [];
  return plans.filter(
    ({ state, steps }) => (state === 'approved' || state === 'running') && !steps.some(isUndo),
  );
}

/**
 * Ends what a kill switch is on for: plans that wait are stopped, what runs is stopped after its safe step and its nodes uncordoned. Asked
 * at each look at a cluster, so that a switch thrown while this engine was down, or at another one, counts, too.
 */
export async function endForKillSwitch(
  parts: {
    readonly store: PlanStore;
    readonly journal: PlanJournal;
    readonly guard: PlanGuard;
    readonly executor: Pick<Executor, 'cancelSteps'>;
  },
  clusterId: string,
): Promise<void> {
  const killSwitches = await parts.guard.killSwitches(clusterId);
  const [thrown] = killSwitches;
  if (!thrown) return;
  const open = await parts.store.plansIn(['approved', 'running'], clusterId);
  for (const plan of plansToEnd(open, killSwitches)) {
    const actor = { id: 'kill-switch', label: `the kill switch (${thrown.by ?? 'unknown'})` };
    await stopPlan(parts, plan.id, actor, thrown.reason ?? undefined).catch((error: unknown) => {
      // It ended or began to undo itself meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'plan.wrong-state')) throw error;
    });
  }
}
