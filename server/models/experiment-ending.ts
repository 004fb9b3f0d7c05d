import type { Experiment } from '../../common/contracts/index.ts';
import { runningExperiment } from './activation-ledger.ts';
import type { LedgerEffects, LedgerEntry, NewLedgerEntry } from './activation-store.ts';
import type { ModelTask } from './model-tables.ts';

/**
 * What ends the running experiment of a task, if there is one, as part of a larger step.
 * @param how.promotedId the model that becomes champion: when it is the challenger, the outcome is that it was promoted
 */
export function endingOf(
  ledger: readonly LedgerEntry[],
  task: ModelTask,
  at: number,
  how: Pick<Experiment, 'outcome' | 'endedBy' | 'endReason'> & { readonly promotedId?: string },
): { readonly entries: readonly NewLedgerEntry[]; readonly effects: LedgerEffects } {
  const running = runningExperiment(task, ledger);
  if (!running) return { entries: [], effects: {} };
  const { promotedId, outcome, endedBy, endReason } = how;
  const entry: NewLedgerEntry = {
    at,
    task,
    modelId: running.challengerId,
    alias: 'challenger',
    kind: 'experiment-ended',
    actor: endedBy ?? 'engine',
    reason: endReason,
    rule: running.rule,
  };
  const ends = {
    id: running.rule.experimentId,
    endedAt: at,
    endedBy,
    outcome: promotedId === running.challengerId ? ('promoted' as const) : outcome,
    endReason,
  };
  return { entries: [entry], effects: { ends } };
}
