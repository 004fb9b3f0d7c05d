import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { postgresUrl } from '../platform/database/testing/postgres-url.ts';
import type { Database } from '../platform/index.ts';
import { packers, writers } from './archives/write-archive.fixture.ts';
import { CoverageStore } from './coverage-store.ts';
import { HeldPriceStore } from './held-price-store.ts';
import { type ImportOptions, type ImportParts, type ImportStep, importArchive } from './import-archive.ts';
import { type MarketTables, marketMigrations } from './market-tables.ts';
import { PoolStore } from './pool-store.ts';
import type { PriceRecord } from './price-batch.ts';
import { poolOfKey, secondOfKey } from './price-key.ts';
import { PriceStore } from './price-store.ts';

const shared = join(import.meta.dirname, '../../../shared/data');
const startMs = Date.UTC(2022, 0, 1);

let folder: string;
let database: Database;
let parts: ImportParts;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-import-'));
  database = await openTestDatabase(folder, marketMigrations);
  const pools = new PoolStore(database);
  parts = {
    prices: new PriceStore(database, pools),
    held: new HeldPriceStore(database, pools),
    coverage: new CoverageStore(database),
    clock: { now: () => Date.UTC(2026, 10, 25) },
  };
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Records of three pools, each every six hours. */
const records: PriceRecord[] = ['a', 'b', 'c'].flatMap((letter, zone) =>
  Array.from({ length: 40 }, (_, index) => ({
    region: 'eu-west-1',
    availabilityZone: `eu-west-1${letter}`,
    instanceType: 'm5.large',
    product: 'Linux/UNIX',
    atMs: startMs + zone * 1_000 + index * 6 * MS_PER_HOUR,
    priceMicroUsdPerHour: 40_000 + index,
  })),
);
const csvOf = (some: readonly PriceRecord[]) => writers['csv of the recordings']?.(some) ?? '';

function importText(content: string | Buffer, options: ImportOptions = {}, steps: ImportStep[] = []) {
  const path = join(folder, 'prices');
  writeFileSync(path, content);
  return importArchive(parts, { path }, options, new AbortController().signal, step => steps.push(step));
}
const importFile = (path: string, options: ImportOptions = {}) =>
  importArchive(parts, { path }, options, new AbortController().signal, () => undefined);

/** Every row of the database, by value. */
async function contents() {
  const reader = database.reader<MarketTables>();
  const pools = new Map(
    (await reader.selectFrom('pools').selectAll().execute()).map(pool => [pool.id, pool]),
  );
  const rows = await reader.selectFrom('spot_prices').selectAll().execute();
  const prices = rows
    .map(({ key, price_micro_usd }) => {
      const { region, availability_zone, instance_type, product } = pools.get(poolOfKey(key)) ?? {};
      const place = `${region}/${availability_zone}/${instance_type}/${product}`;
      return { place, at_s: secondOfKey(key), price_micro_usd };
    })
    .sort((one, other) => one.at_s - other.at_s || (one.place < other.place ? -1 : 1));
  const coverage = await reader.selectFrom('price_coverage').selectAll().orderBy('from_ms').execute();
  return { prices, coverage };
}

