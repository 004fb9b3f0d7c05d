import type { Model, Prediction } from '../../common/contracts/index.ts';
import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { Logger } from '../platform/index.ts';
import { priceAt } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import type { MadePrediction } from './made-prediction.ts';
import { factsFrom, isInScope, predictPrices, pricesFor } from './predict.ts';

/** The price of a pool at the horizon, and who says so. */
export interface PoolForecast {
  readonly priceMicroUsdPerHour: number;
  readonly predictedMicroUsdPerHour: number;
  /** Name of the model, or `persistence`. */
  readonly by: string;
  readonly horizonHours: number;
}

/** The horizon that is told where no model serves. */
const PERSISTENCE_HORIZON_HOURS = 24;

/** Predictions of a model as of now for the given pools of its scope; pools with unknown features are absent. */
export async function predictNow(
  parts: ForecastParts,
  model: Model,
  pools: readonly Pool[],
): Promise<Prediction[]> {
  const made = await predictAsOf(parts, model, pools, parts.clock.now());
  return made.map(prediction => ({ ...prediction, actualMicroUsdPerHour: null }));
}

/**
 * What decisions use: the champion where it was found better than persistence and knows the pool's features, else "the last
 * price stays". A pool without a known price is absent. A model that fails is replaced by persistence, and the log says so.
 */
export async function forecastPools(
  parts: ForecastParts,
  pools: readonly Pool[],
  log: Logger,
): Promise<Map<PoolKey, PoolForecast>> {
  const { market, models, runs, clock } = parts;
  const nowMs = clock.now();
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
  const champion = await models.champion('spot-price');
  if (!champion) return forecasts;
  const run = await runs.lastRun(champion.id);
  if (run?.evaluation?.verdict !== 'better') return forecasts;
  const { name, horizonHours } = champion.manifest;
  try {
    for (const prediction of await predictAsOf(parts, champion, pools, nowMs)) {
      forecasts.set(prediction.pool, {
        priceMicroUsdPerHour: prediction.persistenceMicroUsdPerHour,
        predictedMicroUsdPerHour: prediction.priceMicroUsdPerHour,
        by: name,
        horizonHours,
      });
    }
  } catch (error) {
    log.warn({ err: error, model: champion.id }, 'the champion failed; persistence serves instead');
  }
  return forecasts;
}

async function predictAsOf(
  parts: ForecastParts,
  model: Model,
  pools: readonly Pool[],
  nowMs: number,
): Promise<MadePrediction[]> {
  const { market, models } = parts;
  const fitting = pools.filter(pool => isInScope(model.manifest.scope, pool));
  const batches = predictPrices({
    manifest: model.manifest,
    session: await models.openSession(model.id),
    prices: await pricesFor(market, featureNamesOf(model), fitting, nowMs, nowMs),
    factsOf: factsFrom(market),
    timesFor: () => Float64Array.of(nowMs),
  });
  const made: MadePrediction[] = [];
  for await (const { predictions } of batches) made.push(...predictions.map(withoutRow));
  return made;
}

function withoutRow({ row: _, ...prediction }: MadePrediction & { row: number }): MadePrediction {
  return prediction;
}
