import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import type { Database } from '../platform/index.ts';
import { CoverageStore } from './coverage-store.ts';
import { dropOldPrices } from './drop-old-prices.ts';
import { type MarketTables, marketMigrations } from './market-tables.ts';
import { PoolStore } from './pool-store.ts';
import { PriceStore } from './price-store.ts';

const NOW_MS = Date.UTC(2026, 7, 1);
const DAYS = 90;
const KEPT_DAYS = 20;
const pools = ['a', 'b'].map(zone => ({
  region: 'us-east-1',
  availabilityZone: `us-east-1${zone}`,
  instanceType: 'm5.large',
  product: 'Linux/UNIX',
}));
/** One of each pool every six hours. */
const records = pools.flatMap(pool =>
  Array.from({ length: DAYS * 4 }, (_, index) => ({
    ...pool,
    atMs: NOW_MS - (index + 1) * 6 * MS_PER_HOUR,
    priceMicroUsdPerHour: 1 + index,
  })),
);

let folder: string;
let database: Database;
let parts: { database: Database; prices: PriceStore; coverage: CoverageStore };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-retention-'));
  database = await openTestDatabase(folder, marketMigrations);
  parts = {
    database,
    prices: new PriceStore(database, new PoolStore(database)),
    coverage: new CoverageStore(database),
  };
  await parts.prices.insert(records, transaction =>
    parts.coverage.addIn(transaction, {
      region: 'us-east-1',
      product: 'Linux/UNIX',
      instanceTypes: [],
      fromMs: NOW_MS - DAYS * MS_PER_DAY,
      toMs: NOW_MS,
    }),
  );
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const heldTimes = async () => {
  const series = await parts.prices.series(pools, NOW_MS - 2 * DAYS * MS_PER_DAY, NOW_MS);
  return series.flatMap(({ atMs }) => [...atMs]);
};

async function partitions(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'spot_prices'::regclass order by 1`.execute(database.reader<MarketTables>());
  return rows.map(({ name }) => name);
}

describe('dropOldPrices', () => {
  it('drops what is old, keeps every later record, and counts and vouches for just that', async () => {
    // Counted by pool before, so that these sums have to be taken back.
    expect([...(await parts.prices.counts.byPool()).values()].map(one => one.records)).toEqual([360, 360]);
    const dropped = await dropOldPrices(parts, KEPT_DAYS, NOW_MS);
    const held = await heldTimes();
    expect(dropped).toBeGreaterThan(0);
    expect(held).toHaveLength(records.length - dropped);
    expect(await parts.prices.counts.total()).toBe(held.length);
    const sums = [...(await parts.prices.counts.byPool()).values()].map(one => one.records);
    expect(sums).toEqual([held.length / 2, held.length / 2]);

    const keptFromMs = NOW_MS - KEPT_DAYS * MS_PER_DAY;
    const wanted = records.filter(({ atMs }) => atMs >= keptFromMs);
    for (const { atMs } of wanted) expect(held).toContain(atMs);
    // Nine hours more than asked for, on PostgreSQL twelve days and a half.
    const longestMs = database.kind === 'postgres' ? 12.5 * MS_PER_DAY : 9.2 * MS_PER_HOUR;
    expect(Math.min(...held)).toBeGreaterThanOrEqual(keptFromMs - longestMs);
    const [covered] = await parts.coverage.of('us-east-1', 'Linux/UNIX', []);
    expect(covered?.toMs).toBe(NOW_MS);
    // The price in force where covered time begins is there.
    expect(Math.min(...held)).toBeLessThanOrEqual(covered?.fromMs ?? 0);
    expect(await dropOldPrices(parts, KEPT_DAYS, NOW_MS)).toBe(0);
  });

  it('drops whole partitions, and makes one anew where records of that time come again', async () => {
    if (database.kind !== 'postgres') return;
    const before = await partitions();
    await dropOldPrices(parts, KEPT_DAYS, NOW_MS);
    const after = await partitions();
    expect(before.length - after.length).toBeGreaterThanOrEqual(5);
    expect(before.slice(-after.length)).toEqual(after);
    const left = (await heldTimes()).length;
    expect(await parts.prices.insert(records)).toBe(records.length - left);
    expect(await partitions()).toEqual(before);
  });
});
