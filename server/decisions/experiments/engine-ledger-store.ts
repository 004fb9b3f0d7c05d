import type { Transaction } from 'kysely';
import type { EngineLedgerEntry } from '../../../common/contracts/index.ts';
import type { Database } from '../../platform/index.ts';
import type { EngineExperimentTables } from './experiment-tables.ts';

/** An entry before it has its number. */
export type NewLedgerEntry = Omit<EngineLedgerEntry, 'seq'>;

/** Adds entries to the ledger of engines, in the caller's commit. There is no way to change or remove one. */
export async function appendToLedger(
  transaction: Transaction<EngineExperimentTables>,
  entries: readonly NewLedgerEntry[],
): Promise<void> {
  const last = await transaction
    .selectFrom('decision_engine_ledger')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  for (const [index, { engineId, clusterId, experiment, ...entry }] of entries.entries())
    await transaction
      .insertInto('decision_engine_ledger')
      .values({
        ...entry,
        seq: (last?.seq ?? 0) + 1 + index,
        engine_id: engineId,
        cluster_id: clusterId,
        experiment: experiment && JSON.stringify(experiment),
      })
      .execute();
}

/** Entries of the ledger, newest first. @param before only those with a smaller number */
export async function readLedger(
  database: Database,
  { limit, before }: { limit: number; before?: number | undefined },
): Promise<EngineLedgerEntry[]> {
  let query = database
    .reader<EngineExperimentTables>()
    .selectFrom('decision_engine_ledger')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('seq', '<', before);
  return (await query.execute()).map(({ engine_id, cluster_id, experiment, at, ...entry }) => ({
    ...entry,
    at: Number(at),
    engineId: engine_id,
    clusterId: cluster_id,
    experiment:
      experiment === null ? null : (JSON.parse(experiment) as NonNullable<EngineLedgerEntry['experiment']>),
  }));
}
