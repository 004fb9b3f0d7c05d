import type { Evaluation, PriceQuantile } from '../../common/contracts/index.ts';
import { poolKey } from '../../common/units/index.ts';
import { type EvaluatedPoint, evaluatePoints } from './evaluate.ts';
import { type BandPoint, evaluateBand } from './evaluate-band.ts';
import { type PoolPrices, priceAt } from './features/index.ts';
import { GRID_STEP_MS } from './made-at-grid.ts';
import type { MadePrediction } from './made-prediction.ts';
import { pastChangeQuantiles } from './past-changes.ts';

/** Predictions whose time has come together with the price that came; those on the grid of made-at times alone. */
export function comparedPoints(
  due: readonly MadePrediction[],
  prices: readonly PoolPrices[],
): (EvaluatedPoint & { readonly prediction: MadePrediction })[] {
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  return due.flatMap(prediction => {
    const records = recordsOf.get(prediction.pool);
    // Hours in between have predictions for some days only; the grid alone is evenly spaced, as the test needs it.
    if (!records || prediction.madeAt % GRID_STEP_MS !== 0) return [];
    const actual = priceAt(records, prediction.forMs);
    if (Number.isNaN(actual)) return [];
    return {
      pool: prediction.pool,
      madeAt: prediction.madeAt,
      predicted: prediction.priceMicroUsdPerHour,
      persistence: prediction.persistenceMicroUsdPerHour,
      actual,
      prediction,
    };
  });
}

/**
 * How a model did on what has come due.
 * @param prices from `pastChangesMs` before the first made-at time on, where predictions have quantiles
 * @returns `null` before anything could be compared
 */
export async function evaluateDue(
  due: readonly MadePrediction[],
  prices: readonly PoolPrices[],
  horizonMs: number,
): Promise<{ evaluation: Evaluation; comparedUntilMs: number } | null> {
  const points = comparedPoints(due, prices);
  if (points.length === 0) return null;
  const stepsAhead = horizonMs / GRID_STEP_MS;
  const bands = await bandPoints(points, prices, horizonMs);
  return {
    evaluation: { ...evaluatePoints(points, stepsAhead), band: evaluateBand(bands, stepsAhead) },
    comparedUntilMs: points.reduce((last, { prediction }) => Math.max(last, prediction.forMs), 0),
  };
}

/** Pools whose past is sorted before others get a turn on the event loop. */
const POOLS_PER_TURN = 10;

async function bandPoints(
  points: readonly (EvaluatedPoint & { readonly prediction: MadePrediction })[],
  prices: readonly PoolPrices[],
  horizonMs: number,
): Promise<BandPoint[]> {
  const withBand = points.filter(({ prediction }) => prediction.quantiles.length > 0);
  const [first] = withBand;
  if (!first) return [];
  const levels = first.prediction.quantiles.map(({ q }) => q);
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  const bands: BandPoint[] = [];
  let pools = 0;
  for (const [pool, ofPool] of Map.groupBy(withBand, ({ prediction }) => prediction.pool)) {
    const records = recordsOf.get(pool);
    const baselineAt = records && pastChangeQuantiles(records, levels, horizonMs);
    for (const { madeAt, actual, prediction } of ofPool) {
      const baseline: PriceQuantile[] | undefined = baselineAt?.(madeAt);
      const { quantiles, isCrossed } = prediction;
      if (baseline) bands.push({ madeAt, actual, quantiles, baseline, isCrossed });
    }
    if (++pools % POOLS_PER_TURN === 0) await new Promise(resolve => setImmediate(resolve));
  }
  return bands;
}
