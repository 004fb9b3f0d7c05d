import type { Evaluation, Model } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import { type EvaluatedPoint, evaluatePoints } from './evaluate.ts';
import { featureSetHash, priceAt } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { factsFrom, type PoolPrices, predictPrices, pricesFor } from './predict.ts';
import type { MadePrediction } from './prediction-store.ts';

/** Time over which a model is judged. */
const JUDGED_MS = 7 * MS_PER_DAY;
/** Made-at times lie this far apart, on whole multiples, so that runs add to each other. */
const STEP_MS = 3 * MS_PER_HOUR;
const KEPT_MS = 60 * MS_PER_DAY;

/**
 * Predicts for every pool in a model's scope, over the last days and for now, keeps the predictions, and holds those whose
 * time has come against what happened. Times before "trained until" are left out: the model has seen them.
 * @throws AppError `model.faulty` when the model fails
 */
export async function runForecast(parts: ForecastParts, model: Model, signal: AbortSignal): Promise<void> {
  const { market, models, store, clock } = parts;
  const nowMs = clock.now();
  const names = featureNamesOf(model);
  const horizonMs = model.manifest.horizonHours * MS_PER_HOUR;
  const timesMs = madeAtTimes(Math.max(model.trainedUntilMs, nowMs - JUDGED_MS - horizonMs), nowMs);
  const firstMs = timesMs[0] ?? nowMs;
  const pools = await market.prices.pools(model.manifest.scope);
  const prices = await pricesFor(market, names, pools, firstMs, nowMs);
  signal.throwIfAborted();
  const made = await predictPrices({
    manifest: model.manifest,
    session: await models.openSession(model.id),
    prices,
    factsOf: factsFrom(market),
    timesMs,
  });
  signal.throwIfAborted();
  const featureHash = featureSetHash(names);
  await store.keep(model.id, { model: model.sha256, features: featureHash }, made);
  await store.forgetBefore(nowMs - KEPT_MS);
  const due = await store.due(model.id, featureHash, firstMs, nowMs);
  await store.saveRun({
    modelId: model.id,
    endedAt: nowMs,
    pools: new Set(made.map(prediction => prediction.pool)).size,
    predictions: made.length,
    message: null,
    evaluation: evaluationOf(due, prices, timesMs, horizonMs),
  });
}

/** Whole multiples of three hours in `[fromMs, nowMs)`, then now itself. */
function madeAtTimes(fromMs: number, nowMs: number): Float64Array {
  const times: number[] = [];
  for (let at = Math.ceil(fromMs / STEP_MS) * STEP_MS; at < nowMs; at += STEP_MS) times.push(at);
  return Float64Array.from([...times, nowMs]);
}

function evaluationOf(
  due: readonly MadePrediction[],
  prices: readonly PoolPrices[],
  timesMs: Float64Array,
  horizonMs: number,
): Evaluation | null {
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  // Runs in between made predictions at odd times; the grid alone is evenly spaced, as the test needs it.
  const grid = new Set(timesMs.subarray(0, -1));
  const points: EvaluatedPoint[] = [];
  for (const prediction of due) {
    const records = recordsOf.get(prediction.pool);
    if (!records || !grid.has(prediction.madeAt)) continue;
    const actual = priceAt(records, prediction.forMs);
    if (Number.isNaN(actual)) continue;
    points.push({
      pool: prediction.pool,
      madeAt: prediction.madeAt,
      predicted: prediction.priceMicroUsdPerHour,
      persistence: prediction.persistenceMicroUsdPerHour,
      actual,
    });
  }
  return points.length === 0 ? null : evaluatePoints(points, horizonMs / STEP_MS);
}
