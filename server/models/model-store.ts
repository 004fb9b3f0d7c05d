import type { Transaction } from 'kysely';
import type { MadeWith, Model, ModelManifest } from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import type { ModelRow, ModelState, ModelTables } from './model-tables.ts';

/** A model as it is kept: without aliases and age, which follow from the ledger and the clock. */
export interface StoredModel extends Omit<Model, 'aliases' | 'gapDays' | 'verdict'> {}

/** What of a version may change after it was taken in. */
export interface ModelChange {
  readonly state?: ModelState;
  readonly coveredShare?: number;
  readonly reasons?: readonly string[];
  readonly notes?: string;
  readonly tags?: readonly string[];
}

/** Versions of models. */
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

  /** Changes a version, only while its state is one of `from` when that names any: an activation meanwhile is not undone. */
  async update(id: string, change: ModelChange, from: readonly ModelState[] = []): Promise<void> {
    await this.#database.write<ModelTables, void>(transaction => updateModel(transaction, id, change, from));
  }

  /**
   * Removes a version unless the ledger or an experiment names it.
   * @returns whether it was removed
   */
  async deleteUnreferenced(id: string): Promise<boolean> {
    return this.#database.write<ModelTables, boolean>(async transaction => {
      const activation = await transaction
        .selectFrom('model_activations')
        .select('seq')
        .where('model_id', '=', id)
        .limit(1)
        .executeTakeFirst();
      const experiment = await transaction
        .selectFrom('model_experiments')
        .select('id')
        .where(row => row.or([row('champion_id', '=', id), row('challenger_id', '=', id)]))
        .limit(1)
        .executeTakeFirst();
      if (activation || experiment) return false;
      await transaction.deleteFrom('models').where('id', '=', id).execute();
      return true;
    });
  }
}

/** The change within a transaction that has more to do. */
export async function updateModel(
  transaction: Transaction<ModelTables>,
  id: string,
  change: ModelChange,
  from: readonly ModelState[] = [],
): Promise<void> {
  const set: Partial<ModelRow> = {};
  if (change.state !== undefined) set.state = change.state;
  if (change.coveredShare !== undefined) set.covered_share = change.coveredShare;
  if (change.reasons !== undefined) set.reasons = JSON.stringify(change.reasons);
  if (change.notes !== undefined) set.notes = change.notes;
  if (change.tags !== undefined) set.tags = JSON.stringify(change.tags);
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
    madeWith: row.made_with === null ? null : (JSON.parse(row.made_with) as MadeWith),
    state: row.state,
    uploadedAt: Number(row.uploaded_at),
    trainedUntilMs: Number(row.trained_until),
    coveredShare: row.covered_share,
    manifest: JSON.parse(row.manifest) as ModelManifest,
    operators: JSON.parse(row.operators) as string[],
    reasons: JSON.parse(row.reasons) as string[],
    original: {
      sha256: row.original_sha256,
      bytes: Number(row.original_bytes),
      fileName: row.file_name,
    },
    notes: row.notes,
    tags: JSON.parse(row.tags) as string[],
  };
}

function rowFromModel(model: StoredModel): ModelRow {
  return {
    id: model.id,
    sha256: model.sha256,
    bytes: model.bytes,
    file_name: model.fileName,
    format: model.format,
    made_with: model.madeWith && JSON.stringify(model.madeWith),
    state: model.state,
    uploaded_at: model.uploadedAt,
    trained_until: model.trainedUntilMs,
    covered_share: model.coveredShare,
    manifest: JSON.stringify(model.manifest),
    operators: JSON.stringify(model.operators),
    reasons: JSON.stringify(model.reasons),
    original_sha256: model.original.sha256,
    original_bytes: model.original.bytes,
    notes: model.notes,
    tags: JSON.stringify(model.tags),
  };
}
