import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import type { Database } from '../platform/index.ts';
import { CoverageStore } from './coverage-store.ts';
import { type MarketTables, marketMigrations } from './market-tables.ts';

const place = { region: 'us-east-1', product: 'Linux/UNIX' };
let folder: string;
let database: Database;
let coverage: CoverageStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-coverage-'));
  database = await openTestDatabase(folder, marketMigrations);
  coverage = new CoverageStore(database);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const change = (method: 'addIn' | 'removeIn', instanceTypes: string[], fromMs: number, toMs: number) =>
  database.write<MarketTables, void>(transaction =>
    coverage[method](transaction, { ...place, instanceTypes, fromMs, toMs }),
  );
const of = (...instanceTypes: string[]) => coverage.of(place.region, place.product, instanceTypes);

describe('CoverageStore', () => {
  it('joins what touches and gives back what is taken away', async () => {
    await change('addIn', [], 10, 20);
    await change('addIn', [], 20, 30);
    expect(await of()).toEqual([{ fromMs: 10, toMs: 30 }]);
    await change('removeIn', [], 15, 18);
    expect(await of()).toEqual([
      { fromMs: 10, toMs: 15 },
      { fromMs: 18, toMs: 30 },
    ]);
    await change('removeIn', [], 0, 99);
    expect(await of()).toEqual([]);
  });

  it('does not vouch for types that were not asked for', async () => {
    await change('addIn', ['m5.large', 'c5.large'], 0, 10);
    expect(await of('m5.large')).toEqual([{ fromMs: 0, toMs: 10 }]);
    expect(await of('c5.large', 'm5.large')).toEqual([{ fromMs: 0, toMs: 10 }]);
    expect(await of('m5.large', 'r5.large')).toEqual([]);
    expect(await of('m5')).toEqual([]);
    expect(await of()).toEqual([]);
  });

  it('puts together what several fills covered, for each type', async () => {
    await change('addIn', ['m5.large'], 0, 10);
    await change('addIn', ['c5.large'], 5, 20);
    await change('addIn', [], 18, 30);
    expect(await of('m5.large', 'c5.large')).toEqual([
      { fromMs: 5, toMs: 10 },
      { fromMs: 18, toMs: 30 },
    ]);
    expect(await of()).toEqual([{ fromMs: 18, toMs: 30 }]);
  });
});
