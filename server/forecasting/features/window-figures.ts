import { firstAfter, type Window } from './frame-sweeps.ts';
import { PRICE_STAYS_KNOWN_MS, type PriceRecords } from './market-slice.ts';
import type { Memory } from './scratch.ts';

/**
 * What a window has: time-weighted mean, standard deviation and extremes, over the price at its end (but for the deviation,
 * less 1), and how often the price moved.
 */
export type WindowFigure = 'mean' | 'deviation' | 'min' | 'max' | 'changes' | 'ups' | 'downs';

/** The column of each figure, or `NOT_ASKED`. */
export type WindowPlaces = Record<WindowFigure, number>;

export const NOT_ASKED = -1;

export function noPlaces(): WindowPlaces {
  return {
    mean: NOT_ASKED,
    deviation: NOT_ASKED,
    min: NOT_ASKED,
    max: NOT_ASKED,
    changes: NOT_ASKED,
    ups: NOT_ASKED,
    downs: NOT_ASKED,
  };
}

/** Rows of `step` values. */
interface Table {
  readonly values: Float64Array;
  readonly step: number;
  readonly places: WindowPlaces;
}

/** From each record to the cut after it: sum, squares, lowest and highest. One array, since each one costs a register. */
const TO_CUT = 4;

/**
 * Writes figures of a step function over `(time − length, time]`, NaN where the window is not known, in time linear in
 * records and times. All in one sweep and straight to the table: passes over memory are what costs time here.
 *
 * Time is cut at the multiples of the window's length since 1970, so that every window holds exactly one cut. A window's
 * figure is that from its start to the cut, gathered backwards from the cut, and that from the cut to its end, gathered
 * forwards (van Herk, Pattern Recognition Letters 13, 1992; Gil and Werman, PAMI 15, 1993, for extremes). Nothing is ever
 * taken away from a sum, and what is added in which order depends on the window's own records alone: not on where
 * the records begin nor on other times. Sums are of deviations from the price at the cut, so a price far from zero costs no
 * digits, and one that rests has a deviation of exactly 0.
 */
