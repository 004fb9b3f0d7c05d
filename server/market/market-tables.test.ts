import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSqlite } from '../platform/index.ts';
import { marketMigrations } from './market-tables.ts';
import { PoolStore } from './pool-store.ts';
import { PriceStore } from './price-store.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-migration-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('takes every record over from the table that was keyed by day', async () => {
  const first = '2026-11-23-market';
  const old = await openSqlite(folder, { [first]: marketMigrations[first] as never });
  await old.close();
  const file = new BetterSqlite3(join(folder, 'cloudoptim.sqlite'));
  file.exec(`insert into pools values (7, 'eu-west-1', 'eu-west-1a', 'm5.large', 'Linux/UNIX')`);
  const insert = file.prepare('insert into spot_prices values (?, ?, ?, ?)');
  const seconds = [1_639_497_190, 1_639_497_191, 1_639_600_000, 1_647_188_674];
  for (const atS of seconds) insert.run(Math.floor(atS / 86_400), 7, atS, atS % 1_000);
  file.close();

  const database = await openSqlite(folder, marketMigrations);
  const pools = new PoolStore(database);
  await pools.load();
  const prices = new PriceStore(database, pools);
  const [{ pool } = { pool: undefined as never }] = await pools.list({});
  const [series] = await prices.series([pool], 0, 2_000_000_000_000);
  expect([...(series?.atMs ?? [])]).toEqual(seconds.map(atS => atS * 1_000));
  expect([...(series?.priceMicroUsdPerHour ?? [])]).toEqual(seconds.map(atS => atS % 1_000));
  expect(await prices.counts.total()).toBe(4);
  expect(await prices.counts.byPool()).toEqual(new Map([[7, { records: 4, lastAtMs: 1_647_188_674_000 }]]));
  await database.close();
});
