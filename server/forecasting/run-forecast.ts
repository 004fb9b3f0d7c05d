import type { Evaluation, Model } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, type PoolKey, poolKey } from '../../common/units/index.ts';
import { type EvaluatedPoint, evaluatePoints } from './evaluate.ts';
import { featureSetHash, type PoolPrices, priceAt } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { GRID_STEP_MS, madeAtGrid } from './made-at-grid.ts';
import type { MadePrediction } from './made-prediction.ts';
import { predictPrices, sliceFor } from './predict.ts';

/** Time over which a model is judged. */
const JUDGED_MS = 7 * MS_PER_DAY;
const KEPT_MS = 60 * MS_PER_DAY;

/**
 * Predicts for every pool in a model's scope what is not kept yet of the last days and the last whole hour, keeps it with its
 * inputs, and holds what has come due against what happened. Times before "trained until" are left out: the model has seen
 * them.
 * @throws AppError `model.faulty` when the model fails
 */
export async function runForecast(parts: ForecastParts, model: Model, signal: AbortSignal): Promise<void> {
  const { market, models, predictions, runs, clock } = parts;
  const nowMs = clock.now();
  const names = featureNamesOf(model);
  const horizonMs = model.manifest.horizonHours * MS_PER_HOUR;
  const timesMs = madeAtGrid(Math.max(model.trainedUntilMs, nowMs - JUDGED_MS - horizonMs), nowMs);
  const firstMs = timesMs[0] ?? nowMs;
  const pools = await market.prices.pools(model.manifest.scope);
  const slice = await sliceFor(market, names, pools, firstMs, nowMs);
  const kept = await predictions.madeAtTimes(model.id, firstMs);
  signal.throwIfAborted();
  const hashes = { model: model.sha256, features: featureSetHash(names) };
  const batches = predictPrices({
    manifest: model.manifest,
    session: await models.openSession(model.id),
    slice,
    timesFor: pool => timesMs.filter(at => !kept.get(pool)?.has(at)),
  });
  for await (const batch of batches) {
    signal.throwIfAborted();
    await predictions.keep(model.id, hashes, batch, clock.now());
    for (const { pool, madeAt } of batch.predictions) remember(kept, pool, madeAt);
  }
  await predictions.forgetBefore(nowMs - KEPT_MS);
  await runs.forgetBefore(nowMs - KEPT_MS);
  const due = await predictions.due(model.id, hashes.features, firstMs, nowMs);
  await runs.saveRun({
    modelId: model.id,
    endedAt: nowMs,
    ...countsOf(kept, timesMs),
    message: null,
    evaluation: evaluationOf(due, slice.pools, horizonMs),
  });
}

function remember(kept: Map<PoolKey, Set<number>>, pool: PoolKey, madeAt: number): void {
  kept.set(pool, (kept.get(pool) ?? new Set()).add(madeAt));
}

function countsOf(kept: ReadonlyMap<PoolKey, ReadonlySet<number>>, timesMs: Float64Array) {
  const counts = [...kept.values()].map(times => timesMs.filter(at => times.has(at)).length);
  return {
    pools: counts.filter(count => count > 0).length,
    predictions: counts.reduce((sum, count) => sum + count, 0),
  };
}

function evaluationOf(
  due: readonly MadePrediction[],
  prices: readonly PoolPrices[],
  horizonMs: number,
): Evaluation | null {
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  const points: EvaluatedPoint[] = [];
  for (const prediction of due) {
    const records = recordsOf.get(prediction.pool);
    // Hours in between have predictions for some days only; the grid alone is evenly spaced, as the test needs it.
    if (!records || prediction.madeAt % GRID_STEP_MS !== 0) continue;
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
  return points.length === 0 ? null : evaluatePoints(points, horizonMs / GRID_STEP_MS);
}
