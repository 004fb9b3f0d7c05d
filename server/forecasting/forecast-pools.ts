import type { Model } from '../../common/contracts/index.ts';
import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { ForecastSubject } from '../models/index.ts';
import type { Logger } from '../platform/index.ts';
import { priceAt } from './features/index.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { pricesFor } from './predict.ts';
import { predictPricesNow } from './predict-now.ts';

/** The price of a pool at the horizon, and who says so. */
export interface PoolForecast {
  readonly priceMicroUsdPerHour: number;
  readonly predictedMicroUsdPerHour: number;
  /** Name and version of the model, or `persistence`. */
  readonly by: string;
  readonly horizonHours: number;
}

/** The horizon that is told where no model serves. */
const PERSISTENCE_HORIZON_HOURS = 24;

/**
 * What decisions use, for each subject in order: the model that the ledger names for it (in an A/B its arm's), where that was
 * found better than persistence and knows the pool's features; then the champion under the same condition; else "the last
 * price stays". A pool without a known price is absent. A model that fails is replaced by the next of these, and the log says
 * so. Subjects that the same model serves share one map: each model predicts once.
 */
export async function forecastPools(
  parts: ForecastParts,
  pools: readonly Pool[],
  subjects: readonly ForecastSubject[],
  log: Logger,
): Promise<ReadonlyMap<PoolKey, PoolForecast>[]> {
  const { models, clock } = parts;
  const nowMs = clock.now();
  const persistence = await lastPrices(parts, pools, nowMs);
  const champion = await models.activeFor('spot-price', undefined);
  const served = await models.activeForEach('spot-price', subjects);
  const byModel = new Map<string | null, ReadonlyMap<PoolKey, PoolForecast>>();
  for (const id of new Set(served.map(({ modelId }) => modelId)))
    byModel.set(id, await answerOf([id, champion.modelId], parts, pools, persistence, log));
  return served.map(({ modelId }) => byModel.get(modelId) ?? persistence);
}

/** "The last price stays" for every pool whose price is known. */
async function lastPrices(
  { market }: ForecastParts,
  pools: readonly Pool[],
  nowMs: number,
): Promise<ReadonlyMap<PoolKey, PoolForecast>> {
  const forecasts = new Map<PoolKey, PoolForecast>();
  for (const records of await pricesFor(market, ['last_price_usd'], pools, nowMs, nowMs)) {
    const price = priceAt(records, nowMs);
    if (Number.isNaN(price)) continue;
    forecasts.set(poolKey(records.pool), {
      priceMicroUsdPerHour: price,
      predictedMicroUsdPerHour: price,
      by: 'persistence',
      horizonHours: PERSISTENCE_HORIZON_HOURS,
    });
  }
  return forecasts;
}

/** Persistence with the predictions of the first of these models that has earned its place. */
async function answerOf(
  ids: readonly (string | null)[],
  parts: ForecastParts,
  pools: readonly Pool[],
  persistence: ReadonlyMap<PoolKey, PoolForecast>,
  log: Logger,
): Promise<ReadonlyMap<PoolKey, PoolForecast>> {
  const forecasts = new Map(persistence);
  for (const id of new Set(ids)) {
    if (id === null) continue;
    const model = await parts.models.get(id);
    try {
      if (await answerBy(parts, model, pools, forecasts)) break;
    } catch (error) {
      log.warn({ err: error, model: id }, 'a model failed; the champion or persistence serves instead');
    }
  }
  return forecasts;
}

/** Puts a model's predictions in the place of persistence. @returns false when the model has not earned its place */
async function answerBy(
  parts: ForecastParts,
  model: Model,
  pools: readonly Pool[],
  forecasts: Map<PoolKey, PoolForecast>,
): Promise<boolean> {
  const run = await parts.runs.lastRun(model.id);
  if (run?.evaluation?.verdict !== 'better') return false;
  const { name, version, horizonHours } = model.manifest;
  for (const prediction of (await predictPricesNow(parts, model, pools)).made) {
    forecasts.set(prediction.pool, {
      priceMicroUsdPerHour: prediction.persistenceMicroUsdPerHour,
      predictedMicroUsdPerHour: prediction.priceMicroUsdPerHour,
      by: `${name} ${version}`,
      horizonHours,
    });
  }
  return true;
}
