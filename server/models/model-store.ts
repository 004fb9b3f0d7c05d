import type { Kysely, Transaction } from 'kysely';
import type { ActivationEntry, Model, ModelManifest } from '../../common/contracts/index.ts';
import type { Database, Migrations } from '../platform/index.ts';

export type ModelState = Model['state'];
export type ModelTask = ModelManifest['task'];

interface ModelRow {
  id: string;
  sha256: string;
  bytes: number;
  file_name: string;
  format: string;
  state: ModelState;
  uploaded_at: number;
  trained_until: number;
  covered_share: number;
  manifest: string;
  operators: string;
  reasons: string;
}

interface ActivationRow {
  seq: number;
  at: number;
  task: ModelTask;
  model_id: string;
  alias: ActivationEntry['alias'];
  kind: ActivationEntry['kind'];
  actor: string;
}

interface ModelTables {
  models: ModelRow;
  model_activations: ActivationRow;
}

export const modelMigrations: Migrations = {
  '2026-11-23-models': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('models')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('sha256', 'text', column => column.notNull())
        .addColumn('bytes', 'bigint', column => column.notNull())
        .addColumn('file_name', 'text', column => column.notNull())
        .addColumn('format', 'text', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('uploaded_at', 'bigint', column => column.notNull())
        .addColumn('trained_until', 'bigint', column => column.notNull())
        .addColumn('covered_share', 'double precision', column => column.notNull())
        .addColumn('manifest', 'text', column => column.notNull())
        .addColumn('operators', 'text', column => column.notNull())
        .addColumn('reasons', 'text', column => column.notNull())
        .execute();
      await database.schema
        .createTable('model_activations')
        .addColumn('seq', 'integer', column => column.primaryKey())
        .addColumn('at', 'bigint', column => column.notNull())
        .addColumn('task', 'text', column => column.notNull())
        .addColumn('model_id', 'text', column => column.notNull().references('models.id'))
        .addColumn('alias', 'text', column => column.notNull())
        .addColumn('kind', 'text', column => column.notNull())
        .addColumn('actor', 'text', column => column.notNull())
        .execute();
    },
  },
};

/** A model as it is kept: without aliases and age, which follow from the ledger and the clock. */
export interface StoredModel extends Omit<Model, 'aliases' | 'gapDays' | 'verdict'> {}

/** An entry of the ledger together with the task it is about. */
export interface LedgerEntry extends ActivationEntry {
  readonly task: ModelTask;
}

/** Models and the ledger of activations, which only grows. */
export class ModelStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  async all(): Promise<StoredModel[]> {
    const rows = await this.#database
      .reader<ModelTables>()
      .selectFrom('models')
      .selectAll()
      .orderBy('uploaded_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(modelFromRow);
  }

  async get(id: string): Promise<StoredModel | undefined> {
    const row = await this.#database
      .reader<ModelTables>()
      .selectFrom('models')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && modelFromRow(row);
  }

  async insert(model: StoredModel): Promise<void> {
    await this.#database.write<ModelTables, void>(async transaction => {
      await transaction.insertInto('models').values(rowFromModel(model)).execute();
    });
  }

  /** Changes state and coverage, only while the state is one of `from`: an activation meanwhile is not undone. */
  async update(
    id: string,
    change: { state?: ModelState; coveredShare?: number; reasons?: readonly string[] },
    from: readonly ModelState[],
  ): Promise<void> {
    await this.#database.write<ModelTables, void>(transaction => updateIn(transaction, id, change, from));
  }

  /** Oldest first. */
  async ledger(): Promise<LedgerEntry[]> {
    const rows = await this.#database
      .reader<ModelTables>()
      .selectFrom('model_activations')
      .selectAll()
      .orderBy('seq')
      .execute();
    return rows.map(({ model_id, ...row }) => ({ ...row, modelId: model_id }));
  }

  /** Appends to the ledger and sets the states that follow from it, in one transaction. */
  async appendToLedger(
    entry: Omit<LedgerEntry, 'seq'>,
    states: readonly { readonly id: string; readonly state: ModelState }[],
  ): Promise<void> {
    await this.#database.write<ModelTables, void>(async transaction => {
      const last = await transaction
        .selectFrom('model_activations')
        .select('seq')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      const { modelId, ...rest } = entry;
      await transaction
        .insertInto('model_activations')
        .values({ ...rest, model_id: modelId, seq: (last?.seq ?? 0) + 1 })
        .execute();
      for (const { id, state } of states) await updateIn(transaction, id, { state }, []);
    });
  }
}

async function updateIn(
  transaction: Transaction<ModelTables>,
  id: string,
  change: { state?: ModelState; coveredShare?: number; reasons?: readonly string[] },
  from: readonly ModelState[],
): Promise<void> {
  const set: Partial<ModelRow> = {};
  if (change.state !== undefined) set.state = change.state;
  if (change.coveredShare !== undefined) set.covered_share = change.coveredShare;
  if (change.reasons !== undefined) set.reasons = JSON.stringify(change.reasons);
  if (Object.keys(set).length === 0) return;
  let query = transaction.updateTable('models').set(set).where('id', '=', id);
  if (from.length > 0) query = query.where('state', 'in', [...from]);
  await query.execute();
}

function modelFromRow(row: ModelRow): StoredModel {
  return {
    id: row.id,
    sha256: row.sha256,
    bytes: Number(row.bytes),
    fileName: row.file_name,
    format: row.format,
    state: row.state,
    uploadedAt: Number(row.uploaded_at),
    trainedUntilMs: Number(row.trained_until),
    coveredShare: row.covered_share,
    manifest: JSON.parse(row.manifest) as ModelManifest,
    operators: JSON.parse(row.operators) as string[],
    reasons: JSON.parse(row.reasons) as string[],
  };
}

function rowFromModel(model: StoredModel): ModelRow {
  return {
    id: model.id,
    sha256: model.sha256,
    bytes: model.bytes,
    file_name: model.fileName,
    format: model.format,
    state: model.state,
    uploaded_at: model.uploadedAt,
    trained_until: model.trainedUntilMs,
    covered_share: model.coveredShare,
    manifest: JSON.stringify(model.manifest),
    operators: JSON.stringify(model.operators),
    reasons: JSON.stringify(model.reasons),
  };
}
