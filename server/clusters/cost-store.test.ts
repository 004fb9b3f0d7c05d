import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../common/units/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import type { Database } from '../platform/index.ts';
import { clusterMigrations } from './cluster-tables.ts';
import { CostStore } from './cost-store.ts';

let folder: string;
let database: Database;
let costs: CostStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-costs-'));
  database = await openTestDatabase(folder, clusterMigrations);
  costs = new CostStore(database);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const sample = (clusterId: string, atMs: number, costMicroUsdPerHour: number | null) => ({
  clusterId,
  atMs,
  costMicroUsdPerHour,
  nodesWithUnknownPrice: 0,
});

it('adds clusters up by moment, without unknown costs and moments of which nothing is known', async () => {
  await costs.add(
    [
      sample('a', 10, 100),
      sample('b', 10, 50),
      sample('c', 10, null),
      sample('a', 20, null),
      sample('a', 30, 40),
      sample('a', 40, 1),
    ],
    50,
  );
  // One that is there stays.
  await costs.add([sample('a', 10, 999)], 50);
  expect(await costs.sums(10, 40)).toEqual([
    { atMs: 10, costMicroUsdPerHour: 150 },
    { atMs: 30, costMicroUsdPerHour: 40 },
  ]);
  expect(await costs.sums(50, 60)).toEqual([]);
});

it('keeps one sample of each hour and cluster of what is older than two days: the mean of what was known', async () => {
  const hour = Date.UTC(2026, 10, 1, 10);
  const minute = (at: number) => hour + at * MS_PER_MINUTE;
  await costs.add(
    [
      ...[sample('a', minute(0), 100), sample('a', minute(1), 200), sample('a', minute(2), null)],
      ...[sample('b', minute(1), 7), sample('b', minute(59), 8), sample('c', minute(5), null)],
      // The next hour, and one without a sample between it and the last.
      ...[sample('a', minute(60), 1), sample('a', minute(61), 3), sample('a', minute(185), 5)],
    ],
    hour,
  );
  const all = () => costs.sums(0, Number.MAX_SAFE_INTEGER);
  const before = await all();
  await costs.thin(hour + 2 * MS_PER_DAY + MS_PER_HOUR - 1);
  expect(await all()).toEqual(before);
  // a: 150, b: 7.5 rounded.
  const first = { atMs: hour, costMicroUsdPerHour: 158 };
  await costs.thin(hour + 2 * MS_PER_DAY + MS_PER_HOUR);
  expect(await all()).toEqual([first, ...before.slice(3)]);
  // Another engine on the same database goes on, with what this one did and with the rest.
  const another = new CostStore(database);
  await another.thin(hour + 3 * MS_PER_DAY);
  await another.thin(hour + 3 * MS_PER_DAY);
  expect(await all()).toEqual([
    first,
    { atMs: minute(60), costMicroUsdPerHour: 2 },
    { atMs: minute(180), costMicroUsdPerHour: 5 },
  ]);
});

it('thins a long time in parts', async () => {
  const start = Date.UTC(2026, 0, 1);
  const hours = Array.from({ length: 60 }, (_, hour) => start + hour * MS_PER_HOUR);
  await costs.add(
    hours.flatMap(atMs => [sample('a', atMs, 2), sample('a', atMs + MS_PER_MINUTE, 4)]),
    start,
  );
  const nowMs = start + 30 * MS_PER_DAY;
  const left: number[] = [];
  for (let round = 0; round < 4; round++) {
    await costs.thin(nowMs);
    left.push((await costs.sums(0, nowMs)).length);
  }
  expect(left).toEqual([96, 72, 60, 60]);
});
