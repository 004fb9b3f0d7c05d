import type { CompiledQuery, Kysely, Transaction } from 'kysely';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import { pricesOnPostgres } from './prices-on-postgres.ts';
import { pricesOnSqlite } from './prices-on-sqlite.ts';

/** A row as it is stored; `price-key.ts` tells pool and second from the key. */
export type PriceRow = MarketTables['spot_prices'];

/** Keys and prices in turn, by stretch. */
export type RowsByStretch = ReadonlyMap<number, readonly number[]>;

/** Keys `[low, high)`. */
export interface KeyRange {
  readonly low: number;
  readonly high: number;
}

/** What each database does in its own way with the rows of prices, for speed. */
export interface PriceTable {
  /** Adds rows and leaves those that are there as they are. Returns how many were new, for the stretches that have any. */
  insertIn(transaction: Transaction<MarketTables>, rows: RowsByStretch): Promise<Map<number, number>>;

  /** The rows of some ranges, which ascend; ascending within each. */
  rangesQuery(ranges: readonly KeyRange[]): CompiledQuery<PriceRow>;

  /** Bytes on disk for each record, everything included; `null` while there are none. */
  bytesPerRecord(reader: Kysely<MarketTables>): Promise<number | null>;
}

export function priceTableOf(kind: Database['kind']): PriceTable {
  return kind === 'postgres' ? pricesOnPostgres : pricesOnSqlite;
}
