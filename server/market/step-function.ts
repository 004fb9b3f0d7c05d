import type { Interval, PricePoint } from '../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { type IntervalSet, intersectionOf } from './intervals.ts';

/**
 * EC2 emits an unchanged price again about every 24 h; 99.9 % of silences in recorded pools are at most 24.02 h.
 * A longer silence inside covered time is a hole, or a pool that is no longer sold.
 */
export const LONGEST_SILENCE_MS = 24.5 * MS_PER_HOUR;

/** Silences of a pool that are too long to believe its last price, up to `toMs`. Points ascend in time. */
export function holesOf(points: readonly PricePoint[], toMs: number): Interval[] {
  return holesBetween(
    points.map(({ atMs }) => atMs),
    toMs,
  );
}

/** As `holesOf`, of the times of the records alone. */
export function holesBetween(atMs: ArrayLike<number>, toMs: number): Interval[] {
  const holes: Interval[] = [];
  for (let index = 0; index < atMs.length; index++) {
    const believedToMs = (atMs[index] ?? 0) + LONGEST_SILENCE_MS;
    const nextMs = atMs[index + 1] ?? toMs;
    if (nextMs > believedToMs) holes.push({ fromMs: believedToMs, toMs: nextMs });
  }
  return holes;
}

/**
 * Whether the last record of a pool still tells its price at `atMs`: not once the pool was silent for too long in
 * time that is on disk. Silence in time that is not on disk says nothing, so that the last known price stands.
 */
export function isStillInForce(last: PricePoint, atMs: number, covered: IntervalSet): boolean {
  if (atMs - last.atMs <= LONGEST_SILENCE_MS) return true;
  const silent = intersectionOf(covered, [{ fromMs: last.atMs, toMs: atMs }]);
  return silent.every(({ fromMs, toMs }) => toMs - fromMs <= LONGEST_SILENCE_MS);
}
