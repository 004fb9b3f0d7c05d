import type { ActiveModel, AssignmentRule } from '../../common/contracts/index.ts';
import type { LedgerEntry } from './activation-store.ts';
import { assignArm, type ForecastSubject } from './assign-arm.ts';
import type { ModelTask } from './model-tables.ts';

/** Champions of a task in the order they were made, as of now: the last one serves, the one before is what a rollback makes serve. */
export function championsOf(task: ModelTask, ledger: readonly LedgerEntry[]): readonly string[] {
  const champions: string[] = [];
  for (const entry of ledger) {
    if (entry.task !== task || entry.alias !== 'champion') continue;
    if (entry.kind === 'activated') champions.push(entry.modelId);
    // Where it rolled back to is on the list already: what came after it is taken off.
    else if (entry.kind === 'rolled-back') champions.length = champions.lastIndexOf(entry.modelId) + 1;
    else champions.splice(0, champions.length, ...champions.filter(id => id !== entry.modelId));
  }
  return champions;
}

/** The experiment of a task that has not ended yet. */
export function runningExperiment(
  task: ModelTask,
  ledger: readonly LedgerEntry[],
): { readonly challengerId: string; readonly rule: AssignmentRule; readonly seq: number } | undefined {
  const last = ledger.findLast(entry => entry.task === task && entry.rule !== null);
  return last?.kind === 'experiment-started' && last.rule
    ? { challengerId: last.modelId, rule: last.rule, seq: last.seq }
    : undefined;
}

/**
 * Which model answered for a subject at a time. Entries later than that time change nothing of the answer.
 * @param ledger entries of every task, oldest first
 * @param subject `undefined` asks for the champion, whoever is served by a challenger
 */
export function activeAt(
  task: ModelTask,
  ledger: readonly LedgerEntry[],
  subject: ForecastSubject | undefined,
  atMs: number,
): ActiveModel {
  const past = ledger.filter(entry => entry.task === task && entry.at <= atMs);
  const champion = championsOf(task, past).at(-1);
  const running = runningExperiment(task, past);
  if (running && subject && assignArm(running.rule, subject) === 'challenger') {
    const { challengerId, rule, seq } = running;
    return {
      at: atMs,
      task,
      modelId: challengerId,
      alias: 'challenger',
      experimentId: rule.experimentId,
      seq,
    };
  }
  return {
    at: atMs,
    task,
    modelId: champion ?? null,
    alias: champion === undefined ? null : 'champion',
    experimentId: running?.rule.experimentId ?? null,
    seq: past.findLast(entry => entry.alias === 'champion')?.seq ?? null,
  };
}
