import type { Model } from '../../common/contracts/index.ts';
import { MS_PER_DAY, type PoolKey } from '../../common/units/index.ts';
import { evaluateDue } from './compare-predictions.ts';
import { featureSetHash } from './features/index.ts';
import { type ForecastParts, featureNamesOf, horizonMsOf } from './forecast-parts.ts';
import { madeAtGrid } from './made-at-grid.ts';
import { answerPlaces } from './model-answers.ts';
import { pastChangesMs } from './past-changes.ts';
import { predictPrices, pricesFor, sliceFor } from './predict.ts';

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
  const horizonMs = horizonMsOf(model);
  const timesMs = madeAtGrid(judgedFromMs(model, nowMs), nowMs);
  const firstMs = timesMs[0] ?? nowMs;
  const pools = await market.prices.pools(model.manifest.scope);
  const hasBand = answerPlaces(model.manifest).quantiles.length > 0;
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
  await forgetOld(parts, nowMs);
  const due = await predictions.due(model.id, hashes.features, firstMs, nowMs);
  // What past changes say needs more of the past than features do.
  const prices = hasBand
    ? await pricesFor(market, ['last_price_usd'], pools, firstMs - pastChangesMs(horizonMs), nowMs)
    : slice.pools;
  const compared = await evaluateDue(due, prices, horizonMs);
  await runs.saveRun({
    modelId: model.id,
    endedAt: nowMs,
    ...countsOf(kept, timesMs),
    message: null,
    evaluation: compared?.evaluation ?? null,
    risk: null,
    comparedUntilMs: compared?.comparedUntilMs ?? null,
  });
}

/** Removes what is older than a model is judged by. */
export async function forgetOld({ predictions, risks, runs }: ForecastParts, nowMs: number): Promise<void> {
  await predictions.forgetBefore(nowMs - KEPT_MS);
  await risks.forgetBefore(nowMs - KEPT_MS);
  await runs.forgetBefore(nowMs - KEPT_MS);
}

/** From when on the predictions of prices of a model are judged: nothing that its training saw. */
export function judgedFromMs(model: Model, nowMs: number): number {
  return Math.max(model.trainedUntilMs, nowMs - JUDGED_MS - horizonMsOf(model));
}

function remember(kept: Map<PoolKey, Set<number>>, pool: PoolKey, madeAt: number): void {
  kept.set(pool, (kept.get(pool) ?? new Set()).add(madeAt));
}

/** How many pools and predictions of these times are kept. */
export function countsOf(kept: ReadonlyMap<PoolKey, ReadonlySet<number>>, timesMs: Float64Array) {
  const counts = [...kept.values()].map(times => timesMs.filter(at => times.has(at)).length);
  return {
    pools: counts.filter(count => count > 0).length,
    predictions: counts.reduce((sum, count) => sum + count, 0),
  };
}
