import type { PriceRecords } from './market-slice.ts';
import type { WindowEnds } from './price-frame.ts';
import type { Memory } from './scratch.ts';

/** Places of the figures of a window among the `FIGURES` that each time has. */
export const MEAN = 0;
export const STANDARD_DEVIATION = 1;
export const MIN = 2;
export const MAX = 3;
export const FIGURES = 4;

/**
 * Time-weighted mean, standard deviation and extremes of a step function over `(time − length, time]`, four figures for each
 * time one after the other, NaN where the window is not known; in time linear in records and times.
 *
 * Time is cut at the multiples of the window's length since 1970, so that every window holds exactly one cut. A window's
 * figure is that from its start to the cut, gathered backwards from the cut, and that from the cut to its end, gathered
 * forwards (van Herk, Pattern Recognition Letters 13, 1992; Gil and Werman, PAMI 15, 1993, for extremes). Nothing is ever
 * taken away from a sum, and what is added in which order depends on the window's own records alone: not on where
 * the records begin nor on other times. Sums are of deviations from the price at the cut, so a price far from zero costs no
 * digits, and one that rests has a deviation of exactly 0.
 */
export function windowFigures(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  timesMs: Float64Array,
  { lengthMs, first: firsts, last: lasts, runs, changes }: WindowEnds,
  memory: Memory,
): Float64Array {
  const figures = memory.floats(timesMs.length * FIGURES);
  // From each record to the cut after it: sum, squares, lowest and highest. One array, since each one costs a register.
  const toCut = memory.floats(atMs.length * FIGURES);
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
  for (let index = 0; index < timesMs.length; index++) {
    const place = index * FIGURES;
    const last = lasts[index] as number;
    const first = firsts[index] as number;
    if (last < 0 || first < (runs[last] as number)) {
      figures[place + MEAN] = Number.NaN;
      figures[place + STANDARD_DEVIATION] = Number.NaN;
      figures[place + MIN] = Number.NaN;
      figures[place + MAX] = Number.NaN;
      continue;
    }
    if ((changes[last] as number) <= first) {
      // What the sums would come to: the price rests, as prices mostly do.
      const price = prices[last] as number;
      figures[place + MEAN] = price;
      figures[place + STANDARD_DEVIATION] = 0;
      figures[place + MIN] = price;
      figures[place + MAX] = price;
      continue;
    }
    const toMs = timesMs[index] as number;
    if (toMs >= nextCutMs) {
      const cutMs = Math.floor(toMs / lengthMs) * lengthMs;
      nextCutMs = cutMs + lengthMs;
      atCut = first;
      while (atCut < last && (atMs[atCut + 1] as number) <= cutMs) atCut++;
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
    const lastAway = (prices[last] as number) - reference;
    const lastWeighted = lastAway * (toMs - reachedMs);
    let windowSum = sum + lastWeighted;
    let windowSquares = squares + lastAway * lastWeighted;
    let windowMin = min;
    let windowMax = max;
    if (first < atCut) {
      const next = first + 1;
      const price = prices[first] as number;
      const away = price - reference;
      const weighted = away * ((atMs[next] as number) - (toMs - lengthMs));
      const from = next * FIGURES;
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
    figures[place + MEAN] = reference + mean;
    figures[place + STANDARD_DEVIATION] = variance > 0 ? Math.sqrt(variance) : 0;
    figures[place + MIN] = windowMin;
    figures[place + MAX] = windowMax;
  }
  return figures;
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
    const place = record * FIGURES;
    toCut[place] = sum;
    toCut[place + 1] = squares;
    toCut[place + 2] = min;
    toCut[place + 3] = max;
    endMs = startMs;
  }
}
