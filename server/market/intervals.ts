import type { Interval } from '../../common/contracts/index.ts';

/** Sorted, disjoint, non-empty half-open intervals `[fromMs, toMs)`; touching ones are one. */
export type IntervalSet = readonly Interval[];

/** Any intervals as a set. */
export function unionOf(intervals: readonly Interval[]): IntervalSet {
  const sorted = intervals
    .filter(({ fromMs, toMs }) => fromMs < toMs)
    .toSorted((a, b) => a.fromMs - b.fromMs);
  const result: Interval[] = [];
  for (const next of sorted) {
    const last = result.at(-1);
    if (last && next.fromMs <= last.toMs) {
      result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, next.toMs) };
    } else result.push({ fromMs: next.fromMs, toMs: next.toMs });
  }
  return result;
}

/** What is in both. */
export function intersectionOf(a: IntervalSet, b: IntervalSet): IntervalSet {
  const result: Interval[] = [];
  for (const one of a) {
    for (const other of b) {
      const fromMs = Math.max(one.fromMs, other.fromMs);
      const toMs = Math.min(one.toMs, other.toMs);
      if (fromMs < toMs) result.push({ fromMs, toMs });
    }
  }
  return unionOf(result);
}

/** What is in `a` and not in `b`. */
export function differenceOf(a: IntervalSet, b: IntervalSet): IntervalSet {
  const result: Interval[] = [];
  for (const one of a) {
    let fromMs = one.fromMs;
    for (const other of b) {
      if (other.toMs <= fromMs || other.fromMs >= one.toMs) continue;
      if (other.fromMs > fromMs) result.push({ fromMs, toMs: other.fromMs });
      fromMs = Math.max(fromMs, other.toMs);
    }
    if (fromMs < one.toMs) result.push({ fromMs, toMs: one.toMs });
  }
  return result;
}

/** Length of all intervals together in milliseconds. */
export function lengthOf(set: IntervalSet): number {
  return set.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
}
