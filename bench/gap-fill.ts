/**
 * Rows a second of a gap-fill through the AWS SDK, from a process that serves the EC2 endpoint, against inserting the
 * very same rows: into a bare SQLite table with a prepared statement, and through the price store. Verifies its counts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import BetterSqlite3 from 'better-sqlite3';
import type { FillProgress } from '../common/contracts/index.ts';
import { MS_PER_DAY } from '../common/units/index.ts';
import { marketMigrations, PoolStore, type PriceRecord, PriceStore } from '../server/market/index.ts';
import { openSqlite } from '../server/platform/index.ts';
import type { FillOrder } from '../tests/support/fill-process.ts';
import { openMarketOfTest } from '../tests/support/market-of-test.ts';
import { figureLine, ratioLine, spreadOf } from './figures.ts';

const RUNS = 3;
const DAYS = 30;
const PAGE = 1_000;
const root = join(import.meta.dirname, '..');
const path = join(root, '../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz');
const recording = existsSync(path) ? path : undefined;
const endMs = recording ? Date.UTC(2022, 2, 13, 17) : Date.now();
const fromMs = endMs - DAYS * MS_PER_DAY;
const behindMs = Date.now() - endMs;

const market = await openMarketOfTest(recording);
const records: PriceRecord[] = [];
for (const pool of market.pools()) {
  for (const record of market.recordsBetween(pool, fromMs, endMs)) records.push({ ...pool, ...record });
}
records.sort((a, b) => b.atMs - a.atMs);
const products = [...new Set(market.pools().map(pool => pool.product))];

const filled: number[] = [];
const bare: number[] = [];
const store: number[] = [];
let bytesPerRecord = Number.NaN;
for (let run = 0; run < RUNS; run++) {
  bare.push(perSecond(insertBare));
  store.push(await insertIntoStore());
  filled.push(await fillThroughSdk());
}

process.stdout.write(
  [
    `${records.length} rows, ${DAYS} days, ${recording ? 'recording of eu-west-1' : 'built-in market'}, ${RUNS} runs`,
    figureLine('gap-fill through the SDK', spreadOf(filled), 'rows/s'),
    figureLine('price store alone, a commit for each page', spreadOf(store), 'rows/s'),
    figureLine('bare table, prepared statement, one commit', spreadOf(bare), 'rows/s'),
    ratioLine('gap-fill / bare inserts', spreadOf(filled).median / spreadOf(bare).median),
    ratioLine('price store / bare inserts', spreadOf(store).median / spreadOf(bare).median),
    figureLine('price store on disk', spreadOf([bytesPerRecord]), 'bytes a record'),
    '',
  ].join('\n'),
);

function perSecond(work: () => number): number {
  const startedAt = performance.now();
  const rows = work();
  if (rows !== records.length) throw new Error(`${rows} rows instead of ${records.length}`);
  return rows / ((performance.now() - startedAt) / 1_000);
}

function insertBare(): number {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-'));
  const database = new BetterSqlite3(join(folder, 'bare.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('create table prices (at integer, zone text, type text, product text, price integer)');
  const insert = database.prepare('insert into prices values (?, ?, ?, ?, ?)');
  database.transaction(() => {
    for (const record of records) {
      insert.run(
        record.atMs,
        record.availabilityZone,
        record.instanceType,
        record.product,
        record.priceMicroUsdPerHour,
      );
    }
  })();
  const count = database.prepare('select count(*) from prices').pluck().get() as number;
  database.close();
  rmSync(folder, { recursive: true });
  return count;
}

async function insertIntoStore(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-'));
  const database = await openSqlite(folder, marketMigrations);
  const prices = new PriceStore(database, new PoolStore(database));
  const startedAt = performance.now();
  let added = 0;
  for (let start = 0; start < records.length; start += PAGE)
    added += await prices.insert(records.slice(start, start + PAGE));
  const seconds = (performance.now() - startedAt) / 1_000;
  if (added !== records.length) throw new Error(`${added} rows instead of ${records.length}`);
  await database.close();
  bytesPerRecord = statSync(join(folder, 'cloudoptim.sqlite')).size / records.length;
  rmSync(folder, { recursive: true });
  return added / seconds;
}

async function fillThroughSdk(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-'));
  const endpoint = start('tests/support/ec2-endpoint-process.ts', [
    String(behindMs),
    ...(recording ? [recording] : []),
  ]);
  const { url, region } = JSON.parse(await firstLine(endpoint)) as { url: string; region: string };
  const order: FillOrder = { folder, endpoint: url, region, products, fromMs, toMs: endMs, behindMs };
  const fill = start('tests/support/fill-process.ts', [JSON.stringify(order)]);
  let last: FillProgress | undefined;
  createInterface({ input: fill.stdout as NodeJS.ReadableStream }).on('line', line => {
    last = JSON.parse(line) as FillProgress;
  });
  await once(fill, 'exit');
  endpoint.stdin?.end();
  await once(endpoint, 'exit');
  rmSync(folder, { recursive: true });
  if (last?.state !== 'succeeded' || last.startedAt === null || last.endedAt === null)
    throw new Error('the fill did not end');
  if (last.newRows < records.length)
    throw new Error(`${last.newRows} rows instead of at least ${records.length}`);
  return last.rows / ((last.endedAt - last.startedAt) / 1_000);
}

function start(script: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(root, script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [
    string,
  ];
  return line;
}
