import type { PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ForecastTables, PredictionRow } from './forecast-tables.ts';
import { insertInputs, type KeptInputs, loadInputs } from './kept-inputs.ts';
import type { MadePrediction, PredictedBatch } from './made-prediction.ts';
import { dataHashOf, packInputs } from './pack-inputs.ts';
import { quantilesFromText, quantileText } from './quantile-text.ts';

/** A kept prediction with what it was made from. */
export interface KeptPrediction extends MadePrediction {
  readonly modelHash: string;
  readonly featureHash: string;
  /** `undefined` for a prediction that is older than the keeping of inputs. */
  readonly inputs: KeptInputs | undefined;
}

/** SQLite takes 32,766 parameters in a statement, of which a row needs thirteen. */
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
    const dataHash = dataHashOf(batch);
    await this.#database.write<ForecastTables, void>(async transaction => {
      const { madeAt } = batch;
      const id = await insertInputs(transaction, {
        model_id: modelId,
        made_at: madeAt,
        body,
        data_hash: dataHash,
      });
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
          quantiles: quantileText(prediction.quantiles, prediction.priceMicroUsdPerHour),
          quantiles_crossed: prediction.quantiles.length === 0 ? null : Number(prediction.isCrossed),
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
    return timesByPool(rows);
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
    return {
      ...predictionFromRow(row),
      modelHash: row.model_hash,
      featureHash: row.feature_hash,
      inputs: row.input_id === null ? undefined : await loadInputs(reader, row.input_id, row.input_row ?? 0),
    };
  }

  /** The last prediction of every pool. */
  async latest(modelId: string): Promise<MadePrediction[]> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('predictions')
      .innerJoin(
        query =>
          query
            .selectFrom('predictions')
            .select(of => ['pool as last_pool', of.fn.max('made_at').as('last_at')])
            .where('model_id', '=', modelId)
            .groupBy('pool')
            .as('last'),
        join => join.onRef('last_pool', '=', 'pool').onRef('last_at', '=', 'made_at'),
      )
      .selectAll('predictions')
      .where('model_id', '=', modelId)
      .orderBy('pool')
      .execute();
    return rows.map(predictionFromRow);
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
  const price = Number(row.price_micro_usd);
  return {
    pool: row.pool as PoolKey,
    madeAt: Number(row.made_at),
    forMs: Number(row.for_at),
    priceMicroUsdPerHour: price,
    quantiles: quantilesFromText(row.quantiles, price),
    isCrossed: row.quantiles_crossed === 1,
    persistenceMicroUsdPerHour: Number(row.persistence_micro_usd),
  };
}

/** Made-at times by pool. */
export function timesByPool(
  rows: readonly { readonly pool: string; readonly made_at: number }[],
): Map<PoolKey, Set<number>> {
  const times = new Map<PoolKey, Set<number>>();
  for (const row of rows) {
    const ofPool = times.get(row.pool as PoolKey) ?? new Set();
    times.set(row.pool as PoolKey, ofPool.add(Number(row.made_at)));
  }
  return times;
}
