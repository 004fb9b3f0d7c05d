import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import BetterSqlite3 from 'better-sqlite3';
import {
  batchOf,
  marketMigrations,
  PoolStore,
  type PriceRecord,
  PriceStore,
} from '../../server/market/index.ts';
import { openSqlite } from '../../server/platform/index.ts';
import { figureLine, ratioLine, spreadOf } from '../figures.ts';
import { inFolder, openMarket, PAGE, recordingPath, recordsOfDays, timeOf } from './bench-market.ts';

const RUNS = 5;
const DAYS = 90;
const ROWS_PER_INSERT = 100;

/** Rows into SQLite with a durable commit for each page: the store, and a table of the same columns without any key. */
export async function measureInserts(): Promise<void> {
  const market = await openMarket();
  const records = recordsOfDays(market, DAYS);
  // As the source gives them: one list of pools for all pages.
  const whole = batchOf(records);
  const batches = Array.from({ length: Math.ceil(records.length / PAGE) }, (_, page) => ({
    pools: whole.pools,
    poolOf: whole.poolOf.subarray(page * PAGE, (page + 1) * PAGE),
    atMs: whole.atMs.subarray(page * PAGE, (page + 1) * PAGE),
    priceMicroUsdPerHour: whole.priceMicroUsdPerHour.subarray(page * PAGE, (page + 1) * PAGE),
  }));
  const store: { ms: number; cpuMs: number }[] = [];
  const heap: typeof store = [];
  let [bytes, perRecord] = [0, 0];
  for (let run = 0; run < RUNS; run++) {
    heap.push(await inFolder(folder => insertIntoHeap(folder, records)));
    const stored = await inFolder(async folder => {
      const database = await openSqlite(folder, marketMigrations);
      const prices = new PriceStore(database, new PoolStore(database));
      let added = 0;
      const time = await timeOf(async () => {
        for (const batch of batches) added += await prices.insertBatch(batch);
      });
      if (added !== records.length || (await prices.counts.total()) !== added)
        throw new Error(`${added} rows instead of ${records.length}`);
      perRecord = (await prices.bytesPerRecord()) ?? Number.NaN;
      await database.close();
      bytes = statSync(join(folder, 'cloudoptim.sqlite')).size;
      return time;
    });
    store.push(stored);
  }
  const rate = (list: typeof store, of: 'ms' | 'cpuMs') =>
    spreadOf(list.map(run => records.length / run[of]));
  const lines = [
    `${records.length} rows, ${DAYS} days, a commit for each page, ${RUNS} runs`,
    figureLine('price store', rate(store, 'ms'), 'rows/ms'),
    figureLine('table without a key, 100 rows a statement', rate(heap, 'ms'), 'rows/ms'),
    ratioLine('price store / table without a key', rate(store, 'ms').median / rate(heap, 'ms').median),
    ratioLine('the same in processor time', rate(store, 'cpuMs').median / rate(heap, 'cpuMs').median),
    figureLine('whole file on disk', spreadOf([bytes / records.length]), 'bytes a record'),
    figureLine('as the coverage page says', spreadOf([perRecord]), 'bytes a record'),
  ];
  if (recordingPath)
    lines.push(ratioLine('whole file / the recording as CSV', bytes / (await csvBytes(recordingPath))));
  process.stdout.write(`${lines.join('\n')}\n`);
}

function insertIntoHeap(folder: string, records: readonly PriceRecord[]) {
  const database = new BetterSqlite3(join(folder, 'heap.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'create table prices (day integer not null, pool_id integer not null, at_s integer not null, price integer not null)',
  );
  const values = (rows: number) => Array.from({ length: rows }, () => '(?,?,?,?)').join(',');
  const insert = database.prepare(`insert into prices values ${values(ROWS_PER_INSERT)}`);
  const single = database.prepare(`insert into prices values ${values(1)}`);
  const ids = new Map<string, number>();
  const rows = records.map(record => {
    const key = `${record.availabilityZone} ${record.instanceType} ${record.product}`;
    const id = ids.get(key) ?? ids.size + 1;
    ids.set(key, id);
    const atS = record.atMs / 1_000;
    return [Math.floor(atS / 86_400), id, atS, record.priceMicroUsdPerHour];
  });
  const time = timeOf(() => {
    for (let start = 0; start < rows.length; start += PAGE) {
      const page = rows.slice(start, start + PAGE);
      database.transaction(() => {
        let at = 0;
        for (; at + ROWS_PER_INSERT <= page.length; at += ROWS_PER_INSERT)
          insert.run(page.slice(at, at + ROWS_PER_INSERT).flat());
        for (; at < page.length; at++) single.run(page[at]);
      })();
    }
  });
  const count = database.prepare('select count(*) from prices').pluck().get();
  database.close();
  if (count !== records.length) throw new Error(`${count} rows instead of ${records.length}`);
  return time;
}

async function csvBytes(path: string): Promise<number> {
  let bytes = 0;
  for await (const part of createReadStream(path).pipe(createGunzip())) bytes += (part as Buffer).length;
  return bytes;
}
