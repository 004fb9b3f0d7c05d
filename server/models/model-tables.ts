import type { Kysely } from 'kysely';
import type { ActivationEntry, Experiment, Model, ModelManifest } from '../../common/contracts/index.ts';
import type { Migrations } from '../platform/index.ts';

export type ModelState = Model['state'];
export type ModelTask = ModelManifest['task'];

export interface ModelRow {
  id: string;
  sha256: string;
  bytes: number;
  file_name: string;
  format: string;
  /** JSON; of versions from before it was kept, and of ONNX files: null. */
  made_with: string | null;
  state: ModelState;
  uploaded_at: number;
  trained_until: number;
  covered_share: number;
  manifest: string;
  operators: string;
  reasons: string;
  original_sha256: string;
  original_bytes: number;
  notes: string;
  tags: string;
}

export interface ActivationRow {
  seq: number;
  at: number;
  task: ModelTask;
  model_id: string;
  alias: ActivationEntry['alias'];
  kind: ActivationEntry['kind'];
  actor: string;
  reason: string | null;
  rule: string | null;
}

export interface ExperimentRow {
  id: string;
  task: ModelTask;
  champion_id: string;
  challenger_id: string;
  rule: string;
  alpha: number;
  guardrails: string;
  started_at: number;
  started_by: string;
  ended_at: number | null;
  ended_by: string | null;
  outcome: Experiment['outcome'];
  end_reason: string | null;
}

export interface ModelTables {
  models: ModelRow;
  model_activations: ActivationRow;
  model_experiments: ExperimentRow;
}

export const modelMigrations: Migrations = {
  '2026-11-23-models': { up: createRegistry },
  '2026-11-25-model-registry': { up: addOriginalsAndExperiments },
  '2026-11-26-model-made-with': {
    up: async database => {
      await database.schema.alterTable('models').addColumn('made_with', 'text').execute();
    },
  },
};

async function createRegistry(database: Kysely<unknown>): Promise<void> {
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
}

async function addOriginalsAndExperiments(database: Kysely<unknown>): Promise<void> {
  const models = database.schema.alterTable('models');
  // Of models from before, only what runs was kept: it stands for the original.
  await models.addColumn('original_sha256', 'text', column => column.notNull().defaultTo('')).execute();
  await models.addColumn('original_bytes', 'bigint', column => column.notNull().defaultTo(0)).execute();
  await models.addColumn('notes', 'text', column => column.notNull().defaultTo('')).execute();
  await models.addColumn('tags', 'text', column => column.notNull().defaultTo('[]')).execute();
  await (database as Kysely<ModelTables>)
    .updateTable('models')
    .set(row => ({ original_sha256: row.ref('sha256'), original_bytes: row.ref('bytes') }))
    .execute();
  const activations = database.schema.alterTable('model_activations');
  await activations.addColumn('reason', 'text').execute();
  await activations.addColumn('rule', 'text').execute();
  await database.schema
    .createTable('model_experiments')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('task', 'text', column => column.notNull())
    .addColumn('champion_id', 'text', column => column.notNull().references('models.id'))
    .addColumn('challenger_id', 'text', column => column.notNull().references('models.id'))
    .addColumn('rule', 'text', column => column.notNull())
    .addColumn('alpha', 'double precision', column => column.notNull())
    .addColumn('guardrails', 'text', column => column.notNull())
    .addColumn('started_at', 'bigint', column => column.notNull())
    .addColumn('started_by', 'text', column => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_by', 'text')
    .addColumn('outcome', 'text', column => column.notNull())
    .addColumn('end_reason', 'text')
    .execute();
}
