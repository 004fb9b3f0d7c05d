import type { Selectable, Transaction } from 'kysely';
import type { Engine, EngineChoice, EngineManifest } from '../../../common/contracts/index.ts';
import type { Database } from '../../platform/index.ts';
import type { DecisionTables, EngineChoiceRow, EngineRow } from '../decision-tables.ts';
import { appendToLedger } from '../experiments/engine-ledger-store.ts';

/** An uploaded engine. All but its state is as it was uploaded, for ever. */
export interface StoredEngine {
  readonly id: string;
  readonly manifest: EngineManifest;
  readonly file: NonNullable<Engine['file']>;
  readonly state: Engine['state'];
  readonly faultyReason: string | null;
}

/** What belongs to choices and is committed with them, or not at all. */
export type InSameCommit = (transaction: Transaction<DecisionTables>) => Promise<void>;

/** Uploaded engines, and which cluster uses which. */
export class EngineStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  async all(): Promise<StoredEngine[]> {
    const rows = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_engines')
      .selectAll()
      .orderBy('uploaded_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(engineFromRow);
  }

  /** @returns false when the name has this version already */
  insert({ id, manifest, file, state, faultyReason }: StoredEngine): Promise<boolean> {
    return this.#database.write<DecisionTables, boolean>(async transaction => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('decision_engines')
        .values({
          id,
          name: manifest.name,
          version: manifest.version,
          manifest: JSON.stringify(manifest),
          file: JSON.stringify(file),
          uploaded_at: file.uploadedAt,
          state,
          faulty_reason: faultyReason,
          faults: 0,
        })
        .onConflict(conflict => conflict.columns(['name', 'version']).doNothing())
        .executeTakeFirst();
      return Number(numInsertedOrUpdatedRows ?? 0) === 1;
    });
  }

  /** Counts a run that broke a cap, or forgets those before when it went well. @returns faults in a row */
  noteRun(id: string, isFault: boolean): Promise<number> {
    return this.#database.write<DecisionTables, number>(async transaction => {
      const row = await transaction
        .selectFrom('decision_engines')
        .select('faults')
        .where('id', '=', id)
        .executeTakeFirst();
      const faults = isFault ? (row?.faults ?? 0) + 1 : 0;
      if (faults !== row?.faults)
        await transaction.updateTable('decision_engines').set({ faults }).where('id', '=', id).execute();
      return faults;
    });
  }

  async setState(id: string, state: Engine['state'], reason: string | null): Promise<void> {
    await this.#database.write<DecisionTables, void>(async transaction => {
      await transaction
        .updateTable('decision_engines')
        .set({ state, faulty_reason: reason, faults: 0 })
        .where('id', '=', id)
        .execute();
    });
  }

  /** Removes an engine that no cluster and no running experiment uses. @returns whether it did */
  deleteUnused(id: string): Promise<boolean> {
    return this.#database.write<DecisionTables, boolean>(async transaction => {
      const { numDeletedRows } = await transaction
        .deleteFrom('decision_engines')
        .where('id', '=', id)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('decision_engine_choices').select('cluster_id').where('engine_id', '=', id))),
        )
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('decision_engine_experiments')
                .select('decision_engine_experiments.id')
                .where('ended_at', 'is', null)
                .where(({ or, eb }) => or([eb('champion_id', '=', id), eb('challenger_id', '=', id)])),
            ),
          ),
        )
        .executeTakeFirst();
      return Number(numDeletedRows) === 1;
    });
  }

  async choices(): Promise<EngineChoice[]> {
    const rows = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_engine_choices')
      .selectAll()
      .orderBy('cluster_id')
      .execute();
    return rows.map(choiceFromRow);
  }

  /** Sets the engines of clusters and says so in the ledger, in one commit. */
  async choose(choices: readonly EngineChoice[], alongside?: InSameCommit): Promise<void> {
    await this.#database.write<DecisionTables, void>(async transaction => {
      for (const { clusterId, engineId, parameters, changedAt, changedBy } of choices) {
        const changed = {
          engine_id: engineId,
          parameters: JSON.stringify(parameters),
          changed_at: changedAt,
          changed_by: changedBy,
        };
        await transaction
          .insertInto('decision_engine_choices')
          .values({ cluster_id: clusterId, ...changed })
          .onConflict(conflict => conflict.column('cluster_id').doUpdateSet(changed))
          .execute();
        await appendToLedger(transaction, [
          {
            at: changedAt,
            kind: 'chosen',
            engineId,
            clusterId,
            actor: changedBy,
            reason: null,
            experiment: null,
          },
        ]);
      }
      await alongside?.(transaction);
    });
  }
}

function engineFromRow(row: Selectable<EngineRow>): StoredEngine {
  return {
    id: row.id,
    manifest: JSON.parse(row.manifest) as EngineManifest,
    file: JSON.parse(row.file) as StoredEngine['file'],
    state: row.state,
    faultyReason: row.faulty_reason,
  };
}

function choiceFromRow(row: Selectable<EngineChoiceRow>): EngineChoice {
  return {
    clusterId: row.cluster_id,
    engineId: row.engine_id,
    parameters: JSON.parse(row.parameters) as EngineChoice['parameters'],
    changedAt: Number(row.changed_at),
    changedBy: row.changed_by,
  };
}
