import { MS_PER_DAY, MS_PER_SECOND } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { CoverageStore } from './coverage-store.ts';
import type { MarketTables } from './market-tables.ts';
import { startOfStretch, stretchOf } from './price-key.ts';
import type { PriceStore } from './price-store.ts';
import { LONGEST_SILENCE_MS } from './step-function.ts';

/**
 * Drops whole stretches of time (nine hours; on PostgreSQL partitions of twelve days) that lie before the last `days` days. Coverage is taken back first, and a
 * day further than rows: the prices in force where covered time begins have to be on disk. What is deleted after a kill
 * half-way was vouched for by nothing any more, and goes at the next call.
 * @returns rows deleted
 */
export async function dropOldPrices(
  parts: { database: Database; prices: PriceStore; coverage: CoverageStore },
  days: number,
  nowMs: number,
): Promise<number> {
  const end = parts.prices.partitions.endOfDroppable(stretchOf((nowMs - days * MS_PER_DAY) / MS_PER_SECOND));
  const old = (await parts.prices.counts.stretches()).filter(stretch => stretch < end);
  if (old.length === 0) return 0;
  await parts.database.write<MarketTables, void>(transaction =>
    parts.coverage.dropBeforeIn(transaction, startOfStretch(end) * MS_PER_SECOND + LONGEST_SILENCE_MS),
  );
  return parts.prices.drop(old);
}