export function fillWindow(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  timesMs: Float64Array,
  { lengthMs, last: lasts, pasts: { runs, changesUpTo: changes, upsUpTo: ups } }: Window,
  { values, step, places }: Table,
  memory: Memory,
): void {
  const { mean: atMean, deviation: atDeviation, min: atMin, max: atMax } = places;
  const { changes: atChanges, ups: atUps, downs: atDowns } = places;
  const toCut = memory.floats(atMs.length * TO_CUT);
  let next = 0;
  let nextCutMs = Number.NEGATIVE_INFINITY;
  let atCut = 0;
  let reference = 0;
  // From the cut to the last record that was reached.
  let reached = 0;
  let reachedMs = 0;
  let sum = 0;
  let squares = 0;
  let min = 0;
  let max = 0;
  for (let index = 0, row = 0; index < timesMs.length; index++, row += step) {
    const toMs = timesMs[index] as number;
    const fromMs = toMs - lengthMs;
    next = firstAfter(atMs, next, fromMs);
    const first = next - 1;
    const last = lasts[index] as number;
    if (
      last < 0 ||
      first < (runs[last] as number) ||
      fromMs - (atMs[first] as number) > PRICE_STAYS_KNOWN_MS
    ) {
      if (atMean >= 0) values[row + atMean] = Number.NaN;
      if (atDeviation >= 0) values[row + atDeviation] = Number.NaN;
      if (atMin >= 0) values[row + atMin] = Number.NaN;
      if (atMax >= 0) values[row + atMax] = Number.NaN;
      if (atChanges >= 0) values[row + atChanges] = Number.NaN;
      if (atUps >= 0) values[row + atUps] = Number.NaN;
      if (atDowns >= 0) values[row + atDowns] = Number.NaN;
      continue;
    }
    const changed = (changes[last] as number) - (changes[first] as number);
    const rose = (ups[last] as number) - (ups[first] as number);
    if (atChanges >= 0) values[row + atChanges] = changed;
    if (atUps >= 0) values[row + atUps] = rose;
    if (atDowns >= 0) values[row + atDowns] = changed - rose;
    const lastPrice = prices[last] as number;
    if (changed === 0) {
      // What the sums would come to: the price rests, as prices mostly do.
      const atRest = 0 / lastPrice;
      if (atMean >= 0) values[row + atMean] = atRest;
      if (atDeviation >= 0) values[row + atDeviation] = atRest;
      if (atMin >= 0) values[row + atMin] = atRest;
      if (atMax >= 0) values[row + atMax] = atRest;
      continue;
    }
    if (toMs >= nextCutMs) {
      const cutMs = Math.floor(toMs / lengthMs) * lengthMs;
      nextCutMs = cutMs + lengthMs;
      atCut = last;
      while (atCut > first && (atMs[atCut] as number) > cutMs) atCut--;
      reference = prices[atCut] as number;
      gatherBackwards(atMs, prices, first, atCut, cutMs, toCut);
      reached = atCut;
      reachedMs = cutMs;
      sum = 0;
      squares = 0;
      min = reference;
      max = reference;
    }
    while (reached < last) {
      const nextMs = atMs[reached + 1] as number;
      const away = (prices[reached] as number) - reference;
      const weighted = away * (nextMs - reachedMs);
      sum += weighted;
      squares += away * weighted;
      reached++;
      reachedMs = nextMs;
      const price = prices[reached] as number;
      if (price < min) min = price;
      if (price > max) max = price;
    }
    const lastAway = lastPrice - reference;
    const lastWeighted = lastAway * (toMs - reachedMs);
    let windowSum = sum + lastWeighted;
    let windowSquares = squares + lastAway * lastWeighted;
    let windowMin = min;
    let windowMax = max;
    if (first < atCut) {
      const price = prices[first] as number;
      const away = price - reference;
      const weighted = away * ((atMs[next] as number) - fromMs);
      const from = next * TO_CUT;
      windowSum += (toCut[from] as number) + weighted;
      windowSquares += (toCut[from + 1] as number) + away * weighted;
      const lowestToCut = toCut[from + 2] as number;
      const highestToCut = toCut[from + 3] as number;
      if (price < windowMin) windowMin = price;
      if (price > windowMax) windowMax = price;
      if (lowestToCut < windowMin) windowMin = lowestToCut;
      if (highestToCut > windowMax) windowMax = highestToCut;
    }
    const mean = windowSum / lengthMs;
    const variance = windowSquares / lengthMs - mean * mean;
    if (atMean >= 0) values[row + atMean] = (reference + mean) / lastPrice - 1;
    if (atDeviation >= 0) values[row + atDeviation] = (variance > 0 ? Math.sqrt(variance) : 0) / lastPrice;
    if (atMin >= 0) values[row + atMin] = windowMin / lastPrice - 1;
    if (atMax >= 0) values[row + atMax] = windowMax / lastPrice - 1;
  }
}

function gatherBackwards(
  atMs: Float64Array,
  prices: Float64Array,
  first: number,
  atCut: number,
  cutMs: number,
  toCut: Float64Array,
): void {
  const reference = prices[atCut] as number;
  let sum = 0;
  let squares = 0;
  let min = reference;
  let max = reference;
  let endMs = cutMs;
  for (let record = atCut; record > first; record--) {
    const price = prices[record] as number;
    const startMs = atMs[record] as number;
    const away = price - reference;
    const weighted = away * (endMs - startMs);
    sum += weighted;
    squares += away * weighted;
    if (price < min) min = price;
    if (price > max) max = price;
    const place = record * TO_CUT;
    toCut[place] = sum;
    toCut[place + 1] = squares;
    toCut[place + 2] = min;
    toCut[place + 3] = max;
    endMs = startMs;
  }
}
