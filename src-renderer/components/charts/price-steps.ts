import type { Interval, PricePoint } from '../../../common/contracts/index.ts';

/**
 * Times and USD per hour of a price function for a chart. A price holds until the next record or `toMs`; inside a hole
 * there is a gap, and after it nothing holds until the next record.
 */
export function priceSteps(
  points: readonly PricePoint[],
  holes: readonly Interval[],
  toMs: number,
): { timesMs: number[]; values: (number | null)[] } {
  const marks = new Map<number, number | null>();
  for (const { atMs, priceMicroUsdPerHour } of points) marks.set(atMs, priceMicroUsdPerHour / 1e6);
  const last = points.at(-1);
  if (last && last.atMs < toMs) marks.set(toMs, last.priceMicroUsdPerHour / 1e6);
  for (const { fromMs, toMs: endMs } of holes) {
    const before = points.findLast(({ atMs }) => atMs <= fromMs);
    for (const atMs of marks.keys()) if (atMs > fromMs && atMs < endMs) marks.delete(atMs);
    if (before) marks.set(fromMs, before.priceMicroUsdPerHour / 1e6);
    marks.set(fromMs + 1, null);
    if (endMs >= toMs) marks.delete(toMs);
  }
  const sorted = [...marks].sort(([a], [b]) => a - b);
  return { timesMs: sorted.map(([at]) => at), values: sorted.map(([, value]) => value) };
}