describe('importArchive', { timeout: 30_000 }, () => {
  it('writes records and what they vouch for, and the second time nothing', async () => {
    const summary = await importText(packers.zstd(Buffer.from(csvOf(records))));
    expect(summary).toMatchObject({
      file: 'prices',
      format: 'csv',
      compression: 'zstd',
      outcome: 'imported',
      ...{ rows: 120, newRows: 120, duplicates: 0, conflicts: 0, leftOut: [], pools: 3, damagedAt: null },
      ...{ fromMs: startMs, toMs: startMs + 39 * 6 * MS_PER_HOUR + 2_000 },
    });
    expect(await parts.coverage.of('eu-west-1', 'Linux/UNIX', ['m5.large'])).toEqual([
      { fromMs: startMs + 6 * MS_PER_HOUR, toMs: startMs + 39 * 6 * MS_PER_HOUR + 3_000 },
    ]);
    expect(await parts.coverage.of('eu-west-1', 'Linux/UNIX', ['m5.xlarge'])).toEqual([]);
    expect(await parts.coverage.of('eu-west-1', 'Linux/UNIX', [])).toEqual([]);
    const before = await contents();
    expect(await importText(csvOf(records.toReversed()))).toMatchObject({ newRows: 0, duplicates: 120 });
    expect(await contents()).toEqual(before);
  });

  it('vouches for all types where somebody says that the file has them', async () => {
    await importText(csvOf(records), { allTypes: true });
    expect(await parts.coverage.of('eu-west-1', 'Linux/UNIX', [])).toHaveLength(1);
  });

  it('merges with what the API gave to the same bytes, whichever came first', async () => {
    await parts.prices.insert(records.slice(20, 70));
    expect(await importText(csvOf(records))).toMatchObject({ newRows: 70, duplicates: 50, conflicts: 0 });
    const merged = await contents();
    await database.write<MarketTables, void>(async transaction => {
      await transaction.deleteFrom('spot_prices').execute();
    });
    await importText(csvOf(records));
    await parts.prices.insert(records.slice(20, 70));
    expect((await contents()).prices).toEqual(merged.prices);
  });

  it('keeps the price on disk where the file has another one, and names the first', async () => {
    await parts.prices.insert(records);
    const other = records.map((record, index) =>
      index % 10 === 7 ? { ...record, priceMicroUsdPerHour: 999_000 } : record,
    );
    const before = (await contents()).prices;
    expect(await importText(csvOf(other))).toMatchObject({
      ...{ newRows: 0, duplicates: 108, conflicts: 12 },
      firstConflict: {
        pool: 'eu-west-1/eu-west-1a/m5.large/Linux/UNIX',
        atMs: records[7]?.atMs,
        heldMicroUsdPerHour: 40_007,
        fileMicroUsdPerHour: 999_000,
      },
    });
    expect((await contents()).prices).toEqual(before);
    // Two prices for one moment within a file: the first one stays.
    const [first] = records;
    if (!first) throw new Error('no record');
    const later = { ...first, atMs: first.atMs + MS_PER_DAY * 100 };
    expect(await importText(csvOf([later, { ...later, priceMicroUsdPerHour: 1 }, later]))).toMatchObject({
      ...{ rows: 3, newRows: 1, duplicates: 1, conflicts: 1 },
    });
  });

  it('refuses a damaged file without writing anything, or takes what comes before the damage', async () => {
    const text = csvOf(records).split('\n');
    text[50] = 'garbage';
    const damagedAt = { line: 51, reason: 'it has 1 columns where 5 are expected' };
    expect(await importText(text.join('\n'))).toMatchObject({
      ...{ outcome: 'refused', newRows: 0, rows: 49, covered: [], damagedAt },
    });
    expect(await contents()).toEqual({ prices: [], coverage: [] });
    expect(await importText(text.join('\n'), { upToDamage: true })).toMatchObject({
      ...{ outcome: 'imported-up-to-damage', newRows: 49, covered: [], damagedAt },
    });
    expect((await contents()).prices).toHaveLength(49);
    expect((await contents()).coverage).toEqual([]);
  });

  it('takes nothing of a file whose packed data is wrong: also what comes before may be', async () => {
    // Larger than a buffer, so that rows come before the check that fails.
    const many = Array.from({ length: 60 }, (_, copy) =>
      records.map(record => ({ ...record, instanceType: `m5.x${copy}` })),
    ).flat();
    const packed = packers.gzip(Buffer.from(csvOf(many)));
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1;
    const { outcome, damagedAt, notes } = await importText(packed, { upToDamage: true });
    expect({ outcome, reason: damagedAt?.reason }).toEqual({
      outcome: 'refused',
      reason: 'incorrect data check',
    });
    expect(notes.join(' ')).toMatch(/refused in any case/);
    expect((await contents()).prices).toEqual([]);
    expect(await importText(packed.subarray(0, -8), { upToDamage: true })).toMatchObject({
      newRows: many.length,
    });
  });

  it('stops when it is asked to, and a half import vouches for nothing', async () => {
    const many = Array.from({ length: 6 }, (_, type) =>
      Array.from({ length: 20 }, (_, copy) =>
        records.map(record => ({ ...record, instanceType: `m${type}.x${copy}` })),
      ),
    ).flat(2);
    const path = join(folder, 'prices');
    writeFileSync(path, csvOf(many));
    const stop = new AbortController();
    const steps: ImportStep[] = [];
    const work = importArchive(parts, { path }, {}, stop.signal, step => {
      steps.push(step);
      if (step.phase === 'writing') stop.abort(new Error('stopped'));
    });
    await expect(work).rejects.toThrow('stopped');
    expect(steps.some(({ phase, rows }) => phase === 'reading' && rows === many.length)).toBe(true);
    const { prices, coverage } = await contents();
    expect(prices.length).toBeGreaterThan(0);
    expect(prices.length).toBeLessThan(many.length);
    expect(coverage).toEqual([]);
  });

  it('refuses a file of which no row can be used by its main reason', async () => {
    await expect(importText(csvOf(records).replaceAll('eu-west-1', 'mars'))).rejects.toThrow(
      /in 120 of 120 rows the region of the zone is not known; --region names it, first in line 2/,
    );
    await expect(importText('{"hello": 1}')).rejects.toThrow(/holds no price record/);
  });
});

