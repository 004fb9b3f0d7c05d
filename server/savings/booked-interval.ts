import { MS_PER_HOUR } from '../../common/units/index.ts';

/** Prices in force over `[fromMs, toMs)`; both in micro-USD per hour, `actual` is `null` where a price was unknown. */
export interface BookedInterval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counterfactualMicroUsdPerHour: number;
  readonly actualMicroUsdPerHour: number | null;
}

/**
 * Sum over intervals, kept in micro-USD × ms so that no rounding is in it: cutting an interval in two changes nothing.
 * Money is rounded once, where it is shown.
 */
export interface Booked {
  readonly microUsdMs: bigint;
  readonly knownMs: number;
  readonly unknownMs: number;
}

/** Nothing booked. */
export const nothingBooked: Booked = { microUsdMs: 0n, knownMs: 0, unknownMs: 0 };

/** What one interval books: counterfactual − actual over its time; unknown time books nothing and is counted. */
export function bookedIn(interval: BookedInterval): Booked {
  const ms = interval.toMs - interval.fromMs;
  if (interval.actualMicroUsdPerHour === null) return { microUsdMs: 0n, knownMs: 0, unknownMs: ms };
  const rate = interval.counterfactualMicroUsdPerHour - interval.actualMicroUsdPerHour;
  return { microUsdMs: BigInt(rate) * BigInt(ms), knownMs: ms, unknownMs: 0 };
}

/** Both together. */
export function plus(a: Booked, b: Booked): Booked {
  return {
    microUsdMs: a.microUsdMs + b.microUsdMs,
    knownMs: a.knownMs + b.knownMs,
    unknownMs: a.unknownMs + b.unknownMs,
  };
}

/** The sum of many. */
export function bookedOver(intervals: Iterable<BookedInterval>): Booked {
  let sum = nothingBooked;
  for (const interval of intervals) sum = plus(sum, bookedIn(interval));
  return sum;
}

/** The part of an interval from `atMs` on; `undefined` when it lies before. */
export function since(interval: BookedInterval, atMs: number): BookedInterval | undefined {
  if (interval.toMs <= atMs) return undefined;
  return interval.fromMs >= atMs ? interval : { ...interval, fromMs: atMs };
}

/** Micro-USD × ms as integer micro-USD, rounded half away from zero. */
export function toMicroUsd(microUsdMs: bigint): number {
  const hour = BigInt(MS_PER_HOUR);
  const size = microUsdMs < 0n ? -microUsdMs : microUsdMs;
  const rounded = Number((size + hour / 2n) / hour);
  return microUsdMs < 0n && rounded !== 0 ? -rounded : rounded;
}
