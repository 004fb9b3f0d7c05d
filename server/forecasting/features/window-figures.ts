import type { PriceRecords } from './market-slice.ts';
import type { WindowEnds } from './price-frame.ts';

/** Time-weighted figures of the price over a window of each time; NaN where the window is not known. */
export interface WindowFigures {
  readonly mean: Float64Array;
  readonly standardDeviation: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/**
 * Mean, standard deviation and extremes of a step function over `(time − length, time]`, in time linear in records and times.
 *
 * Time is cut at the multiples of the window's length since 1970, so that every window holds exactly one cut. A window's
 * figure is that from its start to the cut, gathered backwards from the cut, and that from the cut to its end, gathered
 * forwards (van Herk, Pattern Recognition Letters 13, 1992; Gil and Werman, PAMI 15, 1993, for extremes). Nothing is ever
 * taken away from a sum, and what is added in which order depends on the window's own records alone: not on where
 * the records begin nor on other times. Sums are of deviations from the price at the cut, so a price far from zero costs no digits.
 */
export function windowFigures(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  timesMs: Float64Array,
  { lengthMs, first: firsts, last: lasts }: WindowEnds,
): WindowFigures {
  const empty = () => new Float64Array(timesMs.length).fill(Number.NaN);
  const figures = { mean: empty(), standardDeviation: empty(), min: empty(), max: empty() };
  const { mean: means, standardDeviation, min: lowest, max: highest } = figures;
  // From each record to the cut after it.
  const sumToCut = new Float64Array(atMs.length);
  const squaresToCut = new Float64Array(atMs.length);
  const minToCut = new Float64Array(atMs.length);
  const maxToCut = new Float64Array(atMs.length);
  let cutMs = Number.NaN;
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
    const last = lasts[index] as number;
    if (last < 0) continue;
    const first = firsts[index] as number;
    const toMs = timesMs[index] as number;
    const nextCutMs = Math.floor(toMs / lengthMs) * lengthMs;
    if (nextCutMs !== cutMs) {
      cutMs = nextCutMs;
      atCut = first;
      while (atCut < last && (atMs[atCut + 1] as number) <= cutMs) atCut++;
      reference = prices[atCut] as number;
      min = reference;
      max = reference;
      sum = 0;
      squares = 0;
      let endMs = cutMs;
      for (let record = atCut; record > first; record--) {
        const price = prices[record] as number;
        const away = price - reference;
        const weighted = away * (endMs - (atMs[record] as number));
        sum += weighted;
        squares += away * weighted;
        if (price < min) min = price;
        if (price > max) max = price;
        sumToCut[record] = sum;
        squaresToCut[record] = squares;
        minToCut[record] = min;
        maxToCut[record] = max;
        endMs = atMs[record] as number;
      }
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
      const price = prices[first] as number;
      const away = price - reference;
      const weighted = away * ((atMs[first + 1] as number) - (toMs - lengthMs));
      windowSum += sumToCut[first + 1] as number;
      windowSum += weighted;
      windowSquares += squaresToCut[first + 1] as number;
      windowSquares += away * weighted;
      windowMin = Math.min(windowMin, price, minToCut[first + 1] as number);
      windowMax = Math.max(windowMax, price, maxToCut[first + 1] as number);
    }
    const mean = windowSum / lengthMs;
    means[index] = reference + mean;
    standardDeviation[index] = Math.sqrt(Math.max(0, windowSquares / lengthMs - mean * mean));
    lowest[index] = windowMin;
    highest[index] = windowMax;
  }
  return figures;
}
