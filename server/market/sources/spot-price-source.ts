import type { PriceBatch } from '../price-batch.ts';

/** What is asked for: records of `[fromMs, toMs)`, whole seconds, of some instance types or, when none is named, all. */
export interface PriceQuestion {
  readonly region: string;
  readonly product: string;
  readonly instanceTypes: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** A page of records, newest first. */
export interface PricePage {
  readonly batch: PriceBatch;
  /** Records whose price was absent, zero, negative or no number; they are not kept. */
  readonly refusedPrices: number;
  readonly isLast: boolean;
}

/** Where Spot prices come from. */
export interface SpotPriceSource {
  /**
   * All records asked for, newest first, and then of each pool the one in force at the start, page by page.
   * @throws AppError `market.credentials-missing`, `market.credentials-refused` or `market.unreachable`; what the
   * signal was aborted with
   */
  pages(question: PriceQuestion, signal: AbortSignal): AsyncIterable<PricePage>;
  /** Counters and pace since the source was made. */
  readonly pace: { readonly requests: number; readonly throttled: number; readonly perSecond: number };
}
