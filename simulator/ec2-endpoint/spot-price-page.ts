import type { Pool } from '../../common/units/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import type { SpotMarket, SpotPriceRecord } from '../market/index.ts';

const FIRST_STRIDE_MS = 6 * MS_PER_HOUR;
const SHORTEST_STRIDE_MS = 1000;
const LONGEST_STRIDE_MS = 30 * MS_PER_DAY;

/** A record with the pool it belongs to; `poolNumber` is its place in the list of pools asked for. */
export interface PooledRecord extends SpotPriceRecord {
  readonly poolNumber: number;
}

/** What a page is cut from. */
export interface SpotPriceWindow {
  readonly market: SpotMarket;
  readonly pools: readonly Pool[];
  /** Records before this time do not exist any more: EC2 keeps 90 days. */
  readonly oldestMs: number;
  readonly startMs: number;
  /** Inclusive. */
  readonly endMs: number;
  /** Further conditions on a record. */
  accepts(record: PooledRecord): boolean;
}

/** Where a page begins: after this record, looking `strideMs` back first. */
export interface PageStart {
  readonly afterMs: number;
  readonly afterPool: number;
  readonly strideMs: number;
}

/** One page, newest first, and where the next one begins; `undefined` after the last record. */
export interface SpotPricePage {
  readonly records: readonly PooledRecord[];
  readonly next: PageStart | undefined;
}

/** The start of the first page of a window. */
export function firstPageStart(window: SpotPriceWindow): PageStart {
  return { afterMs: window.endMs + 1, afterPool: -1, strideMs: FIRST_STRIDE_MS };
}

/**
 * Cuts the next page out of a window. The order is newest first over all pools, ties by pool number. The last entries are,
 * for each pool, the record in force when the window opens, which is older than the window.
 *
 * Looks back in strides of time and sorts only what a stride holds, so that memory and time depend on the page and the
 * number of pools, not on the length of the window.
 */
export function cutSpotPricePage(
  window: SpotPriceWindow,
  start: PageStart,
  maxRecords: number,
): SpotPricePage {
  const found: PooledRecord[] = [];
  const wanted = maxRecords + 1;
  let strideMs = start.strideMs;
  let untilMs = start.afterMs + 1;
  const openMs = Math.max(window.startMs, window.oldestMs - 1) + 1;
  while (found.length < wanted && untilMs > openMs) {
    const fromMs = Math.max(openMs, untilMs - strideMs);
    const stretch = recordsOfStretch(window, fromMs, untilMs).filter(record => isAfter(record, start));
    for (const record of stretch.sort(newestFirst)) found.push(record);
    untilMs = fromMs;
    strideMs = nextStride(strideMs, stretch.length, wanted);
  }
  if (found.length < wanted) {
    const inForce = recordsInForce(window).filter(record => isAfter(record, start));
    for (const record of inForce.sort(newestFirst)) found.push(record);
  }
  const records = found.slice(0, maxRecords);
  const last = records.at(-1);
  const next =
    found.length > maxRecords && last
      ? { afterMs: last.atMs, afterPool: last.poolNumber, strideMs }
      : undefined;
  return { records, next };
}

function recordsOfStretch(window: SpotPriceWindow, fromMs: number, untilMs: number): PooledRecord[] {
  const endMs = Math.min(untilMs, window.endMs + 1);
  const found: PooledRecord[] = [];
  for (const [poolNumber, pool] of window.pools.entries()) {
    for (const { atMs, priceMicroUsdPerHour } of window.market.recordsBetween(pool, fromMs, endMs)) {
      const record = { atMs, priceMicroUsdPerHour, poolNumber };
      if (window.accepts(record)) found.push(record);
    }
  }
  return found;
}

function recordsInForce(window: SpotPriceWindow): PooledRecord[] {
  if (window.endMs < window.startMs) return [];
  return window.pools.flatMap((pool, poolNumber) => {
    const record = window.market.recordInForce(pool, window.startMs);
    if (!record || record.atMs < window.oldestMs) return [];
    const pooled = { ...record, poolNumber };
    return window.accepts(pooled) ? [pooled] : [];
  });
}

function isAfter(record: PooledRecord, start: PageStart): boolean {
  return (
    record.atMs < start.afterMs || (record.atMs === start.afterMs && record.poolNumber > start.afterPool)
  );
}

function newestFirst(a: PooledRecord, b: PooledRecord): number {
  return b.atMs - a.atMs || a.poolNumber - b.poolNumber;
}

/** A stride that would hold a page and a little more, judged by what the last one held. */
function nextStride(strideMs: number, held: number, wanted: number): number {
  const factor = Math.min(8, Math.max(0.25, (1.2 * wanted) / Math.max(1, held)));
  return Math.min(LONGEST_STRIDE_MS, Math.max(SHORTEST_STRIDE_MS, Math.ceil(strideMs * factor)));
}
