import { setImmediate as turn } from 'node:timers/promises';
import type { Interval } from '../../common/contracts/index.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import { keysOf, poolOfKey, secondOfKey, stretchOf } from './price-key.ts';
import { type PriceRow, priceTableOf } from './price-table.ts';

/** Two parameters each; databases take at least 32,766. */
const RANGES_PER_QUERY = 8_000;
/** Reading a stranger's records of a stretch (about four) is cheaper than another seek. */
const STRANGERS_READ = 2;

/** The numbers of stretches from `first` to `last`. */
export function stretchesBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** Rows of some pools in some stretches (ascending), ascending in time for each pool. */
export async function readPriceRows(
  database: Database,
  ids: readonly number[],
  stretches: readonly number[],
): Promise<PriceRow[]> {
  if (ids.length === 0 || stretches.length === 0) return [];
  const runs = runsOf(ids);
  const ranges = stretches.flatMap(stretch => runs.map(({ first, last }) => keysOf(stretch, first, last)));
  const rows: PriceRow[] = [];
  for (let start = 0; start < ranges.length; start += RANGES_PER_QUERY) {
    const query = priceTableOf(database.kind).rangesQuery(ranges.slice(start, start + RANGES_PER_QUERY));
    for (const row of (await database.reader<MarketTables>().executeQuery(query)).rows) rows.push(row);
  }
  return rows;
}

/** Shows every record of some pools in an interval, ascending in time for each pool, a stretch at a time. */
export async function visitRecords(
  database: Database,
  ids: readonly number[],
  { fromMs, toMs }: Interval,
  visit: (id: number, atS: number) => void,
): Promise<void> {
  const [fromS, toS] = [fromMs / MS_PER_SECOND, toMs / MS_PER_SECOND];
  for (const stretch of stretchesBetween(stretchOf(fromS), stretchOf(toS))) {
    for (const { key } of await readPriceRows(database, ids, [stretch])) {
      const atS = secondOfKey(key);
      if (atS >= fromS && atS < toS) visit(poolOfKey(key), atS);
    }
    await turn();
  }
}

/** Runs of numbers that lie close together, in order: one seek reads a run. */
function runsOf(ids: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && id - run.last <= STRANGERS_READ + 1) run.last = id;
    else runs.push({ first: id, last: id });
  }
  return runs;
}
