import type { Kysely } from 'kysely';
import type { Evaluation } from '../../common/contracts/index.ts';
import type { PoolKey } from '../../common/units/index.ts';
import type { Database, Migrations } from '../platform/index.ts';

/** A price that a model expects for a pool. */
export interface MadePrediction {
  readonly pool: PoolKey;
  readonly madeAt: number;
  readonly forMs: number;
  readonly priceMicroUsdPerHour: number;
  /** What "the last price stays" says. */
  readonly persistenceMicroUsdPerHour: number;
}

interface PredictionRow {
  model_id: string;
  pool: string;
  made_at: number;
  for_at: number;
  price_micro_usd: number;
  persistence_micro_usd: number;
  model_hash: string;
  feature_hash: string;
}

interface RunRow {
  model_id: string;
  ended_at: number;
  pools: number;
  predictions: number;
  message: string | null;
  evaluation: string | null;
}

interface ForecastTables {
  predictions: PredictionRow;
  forecast_runs: RunRow;
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
};

/** The last run of a model. */
export interface ForecastRun {
  readonly modelId: string;
  readonly endedAt: number;
  readonly pools: number;
  readonly predictions: number;
  /** Why it failed; `null` when it did not. */
  readonly message: string | null;
  readonly evaluation: Evaluation | null;
}

/** SQLite takes 32,766 parameters in a statement, of which a row needs eight. */
const ROWS_PER_INSERT = 2_000;

/** Predictions with what they were made from, and the last run of each model. */
export class PredictionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps predictions; one that was made for the same model, pool and time before stays as it was. */
  async keep(
    modelId: string,
    hashes: { readonly model: string; readonly features: string },
    predictions: readonly MadePrediction[],
  ): Promise<void> {
    for (let start = 0; start < predictions.length; start += ROWS_PER_INSERT) {
      const rows = predictions.slice(start, start + ROWS_PER_INSERT).map(prediction => ({
        model_id: modelId,
        pool: prediction.pool,
        made_at: prediction.madeAt,
        for_at: prediction.forMs,
        price_micro_usd: prediction.priceMicroUsdPerHour,
        persistence_micro_usd: prediction.persistenceMicroUsdPerHour,
        model_hash: hashes.model,
        feature_hash: hashes.features,
      }));
      await this.#database.write<ForecastTables, void>(async transaction => {
        await transaction
          .insertInto('predictions')
          .values(rows)
          .onConflict(conflict => conflict.columns(['model_id', 'pool', 'made_at']).doNothing())
          .execute();
      });
    }
  }

  /** Removes what was made before a time. */
  async forgetBefore(madeAt: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('predictions').where('made_at', '<', madeAt).execute();
    });
  }

  /** Predictions of a pool for times in `[fromMs, toMs]`, oldest first. */
  async ofPool(modelId: string, pool: PoolKey, fromMs: number, toMs: number): Promise<MadePrediction[]> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('predictions')
      .selectAll()
      .where('model_id', '=', modelId)
      .where('pool', '=', pool)
      .where('for_at', '>=', fromMs)
      .where('for_at', '<=', toMs)
      .orderBy('made_at')
      .execute();
    return rows.map(predictionFromRow);
  }

  /** Predictions of all pools made from `madeFromMs` on whose time has come by `nowMs`. */
  async due(
    modelId: string,
    featureHash: string,
    madeFromMs: number,
    nowMs: number,
  ): Promise<MadePrediction[]> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('predictions')
      .selectAll()
      .where('model_id', '=', modelId)
      .where('feature_hash', '=', featureHash)
      .where('made_at', '>=', madeFromMs)
      .where('for_at', '<=', nowMs)
      .execute();
    return rows.map(predictionFromRow);
  }

  async saveRun(run: ForecastRun): Promise<void> {
    const row: RunRow = {
      model_id: run.modelId,
      ended_at: run.endedAt,
      pools: run.pools,
      predictions: run.predictions,
      message: run.message,
      evaluation: run.evaluation === null ? null : JSON.stringify(run.evaluation),
    };
    const { model_id: _, ...change } = row;
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .insertInto('forecast_runs')
        .values(row)
        .onConflict(conflict => conflict.column('model_id').doUpdateSet(change))
        .execute();
    });
  }

  async lastRun(modelId: string): Promise<ForecastRun | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('forecast_runs')
      .selectAll()
      .where('model_id', '=', modelId)
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      modelId: row.model_id,
      endedAt: Number(row.ended_at),
      pools: row.pools,
      predictions: row.predictions,
      message: row.message,
      evaluation: row.evaluation === null ? null : (JSON.parse(row.evaluation) as Evaluation),
    };
  }
}

function predictionFromRow(row: PredictionRow): MadePrediction {
  return {
    pool: row.pool as PoolKey,
    madeAt: Number(row.made_at),
    forMs: Number(row.for_at),
    priceMicroUsdPerHour: Number(row.price_micro_usd),
    persistenceMicroUsdPerHour: Number(row.persistence_micro_usd),
  };
}
