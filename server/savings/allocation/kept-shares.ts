import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { type AllocationStore, HOURS_KEPT_MS, type KeptShares } from './allocation-store.ts';
import { addShares, noShares } from './cost-shares.ts';

/** What is kept of a time, and which time that really is. */
export interface KeptRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly shares: AsyncIterable<KeptShares>;
}

/**
 * What is kept of a time in steps of hours or days, by time, then cluster. Days are read whole where they lie in the time, else from
 * their hours. The time is widened to whole hours; to whole days where hours are no longer kept; in steps of hours it begins with
 * the first hour that is kept.
 */
export function keptShares(
  store: Pick<AllocationStore, 'hours' | 'days'>,
  asked: { readonly fromMs: number; readonly toMs: number; readonly clusterId?: string | undefined },
  step: 'hour' | 'day',
  nowMs: number,
): KeptRange {
  const { clusterId } = asked;
  const today = floorTo(nowMs, MS_PER_DAY);
  const firstHour = today - HOURS_KEPT_MS;
  if (step === 'hour') {
    const fromMs = Math.max(floorTo(asked.fromMs, MS_PER_HOUR), firstHour);
    const toMs = Math.max(fromMs, -floorTo(-asked.toMs, MS_PER_HOUR));
    return { fromMs, toMs, shares: store.hours(fromMs, toMs, clusterId) };
  }
  const fromMs = floorTo(asked.fromMs, asked.fromMs < firstHour ? MS_PER_DAY : MS_PER_HOUR);
  const toMs = -floorTo(-asked.toMs, asked.toMs < firstHour ? MS_PER_DAY : MS_PER_HOUR);
  // Whole days that are summed up already.
  const firstDay = -floorTo(-fromMs, MS_PER_DAY);
  const endOfDays = Math.max(firstDay, Math.min(floorTo(toMs, MS_PER_DAY), today));
  async function* shares(): AsyncGenerator<KeptShares> {
    yield* dayOfHours(store, fromMs, Math.min(firstDay, toMs), clusterId);
    yield* store.days(firstDay, endOfDays, clusterId);
    for (let day = endOfDays; day < toMs; day += MS_PER_DAY)
      yield* dayOfHours(store, day, Math.min(day + MS_PER_DAY, toMs), clusterId);
  }
  return { fromMs, toMs, shares: shares() };
}

/** Hours of one day, put together by cluster. */
async function* dayOfHours(
  store: Pick<AllocationStore, 'hours'>,
  fromMs: number,
  toMs: number,
  clusterId: string | undefined,
): AsyncGenerator<KeptShares> {
  if (fromMs >= toMs) return;
  const byCluster = new Map<string, KeptShares>();
  for await (const hour of store.hours(fromMs, toMs, clusterId)) {
    const atMs = floorTo(fromMs, MS_PER_DAY);
    const day = byCluster.get(hour.clusterId) ?? { ...hour, atMs, lengthMs: 0, shares: noShares() };
    addShares(day.shares, hour.shares);
    byCluster.set(hour.clusterId, { ...day, lengthMs: day.lengthMs + hour.lengthMs });
  }
  yield* [...byCluster.values()].toSorted((a, b) => (a.clusterId < b.clusterId ? -1 : 1));
}

function floorTo(atMs: number, lengthMs: number): number {
  return Math.floor(atMs / lengthMs) * lengthMs;
}
