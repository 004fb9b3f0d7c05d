import type { LedgerEntry, ModelTask } from './model-store.ts';

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
