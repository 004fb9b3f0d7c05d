import type { Drift, Model } from '../../common/contracts/index.ts';
import { seededRandom } from '../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR, parsePoolKey, poolKey } from '../../common/units/index.ts';
import { type DriftTests, type DriftWindows, driftOf } from './drift.ts';
import { featureSetHash, priceAt } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { loadInputWindow } from './load-input-window.ts';
import { GRID_STEP_MS } from './made-at-grid.ts';
import { pricesFor } from './predict.ts';
import { testShift } from './shift-test.ts';
import type { TimedValues } from './step-shares.ts';

/** Whole weeks, so that the time of the day and of the week is distributed the same in both. */
const RECENT_MS = 14 * MS_PER_DAY;
const REFERENCE_MS = 28 * MS_PER_DAY;
/** A day's pattern is no drift, so what is exchanged between both stretches is a day or more. */
const STEPS_PER_DAY = MS_PER_DAY / GRID_STEP_MS;
/** Below this many times with any input a stretch is no reference. */
const FEWEST_STEPS = 8 * STEPS_PER_DAY;
/** A check looks at the whole of six weeks; asked for each hour, it is made once a day. */
const EVERY_MS = 20 * MS_PER_HOUR;

/**
 * Whether a model's inputs and errors are distributed now as they were: the last fourteen days against the four weeks up to
 * "trained until" where prices of that time are on disk, else against the first four weeks after it that are. Errors are held
 * against those of the first predictions kept. The answer is kept; one that is younger than 20 h stands.
 */
export async function checkDrift(parts: ForecastParts, model: Model, signal: AbortSignal): Promise<void> {
  const { runs, clock } = parts;
  const nowMs = clock.now();
  const last = await runs.lastDrift(model.id);
  if (last && nowMs - last.at < EVERY_MS) return;
  await runs.saveDrift(model.id, nowMs, await currentDrift(parts, model, nowMs, signal));
}

async function currentDrift(
  parts: ForecastParts,
  model: Model,
  nowMs: number,
  signal: AbortSignal,
): Promise<Drift> {
  const recentToMs = Math.floor(nowMs / GRID_STEP_MS) * GRID_STEP_MS;
  const recentFromMs = Math.max(recentToMs - RECENT_MS, model.trainedUntilMs);
  const reference = await referenceOf(parts, model, recentFromMs);
  const windows: DriftWindows = {
    referenceFromMs: reference?.fromMs ?? null,
    referenceToMs: reference?.toMs ?? null,
    recentFromMs,
    recentToMs,
    referenceKind: reference?.kind ?? null,
  };
  // The same day gives the same answer.
  const random = seededRandom(Math.floor(nowMs / MS_PER_DAY));
  const inputs: DriftTests['inputs'][number][] = [];
  if (reference) {
    const recent = await loadInputWindow(parts, model, recentFromMs, recentToMs);
    for (const [column, feature] of featureNamesOf(model).entries()) {
      await nextTurn(signal);
      const test = testShift(reference.column(column), recent.column(column), STEPS_PER_DAY, random);
      inputs.push({ feature, ...test });
    }
  }
  await nextTurn(signal);
  const residuals = await residualTests(parts, model, nowMs, random);
  return driftOf({ inputs, residuals }, windows, nowMs);
}

async function referenceOf(parts: ForecastParts, model: Model, recentFromMs: number) {
  const { trainedUntilMs } = model;
  const before = await loadInputWindow(parts, model, trainedUntilMs - REFERENCE_MS, trainedUntilMs);
  if (before.steps >= FEWEST_STEPS) return { ...before, kind: 'before-trained-until' as const };
  for (let fromMs = trainedUntilMs; fromMs < recentFromMs; fromMs += REFERENCE_MS) {
    const after = await loadInputWindow(parts, model, fromMs, Math.min(recentFromMs, fromMs + REFERENCE_MS));
    if (after.steps >= FEWEST_STEPS) return { ...after, kind: 'first-after-trained-until' as const };
  }
  return undefined;
}

/** `null` before both stretches hold enough predictions whose time has come. */
async function residualTests(
  parts: ForecastParts,
  model: Model,
  nowMs: number,
  random: () => number,
): Promise<DriftTests['residuals']> {
  const hash = featureSetHash(featureNamesOf(model));
  const due = (await parts.predictions.due(model.id, hash, model.trainedUntilMs, nowMs))
    .filter(prediction => prediction.madeAt % GRID_STEP_MS === 0)
    .sort((a, b) => a.madeAt - b.madeAt || (a.pool < b.pool ? -1 : 1));
  const [first] = due;
  const last = due.at(-1);
  if (!first || !last) return null;
  const pools = [...new Set(due.map(prediction => prediction.pool))].flatMap(key => parsePoolKey(key) ?? []);
  const prices = await pricesFor(parts.market, ['last_price_usd'], pools, first.forMs, last.forMs);
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  const recentFromMs = last.madeAt - RECENT_MS;
  const times = { reference: [] as number[], recent: [] as number[] };
  const errors = { reference: [] as number[], recent: [] as number[] };
  for (const { pool, madeAt, forMs, priceMicroUsdPerHour, persistenceMicroUsdPerHour } of due) {
    const records = recordsOf.get(pool);
    const actual = records ? priceAt(records, forMs) : Number.NaN;
    const isRecent = madeAt > recentFromMs;
    if (Number.isNaN(actual) || (!isRecent && madeAt >= first.madeAt + REFERENCE_MS)) continue;
    const side = isRecent ? 'recent' : 'reference';
    times[side].push(madeAt);
    errors[side].push((priceMicroUsdPerHour - actual) / persistenceMicroUsdPerHour);
  }
  const enough = (side: 'reference' | 'recent') => new Set(times[side]).size >= FEWEST_STEPS;
  if (!enough('reference') || !enough('recent')) return null;
  const values = (side: 'reference' | 'recent', of: (error: number) => number): TimedValues => ({
    timesMs: Float64Array.from(times[side]),
    values: Float64Array.from(errors[side], of),
  });
  // Errors of neighbouring predictions overlap over a horizon.
  const leastSteps = Math.max(
    STEPS_PER_DAY,
    Math.ceil((model.manifest.horizonHours * MS_PER_HOUR) / GRID_STEP_MS),
  );
  const test = (of: (error: number) => number) =>
    testShift(values('reference', of), values('recent', of), leastSteps, random);
  return { signed: test(error => error), absolute: test(Math.abs) };
}

async function nextTurn(signal: AbortSignal): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
  signal.throwIfAborted();
}
