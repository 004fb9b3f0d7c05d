import type { Kysely } from 'kysely';
import type { Migrations } from '../platform/index.ts';

/** Tables of this room. */
export interface ForecastTables {
  predictions: PredictionRow;
  prediction_inputs: InputRow;
  risk_predictions: RiskPredictionRow;
  spot_nodes: SpotNodeRow;
  forecast_runs: RunRow;
  forecast_failures: { model_id: string; at: number; message: string };
  drift_checks: { model_id: string; at: number; body: string };
  backtests: { job_id: string; model_id: string; ended_at: number; report: string; pools: string };
  availability_recordings: { sha256: string; kept_at: number; body: Uint8Array };
  judged_blocks: { judgement: string; start_ms: number; first_id: string; second_id: string; body: string };
}

export interface PredictionRow {
  model_id: string;
  pool: string;
  made_at: number;
  for_at: number;
  price_micro_usd: number;
  persistence_micro_usd: number;
  model_hash: string;
  feature_hash: string;
  /** When it was written; `null` for predictions older than this column. */
  stored_at: number | null;
  input_id: number | null;
  input_row: number | null;
  /** As `quantileText` writes them. */
  quantiles: string | null;
  /** 1 when the model gave them out of order; `null` without any. */
  quantiles_crossed: number | null;
}

/** A probability of interruption. */
export interface RiskPredictionRow {
  model_id: string;
  pool: string;
  made_at: number;
  for_at: number;
  probability: number;
  model_hash: string;
  feature_hash: string;
  stored_at: number;
  input_id: number;
  input_row: number;
}

/** A Spot node for as long as it was seen. */
export interface SpotNodeRow {
  cluster_id: string;
  node_uid: string;
  node_name: string;
  pool: string;
  first_seen_at: number;
  last_seen_at: number;
  /** When it was last seen, once it is gone. */
  ended_at: number | null;
  interrupted_at: number | null;
  /** When AWS last recommended to leave it. */
  rebalance_at: number | null;
}

interface InputRow {
  id: number;
  model_id: string;
  made_at: number;
  body: Uint8Array;
  /** As `dataHashOf` gives it; `null` for what is older than this column. */
  data_hash: string | null;
}

interface RunRow {
  model_id: string;
  ended_at: number;
  pools: number;
  predictions: number;
  message: string | null;
  evaluation: string | null;
  risk: string | null;
  compared_until: number | null;
}

