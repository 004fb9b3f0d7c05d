import type { Prediction, PricePoint } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type Pool, type PoolKey, parsePoolKey } from '../../common/units/index.ts';
import { priceAt } from './features/index.ts';
import type { ForecastParts } from './forecast-parts.ts';

/**
 * Predictions of a pool whose time lies in `[fromMs, toMs]`, and what then happened: unknown stays unknown.
 * @throws AppError `input.invalid` when the key is no pool, `resource.not-found` when there is no such model
 */
export async function loadSeries(
  { market, models, predictions, clock }: ForecastParts,
  modelId: string,
  key: string,
  fromMs: number,
  toMs: number,
): Promise<{ actual: PricePoint[]; predictions: Prediction[] }> {
  await models.get(modelId);
  const pool = poolNamed(key);
  const { points } = await market.history(key, fromMs, toMs);
  const made = await predictions.ofPool(modelId, key as PoolKey, fromMs, toMs);
  const nowMs = clock.now();
  const [records] = await market.prices.series([pool], fromMs, Math.min(toMs, nowMs) + 1);
  const compared = made.map(prediction => {
    const hasCome = prediction.forMs <= nowMs && records !== undefined;
    const actual = hasCome ? priceAt(records, prediction.forMs) : Number.NaN;
    return { ...prediction, actualMicroUsdPerHour: Number.isNaN(actual) ? null : actual };
  });
  return { actual: points, predictions: compared };
}

/** The pool of a key. @throws AppError `input.invalid` naming a key that is none. */
export function poolNamed(key: string): Pool {
  const pool = parsePoolKey(key);
  if (pool) return pool;
  throw new AppError('input.invalid', `"${key}" is no pool; a pool is region/zone/instanceType/product.`);
}
