import type { CostPoint } from '../../common/contracts/index.ts';
import type { CostSum } from '../clusters/index.ts';
import type { BookedInterval } from './booked-interval.ts';

/** More points than this are no longer told apart on a screen. */
const MAX_POINTS = 1_500;

/**
 * Cost of all clusters over time: what ran, and what would have run: the same plus the realized rate at that moment.
 * At most 1,500 points; of more, the last one of each of as many equal parts.
 */
export function costHistory(
  sums: readonly CostSum[],
  intervals: readonly BookedInterval[],
  fromMs: number,
  toMs: number,
): CostPoint[] {
  const actualAt = new Map(
    sums
      .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
      .map(({ atMs, costMicroUsdPerHour }) => [atMs, costMicroUsdPerHour]),
  );
  const times = thinned([...actualAt.keys()].toSorted((a, b) => a - b));
  const rates = realizedRates(intervals, times);
  return times.map((atMs, index) => {
    const actual = actualAt.get(atMs) ?? 0;
    return {
      atMs,
      actualMicroUsdPerHour: actual,
      counterfactualMicroUsdPerHour: actual + (rates[index] ?? 0),
    };
  });
}

/** Sorted times, and where they are too many the last one of each of `MAX_POINTS` equal parts of their span. */
function thinned(times: readonly number[]): readonly number[] {
  const first = times[0] ?? 0;
  const partMs = ((times.at(-1) ?? 0) - first) / (MAX_POINTS - 1);
  if (times.length <= MAX_POINTS) return times;
  return [...new Map(times.map(atMs => [Math.floor((atMs - first) / partMs), atMs])).values()];
}

/** The realized rate at each of the sorted times. */
function realizedRates(intervals: readonly BookedInterval[], times: readonly number[]): number[] {
  const steps = intervals
    .flatMap(({ fromMs, toMs, counterfactualMicroUsdPerHour, actualMicroUsdPerHour }) => {
      if (actualMicroUsdPerHour === null) return [];
      const rate = counterfactualMicroUsdPerHour - actualMicroUsdPerHour;
      return [
        { atMs: fromMs, change: rate },
        { atMs: toMs, change: -rate },
      ];
    })
    .toSorted((a, b) => a.atMs - b.atMs);
  let next = 0;
  let rate = 0;
  return times.map(atMs => {
    for (let step = steps[next]; step !== undefined && step.atMs <= atMs; step = steps[++next])
      rate += step.change;
    return rate;
  });
}