export const forecastMigrations: Migrations = {
  '2026-11-23-predictions': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('predictions')
        .addColumn('model_id', 'text', column => column.notNull())
        .addColumn('pool', 'text', column => column.notNull())
        .addColumn('made_at', 'bigint', column => column.notNull())
        .addColumn('for_at', 'bigint', column => column.notNull())
        .addColumn('price_micro_usd', 'bigint', column => column.notNull())
        .addColumn('persistence_micro_usd', 'bigint', column => column.notNull())
        .addColumn('model_hash', 'text', column => column.notNull())
        .addColumn('feature_hash', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('predictions_key', ['model_id', 'pool', 'made_at'])
        .execute();
      await database.schema
        .createTable('forecast_runs')
        .addColumn('model_id', 'text', column => column.primaryKey())
        .addColumn('ended_at', 'bigint', column => column.notNull())
        .addColumn('pools', 'integer', column => column.notNull())
        .addColumn('predictions', 'integer', column => column.notNull())
        .addColumn('message', 'text')
        .addColumn('evaluation', 'text')
        .execute();
    },
  },
  '2026-11-25-prediction-inputs': {
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      await schema.alterTable('predictions').addColumn('stored_at', 'bigint').execute();
      await schema.alterTable('predictions').addColumn('input_id', 'bigint').execute();
      await schema.alterTable('predictions').addColumn('input_row', 'integer').execute();
      await schema
        .createTable('prediction_inputs')
        .addColumn('id', 'integer', column => column.primaryKey())
        .addColumn('model_id', 'text', column => column.notNull())
        .addColumn('made_at', 'bigint', column => column.notNull())
        // SQLite keeps bytes as they are under any type name; this one is PostgreSQL's.
        .addColumn('body', 'bytea', column => column.notNull())
        .execute();
      await schema
        .createIndex('prediction_inputs_by_time')
        .on('prediction_inputs')
        .columns(['made_at'])
        .execute();
      await schema
        .createTable('forecast_failures')
        .addColumn('model_id', 'text', column => column.notNull())
        .addColumn('at', 'bigint', column => column.notNull())
        .addColumn('message', 'text', column => column.notNull())
        .execute();
      await schema
        .createTable('drift_checks')
        .addColumn('model_id', 'text', column => column.primaryKey())
        .addColumn('at', 'bigint', column => column.notNull())
        .addColumn('body', 'text', column => column.notNull())
        .execute();
      await schema
        .createTable('judged_blocks')
        .addColumn('judgement', 'text', column => column.notNull())
        .addColumn('start_ms', 'bigint', column => column.notNull())
        .addColumn('first_id', 'text', column => column.notNull())
        .addColumn('second_id', 'text', column => column.notNull())
        .addColumn('body', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('judged_blocks_key', ['judgement', 'start_ms'])
        .execute();
    },
  },
  '2026-11-26-backtests': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('backtests')
        .addColumn('job_id', 'text', column => column.primaryKey())
        .addColumn('model_id', 'text', column => column.notNull())
        .addColumn('ended_at', 'bigint', column => column.notNull())
        .addColumn('report', 'text', column => column.notNull())
        .addColumn('pools', 'text', column => column.notNull())
        .execute();
    },
  },
  '2026-11-26-forecast-tasks': {
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      await schema.alterTable('predictions').addColumn('quantiles', 'text').execute();
      await schema.alterTable('predictions').addColumn('quantiles_crossed', 'integer').execute();
      await schema.alterTable('prediction_inputs').addColumn('data_hash', 'text').execute();
      await schema.alterTable('forecast_runs').addColumn('risk', 'text').execute();
      await schema.alterTable('forecast_runs').addColumn('compared_until', 'bigint').execute();
      await schema
        .createTable('risk_predictions')
        .addColumn('model_id', 'text', column => column.notNull())
        .addColumn('pool', 'text', column => column.notNull())
        .addColumn('made_at', 'bigint', column => column.notNull())
        .addColumn('for_at', 'bigint', column => column.notNull())
        .addColumn('probability', 'double precision', column => column.notNull())
        .addColumn('model_hash', 'text', column => column.notNull())
        .addColumn('feature_hash', 'text', column => column.notNull())
        .addColumn('stored_at', 'bigint', column => column.notNull())
        .addColumn('input_id', 'bigint', column => column.notNull())
        .addColumn('input_row', 'integer', column => column.notNull())
        .addPrimaryKeyConstraint('risk_predictions_key', ['model_id', 'pool', 'made_at'])
        .execute();
      await schema
        .createTable('spot_nodes')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('node_uid', 'text', column => column.notNull())
        .addColumn('node_name', 'text', column => column.notNull())
        .addColumn('pool', 'text', column => column.notNull())
        .addColumn('first_seen_at', 'bigint', column => column.notNull())
        .addColumn('last_seen_at', 'bigint', column => column.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('interrupted_at', 'bigint')
        .addPrimaryKeyConstraint('spot_nodes_key', ['cluster_id', 'node_uid'])
        .execute();
      await schema.createIndex('spot_nodes_by_time').on('spot_nodes').column('last_seen_at').execute();
    },
  },
  '2026-11-27-rebalances': {
    up: async (database: Kysely<unknown>) => {
      await database.schema.alterTable('spot_nodes').addColumn('rebalance_at', 'bigint').execute();
    },
  },
  '2026-11-27-recordings': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('availability_recordings')
        .addColumn('sha256', 'text', column => column.primaryKey())
        .addColumn('kept_at', 'bigint', column => column.notNull())
        .addColumn('body', 'bytea', column => column.notNull())
        .execute();
    },
  },
};
