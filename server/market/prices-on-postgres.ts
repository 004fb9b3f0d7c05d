import { CompiledQuery, sql } from 'kysely';
import { keysOf } from './price-key.ts';
import type { PriceTable } from './price-table.ts';

const KEYS_PER_STRETCH = keysOf(1).low;

/**
 * A table in partitions by time, see `price-partitions.ts`. Numbers go there as two arrays: as fast as `copy` into a table
 * of the session and an insert from there, and faster than values one by one (`npm run bench market`).
 */
export const pricesOnPostgres: PriceTable = {
  insertIn: async (transaction, rows) => {
    const [keys, prices]: [number[], number[]] = [[], []];
    for (const values of rows.values())
      for (const [index, value] of values.entries()) (index % 2 === 0 ? keys : prices).push(value);
    const { rows: added } = await transaction.executeQuery<{ stretch: number; records: number }>(
      CompiledQuery.raw(
        `with added as (
          insert into spot_prices (key, price_micro_usd)
          select * from unnest($1::bigint[], $2::integer[]) on conflict do nothing returning key
        ) select key / ${KEYS_PER_STRETCH} as stretch, count(*) as records from added group by 1`,
        [arrayText(keys), arrayText(prices)],
      ),
    );
    return new Map(added.map(({ stretch, records }) => [stretch, records]));
  },

  // The outer bounds say the same as the ranges do, but early enough for other partitions to be left out.
  rangesQuery: ranges =>
    CompiledQuery.raw(
      `select key, price_micro_usd
      from unnest($1::bigint[], $2::bigint[]) as ranges (low, high) cross join spot_prices
      where key >= low and key < high and key >= $3::bigint and key < $4::bigint
      order by key`,
      [
        arrayText(ranges.map(({ low }) => low)),
        arrayText(ranges.map(({ high }) => high)),
        ranges[0]?.low ?? 0,
        ranges.at(-1)?.high ?? 0,
      ],
    ),

  /** Rows, indexes and free space of all partitions. */
  bytesPerRecord: async reader => {
    const { rows } = await sql<{ bytes: number | null; records: number | null }>`
      select (select sum(pg_total_relation_size(inhrelid)) from pg_inherits
          where inhparent = 'spot_prices'::regclass) as bytes,
        (select sum(records) from price_stretches) as records`.execute(reader);
    const [measured] = rows;
    return measured?.bytes && measured.records ? measured.bytes / measured.records : null;
  },
};

/** An array as PostgreSQL writes it; the driver's own way quotes every number. */
function arrayText(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
