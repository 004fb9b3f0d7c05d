import { CompiledQuery, sql } from 'kysely';
import type { PriceTable } from './price-table.ts';

/** Measured: longer statements gain nothing. */
const ROWS_PER_INSERT = 250;
const COLUMNS = 2;
/** 8 MiB: enough for a figure to the percent, and read in a few milliseconds. */
const PAGES_MEASURED = 2_000;

/** One table whose key is its row number. */
export const pricesOnSqlite: PriceTable = {
  insertIn: async (transaction, rows) => {
    const added = new Map<number, number>();
    const width = COLUMNS * ROWS_PER_INSERT;
    for (const [stretch, values] of rows) {
      let inserted = 0;
      for (let start = 0; start < values.length; start += width) {
        const part = values.slice(start, start + width);
        const result = await transaction.executeQuery(
          CompiledQuery.raw(insertText(part.length / COLUMNS), part),
        );
        inserted += Number(result.numAffectedRows ?? 0);
      }
      if (inserted > 0) added.set(stretch, inserted);
    }
    return added;
  },

  // `cross join` keeps SQLite from scanning the prices and looking for ranges.
  rangesQuery: ranges =>
    CompiledQuery.raw(
      `with ranges (low, high) as (values ${ranges.map(() => '(?,?)').join(',')})
      select key, price_micro_usd from ranges cross join spot_prices where key >= low and key < high`,
      ranges.flatMap(({ low, high }) => [low, high]),
    ),

  /** Free space in pages included; measured on the first pages of the table. */
  bytesPerRecord: async reader => {
    const { rows } = await sql<{ bytes: number | null; records: number }>`
      select sum(pgsize) as bytes, sum(case when pagetype = 'leaf' then ncell else 0 end) as records
      from (select pgsize, pagetype, ncell from dbstat where name = 'spot_prices' limit ${PAGES_MEASURED})
    `.execute(reader);
    const [measured] = rows;
    return measured?.bytes && measured.records > 0 ? measured.bytes / measured.records : null;
  },
};

const insertTexts = new Map<number, string>();

/** Written once for each number of rows: building the text anew costs more than running it. */
function insertText(rows: number): string {
  const known = insertTexts.get(rows);
  if (known !== undefined) return known;
  const values = Array.from({ length: rows }, () => '(?,?)').join(',');
  const text = `insert into spot_prices (key, price_micro_usd) values ${values} on conflict do nothing`;
  insertTexts.set(rows, text);
  return text;
}
