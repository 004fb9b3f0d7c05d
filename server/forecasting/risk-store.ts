import type { PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ForecastTables, RiskPredictionRow } from './forecast-tables.ts';
import { insertInputs, type KeptInputs, loadInputs } from './kept-inputs.ts';
import type { MadeRisk, RiskBatch } from './made-prediction.ts';
import { dataHashOf, packInputs } from './pack-inputs.ts';
import { timesByPool } from './prediction-store.ts';

/** A kept probability with what it was made from. */
export interface KeptRisk extends MadeRisk {
  readonly modelHash: string;
  readonly featureHash: string;
  readonly inputs: KeptInputs | undefined;
}

/** SQLite takes 32,766 parameters in a statement, of which a row needs ten. */
const ROWS_PER_INSERT = 2_000;

/** Probabilities of interruption with what they were made from. Their inputs lie beside those of prices and go with them. */
export class RiskStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** As `PredictionStore.keep`. */
  async keep(
    modelId: string,
    hashes: { readonly model: string; readonly features: string },
    batch: RiskBatch,
    storedAt: number,
  ): Promise<void> {
    if (batch.predictions.length === 0) return;
    const { madeAt } = batch;
    const inputs = {
      model_id: modelId,
      made_at: madeAt,
      body: packInputs(batch),
      data_hash: dataHashOf(batch),
    };
    await this.#database.write<ForecastTables, void>(async transaction => {
      const id = await insertInputs(transaction, inputs);
      for (let start = 0; start < batch.predictions.length; start += ROWS_PER_INSERT) {
        const rows = batch.predictions.slice(start, start + ROWS_PER_INSERT).map(prediction => ({
          model_id: modelId,
          pool: prediction.pool,
          made_at: madeAt,
          for_at: prediction.forMs,
          probability: prediction.probability,
          model_hash: hashes.model,
          feature_hash: hashes.features,
          stored_at: storedAt,
          input_id: id,
          input_row: prediction.row,
        }));
        await transaction
          .insertInto('risk_predictions')
          .values(rows)
          .onConflict(conflict => conflict.columns(['model_id', 'pool', 'made_at']).doNothing())
          .execute();
      }
    });
  }

  /** Made-at times from `fromMs` on for which a model has predictions, by pool. */
  async madeAtTimes(modelId: string, fromMs: number): Promise<Map<PoolKey, Set<number>>> {
    return timesByPool(
      await this.#of(modelId).select(['pool', 'made_at']).where('made_at', '>=', fromMs).execute(),
    );
  }

  /** Predictions made from `madeFromMs` on whose time has come by `nowMs`. */
  async due(modelId: string, featureHash: string, madeFromMs: number, nowMs: number): Promise<MadeRisk[]> {
    const rows = await this.#of(modelId)
      .selectAll()
      .where('feature_hash', '=', featureHash)
      .where('made_at', '>=', madeFromMs)
      .where('for_at', '<=', nowMs)
      .execute();
    return rows.map(riskFromRow);
  }

  /** The last prediction of every pool. */
  async latest(modelId: string): Promise<MadeRisk[]> {
    const rows = await this.#of(modelId)
      .innerJoin(
        query =>
          query
            .selectFrom('risk_predictions')
            .select(of => ['pool as last_pool', of.fn.max('made_at').as('last_at')])
            .where('model_id', '=', modelId)
            .groupBy('pool')
            .as('last'),
        join => join.onRef('last_pool', '=', 'pool').onRef('last_at', '=', 'made_at'),
      )
      .selectAll('risk_predictions')
      .orderBy('pool')
      .execute();
    return rows.map(riskFromRow);
  }

  /** One prediction with the call of the model that made it. */
  async one(modelId: string, pool: string, madeAt: number): Promise<KeptRisk | undefined> {
    const row = await this.#of(modelId)
      .selectAll()
      .where('pool', '=', pool)
      .where('made_at', '=', madeAt)
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      ...riskFromRow(row),
      modelHash: row.model_hash,
      featureHash: row.feature_hash,
      inputs: await loadInputs(this.#database.reader(), row.input_id, row.input_row),
    };
  }

  async forgetBefore(madeAt: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('risk_predictions').where('made_at', '<', madeAt).execute();
    });
  }

  async forgetModel(modelId: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('risk_predictions').where('model_id', '=', modelId).execute();
    });
  }

  #of(modelId: string) {
    return this.#database
      .reader<ForecastTables>()
      .selectFrom('risk_predictions')
      .where('model_id', '=', modelId);
  }
}

function riskFromRow(row: RiskPredictionRow): MadeRisk {
  return {
    pool: row.pool as PoolKey,
    madeAt: Number(row.made_at),
    forMs: Number(row.for_at),
    probability: Number(row.probability),
  };
}