const recordings: readonly (readonly [file: string, rows: number])[] = [
  ['spot-prices-us-west-1-c3-2014_2015.csv.gz', 40_984],
  ['nolicence/spot-prices-16-regions-2022-05-31.csv.gz', 30_347],
  ['nolicence/spot-prices-eu-west-1-2021-08.csv.gz', 227_677],
  ['nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz', 816_644],
];

// On PostgreSQL the fill of 90 days in tests/integration stores as many rows.
describe.skipIf(!existsSync(join(shared, 'nolicence')) || postgresUrl !== null)(
  'importArchive on recordings',
  { timeout: 300_000 },
  () => {
    it('imports every recording to the row, and the overlapping pulls of the API add nothing', async () => {
      for (const [file, rows] of recordings) {
        const summary = await importFile(join(shared, file));
        expect(summary).toMatchObject({
          outcome: 'imported',
          rows,
          newRows: rows,
          leftOut: [],
          compression: 'gzip',
        });
      }
      expect(await parts.prices.counts.total()).toBe(recordings.reduce((sum, [, rows]) => sum + rows, 0));

      const [covered, ...others] = await parts.coverage
        .of('eu-west-1', 'Linux/UNIX', ['m5.large'])
        .then(set => set.filter(({ fromMs }) => fromMs > Date.UTC(2021, 10, 1)));
      expect(others).toEqual([]);
      // 90 days, less the hours until the first second record, to the second of the last one.
      expect(new Date(covered?.fromMs ?? 0).toISOString()).toBe('2021-12-13T19:57:54.000Z');
      expect(new Date(covered?.toMs ?? 0).toISOString()).toBe('2022-03-13T16:24:35.000Z');

      const pulls = join(shared, 'nolicence/raw-api-text');
      const coveredMs: Record<string, number> = {};
      for (const name of readdirSync(pulls)) {
        const summary = await importFile(join(pulls, name));
        const left = summary.leftOut.reduce((sum, { count }) => sum + count, 0);
        expect(summary).toMatchObject({ outcome: 'imported', format: 'aws-text', compression: 'xz' });
        expect(summary).toMatchObject({ newRows: 0, conflicts: 0, duplicates: summary.rows - left });
        coveredMs[`${summary.rows}`] = Math.max(...summary.covered.map(({ fromMs, toMs }) => toMs - fromMs));
      }
      expect(Object.keys(coveredMs)).toEqual(['4703', '12463', '14940']);
      // The short pull of a minute holds the price in force of each pool, and no history.
      expect(coveredMs['4703']).toBeLessThan(MS_PER_HOUR);
      expect(coveredMs['12463']).toBeGreaterThan(23 * MS_PER_HOUR);
      expect(coveredMs['14940']).toBeGreaterThan(23 * MS_PER_HOUR);
    });
  },
);
