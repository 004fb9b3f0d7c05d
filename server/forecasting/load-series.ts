import type { PricePoint, SeriesPrediction } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, type Pool, type PoolKey, parsePoolKey } from '../../common/units/index.ts';
import { priceAt } from './features/index.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { shownPrediction } from './made-prediction.ts';

const SEASON_MS = 7 * MS_PER_DAY;

/**
 * Predictions of a pool whose time lies in `[fromMs, toMs]`, what then happened, and what the price of one week before would
 * have said: unknown stays unknown.
 * @throws AppError `input.invalid` when the key is no pool, `resource.not-found` when there is no such model
 */
export async function loadSeries(
  { market, models, predictions, clock }: ForecastParts,
  modelId: string,
  key: string,
  fromMs: number,
  toMs: number,
): Promise<{ actual: PricePoint[]; predictions: SeriesPrediction[] }> {
  await models.get(modelId);
  const pool = poolNamed(key);
  const { points } = await market.history(key, fromMs, toMs);
  const made = await predictions.ofPool(modelId, key as PoolKey, fromMs, toMs);
  const nowMs = clock.now();
  const [records] = await market.prices.series([pool], fromMs - SEASON_MS, Math.min(toMs, nowMs) + 1);
  const known = (atMs: number) =>
    records !== undefined && atMs <= nowMs ? priceAt(records, atMs) : Number.NaN;
  const compared = made.map(prediction => {
    // A horizon of more than a week could not have known it yet.
    const seasonal =
      prediction.forMs - SEASON_MS <= prediction.madeAt ? known(prediction.forMs - SEASON_MS) : Number.NaN;
    const seasonalMicroUsdPerHour = Number.isNaN(seasonal) ? null : seasonal;
    return { ...shownPrediction(prediction, known(prediction.forMs)), seasonalMicroUsdPerHour };
  });
  return { actual: points, predictions: compared };
}

/** The pool of a key. @throws AppError `input.invalid` naming a key that is none. */
export function poolNamed(key: string): Pool {
  const pool = parsePoolKey(key);
  if (pool) return pool;
  throw new AppError('input.invalid', `"${key}" is no pool; a pool is region/zone/instanceType/product.`);
}
