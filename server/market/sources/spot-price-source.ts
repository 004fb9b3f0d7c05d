import type { FillSlice } from '../fill-plan.ts';
import type { PriceRecord } from '../price-store.ts';

/** A page of records, newest first. */
export interface PricePage {
  readonly records: readonly PriceRecord[];
  /** Records whose price was absent, zero, negative or no number; they are not kept. */
  readonly refusedPrices: number;
}

/** Where Spot prices come from. */
export interface SpotPriceSource {
  /**
   * All records of a slice, and of each pool the one in force at its start, page by page.
   * @throws AppError `market.credentials-missing`, `market.credentials-refused` or `market.unreachable`
   */
  pages(
    slice: FillSlice & { instanceTypes: readonly string[] },
    signal: AbortSignal,
  ): AsyncIterable<PricePage>;
  /** Counters and pace since the source was made. */
  readonly pace: { readonly requests: number; readonly throttled: number; readonly perSecond: number };
}
