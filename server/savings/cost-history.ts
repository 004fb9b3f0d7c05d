import type { CostPoint } from '../../common/contracts/index.ts';
import type { BookedInterval } from './booked-interval.ts';

/** What a cluster cost at a moment; `null` when no price was known. */
export interface CostSample {
  readonly clusterId: string;
  readonly atMs: number;
  readonly costMicroUsdPerHour: number | null;
}

/** More points than this are no longer told apart on a screen. */
const MAX_POINTS = 1_500;

/**
 * Cost of all clusters over time: what ran, and what would have run: the same plus the realized rate at that moment.
 * Samples of unknown cost are left out. At most 1,500 points: the last one of each of as many equal parts of time.
 */
export function costHistory(
  samples: readonly CostSample[],
  intervals: readonly BookedInterval[],
  fromMs: number,
  toMs: number,
): CostPoint[] {
  const actualAt = new Map<number, number>();
  for (const { atMs, costMicroUsdPerHour } of samples) {
    if (costMicroUsdPerHour === null || atMs < fromMs || atMs > toMs) continue;
    actualAt.set(atMs, (actualAt.get(atMs) ?? 0) + costMicroUsdPerHour);
  }
  const partMs = Math.max(1, (toMs - fromMs) / MAX_POINTS);
  const lastOfPart = new Map<number, number>();
  for (const atMs of [...actualAt.keys()].toSorted((a, b) => a - b)) {
    lastOfPart.set(Math.min(MAX_POINTS - 1, Math.floor((atMs - fromMs) / partMs)), atMs);
  }
  const times = [...lastOfPart.values()];
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
