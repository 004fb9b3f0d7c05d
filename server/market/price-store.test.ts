import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_SECOND, poolKey } from '../../common/units/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import type { Database } from '../platform/index.ts';
import { type MarketTables, marketMigrations } from './market-tables.ts';
import { PoolStore } from './pool-store.ts';
import type { PriceRecord } from './price-batch.ts';
import { PriceStore } from './price-store.ts';

const startMs = Date.UTC(2026, 7, 1);
const poolNamed = (availabilityZone: string) => ({
  region: 'us-east-1',
  availabilityZone,
  instanceType: 'm5.large',
  product: 'Linux/UNIX',
});
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const record = (zone: string, second: number, priceMicroUsdPerHour = second + 1): PriceRecord => ({
  ...poolNamed(zone),
  atMs: startMs + second * MS_PER_SECOND,
  priceMicroUsdPerHour,
});
const DAY = 86_400;

let folder: string;
let database: Database;
let store: PriceStore;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-prices-'));
  database = await openTestDatabase(folder, marketMigrations);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await database.write<MarketTables, void>(async transaction => {
    await transaction.deleteFrom('spot_prices').execute();
    await transaction.deleteFrom('price_stretches').execute();
    await transaction.updateTable('pools').set({ records: 0, last_s: 0 }).execute();
  });
  const pools = new PoolStore(database);
  await pools.load();
  store = new PriceStore(database, pools);
});

describe('PriceStore', () => {
  it('keeps what is on disk and counts only what is new', async () => {
    expect(await store.insert([record('us-east-1a', 0), record('us-east-1b', 0)])).toBe(2);
    expect(await store.insert([record('us-east-1a', 0, 999), record('us-east-1a', 1)])).toBe(1);
    expect(await store.lastAt(poolNamed('us-east-1a'), startMs)).toEqual({
      atMs: startMs,
      priceMicroUsdPerHour: 1,
    });
    expect(await store.counts.total()).toBe(3);
  });

  it('writes nothing at all when what belongs to the rows fails', async () => {
    const failing = async () => {
      throw new Error('no coverage');
    };
    const unheard = { ...record('us-east-1a', 5), instanceType: 'c5.large' };
    await expect(store.insert([unheard], failing)).rejects.toThrow('no coverage');
    expect(await store.counts.total()).toBe(0);
    // The pool was undone too: its number must not be remembered.
    expect(await store.insert([unheard])).toBe(1);
    expect((await store.lastAt(unheard, unheard.atMs))?.atMs).toBe(unheard.atMs);
  });

  it('finds the last record however old it is', async () => {
    await store.insert([record('us-east-1a', 10), record('us-east-1b', 100 * DAY)]);
    const last = await store.lastAt(poolNamed('us-east-1a'), startMs + 99 * MS_PER_DAY);
    expect(last?.atMs).toBe(startMs + 10_000);
    expect(await store.lastAt(poolNamed('us-east-1a'), startMs + 9_999)).toBeUndefined();
  });

  it('reads series that any list of records would give', async () => {
    const rows = fc.uniqueArray(fc.tuple(fc.constantFrom(...zones), fc.integer({ min: 0, max: 60 * DAY })), {
      selector: ([zone, second]) => `${zone} ${second}`,
      maxLength: 40,
    });
    const second = fc.integer({ min: 0, max: 60 * DAY });
    await fc.assert(
      fc.asyncProperty(rows, second, second, async (list, one, other) => {
        await database.write<MarketTables, void>(async transaction => {
          await transaction.deleteFrom('spot_prices').execute();
          await transaction.deleteFrom('price_stretches').execute();
        });
        const [from, to] = [Math.min(one, other), Math.max(one, other) + 1];
        await store.insert(list.map(([zone, at]) => record(zone, at)));
        const series = await store.series(
          zones.map(poolNamed),
          startMs + from * MS_PER_SECOND,
          startMs + to * MS_PER_SECOND,
        );
        for (const { pool, atMs } of series) {
          const own = list
            .filter(([zone]) => zone === pool.availabilityZone)
            .map(([, at]) => at)
            .sort((a, b) => a - b);
          const inForce = own.findLast(at => at <= from);
          const within = own.filter(at => at > from && at < to);
          const wanted = inForce === undefined ? within : [inForce, ...within];
          expect([...atMs]).toEqual(wanted.map(at => startMs + at * MS_PER_SECOND));
        }
        const known = new Set(series.map(({ pool }) => poolKey(pool)));
        expect(list.every(([zone]) => known.has(poolKey(poolNamed(zone))))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('counts records by pool, anew after each change', async () => {
    await store.insert([record('us-east-1a', 0), record('us-east-1a', 40 * DAY), record('us-east-1b', 7)]);
    const counts = async () =>
      [...(await store.counts.byPool()).values()].map(({ records }) => records).sort();
    expect(await counts()).toEqual([1, 2]);
    await store.insert([record('us-east-1b', 8)]);
    expect(await counts()).toEqual([2, 2]);
    await store.insert([record('us-east-1b', 8), record('us-east-1c', 9)]);
    expect(await counts()).toEqual([1, 2, 2]);
    const newest = [...(await store.counts.byPool()).values()].map(
      ({ lastAtMs }) => (lastAtMs - startMs) / 1_000,
    );
    expect(newest.sort((a, b) => a - b)).toEqual([8, 9, 40 * DAY]);
  });
});
