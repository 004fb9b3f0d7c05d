import type { Pool } from '../../common/units/index.ts';

/** One record of a Spot price history: from `atMs` on, an hour costs `priceMicroUsdPerHour`. */
export interface SpotPriceRecord {
  /** Milliseconds since 1970 UTC, always a whole second. */
  readonly atMs: number;
  /** Integer micro-USD, greater than zero. */
  readonly priceMicroUsdPerHour: number;
}

/**
 * What a pretend or a recorded Spot market can be asked. Answers never depend on earlier questions: the records of
 * [a, c) are those of [a, b) followed by those of [b, c). Asking for a pool that is not in `pools()` throws.
 */
export interface SpotMarket {
  /** AWS region, the same for every pool. */
  readonly region: string;
  /** Every pool that is sold, always in the same order. */
  pools(): readonly Pool[];
  /** Records with `fromMs <= atMs < toMs`, oldest first, at most one in a second. */
  recordsBetween(pool: Pool, fromMs: number, toMs: number): SpotPriceRecord[];
  /** The last record at or before `atMs`; `undefined` when the market knows nothing that old. */
  recordInForce(pool: Pool, atMs: number): SpotPriceRecord | undefined;
  /** The price in force at `atMs`, in micro-USD for an hour; `undefined` before the first record. */
  priceAt(pool: Pool, atMs: number): number | undefined;
}

/** A sorted run of records in typed arrays: seconds since 1970 and micro-USD for an hour, oldest first. */
export interface RecordColumns {
  readonly atSeconds: Float64Array;
  readonly priceMicroUsdPerHour: Float64Array;
}

/** Index of the first record at or after `atMs`: the length when there is none. */
export function firstIndexAtOrAfter(columns: RecordColumns, atMs: number): number {
  const wanted = atMs / 1000;
  let low = 0;
  let high = columns.atSeconds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.atSeconds[middle] ?? Number.POSITIVE_INFINITY) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The record at an index, as an object; `undefined` outside the run. */
export function recordAtIndex(columns: RecordColumns, index: number): SpotPriceRecord | undefined {
  const seconds = columns.atSeconds[index];
  const price = columns.priceMicroUsdPerHour[index];
  return seconds === undefined || price === undefined
    ? undefined
    : { atMs: seconds * 1000, priceMicroUsdPerHour: price };
}
