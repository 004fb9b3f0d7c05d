import { type RawBuilder, sql } from 'kysely';
import { MS_PER_MINUTE, type PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ForecastTables } from './forecast-tables.ts';
import type { MadePrediction } from './made-prediction.ts';
import { predictionFromRow } from './prediction-store.ts';

/** Predictions of two models for the same pool, made at the same time for the same time. */
export interface PredictionPair {
  readonly pool: PoolKey;
  readonly madeAt: number;
  readonly forMs: number;
  readonly firstMicroUsdPerHour: number;
  readonly secondMicroUsdPerHour: number;
  readonly persistenceMicroUsdPerHour: number;
}

/** The engine predicts each whole hour within the hour that follows, and that takes a while. */
export const LIVE_WITHIN_MS = 75 * MS_PER_MINUTE;

/**
 * Predictions that were live: on disk soon after the time they were made for, and before the time they speak of. Those that
 * were made for the past later on are no forecasts and count in no comparison.
 */
export class LivePredictionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Live predictions of a model made in `[fromMs, toMs)`. */
  async ofModel(modelId: string, fromMs: number, toMs: number): Promise<MadePrediction[]> {
    const rows = await this.#of(modelId, fromMs, toMs).selectAll().execute();
    return rows.map(predictionFromRow);
  }

  /** How many live predictions a model made in `[fromMs, toMs)`. */
  async count(modelId: string, fromMs: number, toMs: number): Promise<number> {
    const { count } = await this.#of(modelId, fromMs, toMs)
      .select(query => query.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Where two models both made a live prediction in `[fromMs, toMs)`. */
  async pairs(firstId: string, secondId: string, fromMs: number, toMs: number): Promise<PredictionPair[]> {
    const rows = await this.#ofBoth(firstId, secondId, fromMs, toMs)
      .select([
        'first.pool',
        'first.made_at',
        'first.for_at',
        'first.price_micro_usd as first_price',
        'second.price_micro_usd as second_price',
        'first.persistence_micro_usd',
      ])
      .execute();
    return rows.map(row => ({
      pool: row.pool as PoolKey,
      madeAt: Number(row.made_at),
      forMs: Number(row.for_at),
      firstMicroUsdPerHour: Number(row.first_price),
      secondMicroUsdPerHour: Number(row.second_price),
      persistenceMicroUsdPerHour: Number(row.persistence_micro_usd),
    }));
  }

  async countPairs(firstId: string, secondId: string, fromMs: number, toMs: number): Promise<number> {
    const { count } = await this.#ofBoth(firstId, secondId, fromMs, toMs)
      .select(query => query.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  #of(modelId: string, fromMs: number, toMs: number) {
    return this.#database
      .reader<ForecastTables>()
      .selectFrom('predictions')
      .where('model_id', '=', modelId)
      .where('made_at', '>=', fromMs)
      .where('made_at', '<', toMs)
      .where(isLive('predictions'));
  }

  #ofBoth(firstId: string, secondId: string, fromMs: number, toMs: number) {
    return this.#database
      .reader<ForecastTables>()
      .selectFrom('predictions as first')
      .innerJoin('predictions as second', join =>
        join
          .onRef('second.pool', '=', 'first.pool')
          .onRef('second.made_at', '=', 'first.made_at')
          .onRef('second.for_at', '=', 'first.for_at'),
      )
      .where('first.model_id', '=', firstId)
      .where('second.model_id', '=', secondId)
      .where('first.made_at', '>=', fromMs)
      .where('first.made_at', '<', toMs)
      .where(isLive('first'))
      .where(isLive('second'));
  }
}

function isLive(table: string): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  return sql<boolean>`(${column('stored_at')} - ${column('made_at')} <= ${LIVE_WITHIN_MS} and ${column('stored_at')} < ${column('for_at')})`;
}
