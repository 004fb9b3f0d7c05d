import { MS_PER_DAY, MS_PER_HOUR } from '../../../../common/units/index.ts';
import type { PoolRow } from '../pools/pool-rows.ts';

/** Ranges that a button shows; `all` goes back to the first record. */
export const RANGES = ['24h', '7d', '30d', '90d', 'all'] as const;
export type Range = (typeof RANGES)[number];

const LENGTH_MS: Readonly<Record<Exclude<Range, 'all'>, number>> = {
  '24h': MS_PER_DAY,
  '7d': 7 * MS_PER_DAY,
  '30d': 30 * MS_PER_DAY,
  '90d': 90 * MS_PER_DAY,
};
/** Before Spot began there is nothing. */
const FIRST_MS = Date.UTC(2009, 11, 14);

/** A window of time, and whether it ends before now because nothing newer is on disk. */
export interface HistoryWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endsEarly: boolean;
}

/**
 * The window of a range: up to now, or, where all pools ended earlier, up to an hour after the last price on disk, so
 * that an archive of years ago is not a blank picture.
 */
export function windowOf(range: Range, rows: readonly PoolRow[], nowMs: number): HistoryWindow {
  const newestMs = rows.reduce((newest, { lastAtMs }) => Math.max(newest, lastAtMs), 0);
  const endsEarly = rows.length > 0 && rows.every(({ state }) => state !== 'in-force');
  const toMs = endsEarly ? newestMs + MS_PER_HOUR : nowMs;
  return { fromMs: range === 'all' ? FIRST_MS : toMs - LENGTH_MS[range], toMs, endsEarly };
}

/** The range that an address names. */
export function rangeOf(text: string | null): Range {
  return RANGES.find(range => range === text) ?? '30d';
}
