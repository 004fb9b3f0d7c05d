import type { PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ForecastTables, PredictionRow } from './forecast-tables.ts';
import type { MadePrediction, PredictedBatch } from './made-prediction.ts';
import { type ModelInputs, packInputs, unpackInputs } from './pack-inputs.ts';

/** A kept prediction with what it was made from. */
export interface KeptPrediction extends MadePrediction {
  readonly modelHash: string;
  readonly featureHash: string;
  /** `undefined` for a prediction that is older than the keeping of inputs. */
  readonly inputs: (ModelInputs & { readonly row: number }) | undefined;
}

/** SQLite takes 32,766 parameters in a statement, of which a row needs eleven. */
const ROWS_PER_INSERT = 2_000;

/** Predictions with what they were made from. */
export class PredictionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Keeps the predictions of one call of a model with its inputs, all or nothing; one that was made for the same model, pool
   * and time before stays as it was.
   */
  async keep(
    modelId: string,
    hashes: { readonly model: string; readonly features: string },
    batch: PredictedBatch,
    storedAt: number,
  ): Promise<void> {
    if (batch.predictions.length === 0) return;
    const body = packInputs(batch);
    await this.#database.write<ForecastTables, void>(async transaction => {
      const { last } = await transaction
        .selectFrom('prediction_inputs')
        .select(query => query.fn.max('id').as('last'))
        .executeTakeFirstOrThrow();
      const id = Number(last ?? 0) + 1;
      const { madeAt } = batch;
      await transaction
        .insertInto('prediction_inputs')
        .values({ id, model_id: modelId, made_at: madeAt, body })
        .execute();
      for (let start = 0; start < batch.predictions.length; start += ROWS_PER_INSERT) {
        const rows = batch.predictions.slice(start, start + ROWS_PER_INSERT).map(prediction => ({
          model_id: modelId,
          pool: prediction.pool,
          made_at: madeAt,
          for_at: prediction.forMs,
          price_micro_usd: prediction.priceMicroUsdPerHour,
          persistence_micro_usd: prediction.persistenceMicroUsdPerHour,
          model_hash: hashes.model,
          feature_hash: hashes.features,
          stored_at: storedAt,
          input_id: id,
          input_row: prediction.row,
        }));
        await transaction
          .insertInto('predictions')
          .values(rows)
          .onConflict(conflict => conflict.columns(['model_id', 'pool', 'made_at']).doNothing())
          .execute();
      }
    });
  }

  /** Made-at times from `fromMs` on for which a model has predictions, by pool. */
  async madeAtTimes(modelId: string, fromMs: number): Promise<Map<PoolKey, Set<number>>> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('predictions')
      .select(['pool', 'made_at'])
      .where('model_id', '=', modelId)
      .where('made_at', '>=', fromMs)
      .execute();
    const times = new Map<PoolKey, Set<number>>();
    for (const row of rows) {
      const ofPool = times.get(row.pool as PoolKey) ?? new Set();
      times.set(row.pool as PoolKey, ofPool.add(Number(row.made_at)));
    }
    return times;
  }

  /** Removes what was made before a time, with its inputs. */
  async forgetBefore(madeAt: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('predictions').where('made_at', '<', madeAt).execute();
      await transaction.deleteFrom('prediction_inputs').where('made_at', '<', madeAt).execute();
    });
  }

  /** Removes every prediction of a model, with its inputs. */
  async forgetModel(modelId: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('predictions').where('model_id', '=', modelId).execute();
      await transaction.deleteFrom('prediction_inputs').where('model_id', '=', modelId).execute();
    });
  }

  /** One prediction with the call of the model that made it. */
  async one(modelId: string, pool: string, madeAt: number): Promise<KeptPrediction | undefined> {
    const reader = this.#database.reader<ForecastTables>();
    const row = await reader
      .selectFrom('predictions')
      .selectAll()
      .where('model_id', '=', modelId)
      .where('pool', '=', pool)
      .where('made_at', '=', madeAt)
      .executeTakeFirst();
    if (!row) return undefined;
    const inputs =
      row.input_id === null
        ? undefined
        : await reader
            .selectFrom('prediction_inputs')
            .select('body')
            .where('id', '=', Number(row.input_id))
            .executeTakeFirst();
    return {
      ...predictionFromRow(row),
      modelHash: row.model_hash,
      featureHash: row.feature_hash,
      inputs: inputs && { ...unpackInputs(inputs.body), row: row.input_row ?? 0 },
    };
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
}

/** A row of the table as a prediction. */
export function predictionFromRow(row: PredictionRow): MadePrediction {
  return {
    pool: row.pool as PoolKey,
    madeAt: Number(row.made_at),
    forMs: Number(row.for_at),
    priceMicroUsdPerHour: Number(row.price_micro_usd),
    persistenceMicroUsdPerHour: Number(row.persistence_micro_usd),
  };
}
