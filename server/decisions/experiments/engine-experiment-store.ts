import type { Selectable, Transaction } from 'kysely';
import type { EngineExperiment, EngineLedgerEntry } from '../../../common/contracts/index.ts';
import type { Database } from '../../platform/index.ts';
import { appendToLedger, readLedger } from './engine-ledger-store.ts';
import type { EngineExperimentRow, EngineExperimentTables } from './experiment-tables.ts';

type InTransaction = Transaction<EngineExperimentTables>;

/** How an experiment ended. */
export type ExperimentEnd = Pick<EngineExperiment, 'endedBy' | 'endReason'> & {
  readonly outcome: Exclude<EngineExperiment['outcome'], 'running'>;
  readonly endedAt: number;
};

/** Experiments between engines; their begin and end are in the ledger by the same commit. */
export class EngineExperimentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  async all(): Promise<EngineExperiment[]> {
    const rows = await this.#database
      .reader<EngineExperimentTables>()
      .selectFrom('decision_engine_experiments')
      .selectAll()
      .orderBy('started_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(experimentFromRow);
  }

  /** The one that has not ended, if any. */
  async running(): Promise<EngineExperiment | undefined> {
    const row = await this.#database
      .reader<EngineExperimentTables>()
      .selectFrom('decision_engine_experiments')
      .selectAll()
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return row && experimentFromRow(row);
  }

  /** Begins an experiment; `false` when another one runs. */
  start(experiment: EngineExperiment): Promise<boolean> {
    return this.#database.write<EngineExperimentTables, boolean>(async transaction => {
      const running = await transaction
        .selectFrom('decision_engine_experiments')
        .select('id')
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (running) return false;
      await transaction
        .insertInto('decision_engine_experiments')
        .values(rowFromExperiment(experiment))
        .execute();
      const { startedAt, startedBy } = experiment;
      await appendToLedger(transaction, [
        {
          ...entryOf(experiment),
          at: startedAt,
          kind: 'experiment-started',
          actor: startedBy,
          reason: null,
        },
      ]);
      return true;
    });
  }

  /** Ends an experiment that runs; `undefined` when it had ended already. */
  end(experiment: EngineExperiment, how: ExperimentEnd): Promise<EngineExperiment | undefined> {
    return this.#database.write<EngineExperimentTables, EngineExperiment | undefined>(transaction =>
      this.endIn(transaction, experiment, how),
    );
  }

  /** The same in the caller's commit. */
  async endIn(
    transaction: InTransaction,
    experiment: EngineExperiment,
    how: ExperimentEnd,
  ): Promise<EngineExperiment | undefined> {
    const { outcome, endedAt, endedBy, endReason } = how;
    const { numUpdatedRows } = await transaction
      .updateTable('decision_engine_experiments')
      .set({ outcome, ended_at: endedAt, ended_by: endedBy, end_reason: endReason })
      .where('id', '=', experiment.id)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    if (Number(numUpdatedRows) !== 1) return undefined;
    await appendToLedger(transaction, [
      {
        ...entryOf(experiment),
        at: endedAt,
        kind: 'experiment-ended',
        actor: endedBy ?? 'engine',
        reason: endReason ?? outcome,
      },
    ]);
    return { ...experiment, ...how };
  }

  /** See `readLedger`. */
  ledger(page: { limit: number; before?: number | undefined }): Promise<EngineLedgerEntry[]> {
    return readLedger(this.#database, page);
  }
}

function entryOf({ championId, challengerId, rule }: EngineExperiment) {
  return { engineId: challengerId, clusterId: null, experiment: { championId, rule } };
}

function rowFromExperiment(experiment: EngineExperiment): EngineExperimentRow {
  return {
    id: experiment.id,
    champion_id: experiment.championId,
    challenger_id: experiment.challengerId,
    champion_name: experiment.championName,
    challenger_name: experiment.challengerName,
    challenger_parameters: JSON.stringify(experiment.challengerParameters),
    rule: JSON.stringify(experiment.rule),
    alpha: experiment.alpha,
    guardrails: JSON.stringify(experiment.guardrails),
    started_at: experiment.startedAt,
    started_by: experiment.startedBy,
    ended_at: experiment.endedAt,
    ended_by: experiment.endedBy,
    outcome: experiment.outcome,
    end_reason: experiment.endReason,
  };
}

function experimentFromRow(row: Selectable<EngineExperimentRow>): EngineExperiment {
  return {
    id: row.id,
    championId: row.champion_id,
    challengerId: row.challenger_id,
    championName: row.champion_name,
    challengerName: row.challenger_name,
    challengerParameters: JSON.parse(row.challenger_parameters) as EngineExperiment['challengerParameters'],
    rule: JSON.parse(row.rule) as EngineExperiment['rule'],
    alpha: row.alpha,
    guardrails: JSON.parse(row.guardrails) as EngineExperiment['guardrails'],
    startedAt: Number(row.started_at),
    startedBy: row.started_by,
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    endedBy: row.ended_by,
    outcome: row.outcome,
    endReason: row.end_reason,
  };
}
