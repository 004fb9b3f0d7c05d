import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { clusterMigrations } from './cluster-tables.ts';
import { CostStore } from './cost-store.ts';

it('adds clusters up by moment, without unknown costs and moments of which nothing is known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-costs-'));
  const database = await openTestDatabase(folder, clusterMigrations);
  try {
    const costs = new CostStore(database);
    const sample = (clusterId: string, atMs: number, costMicroUsdPerHour: number | null) => ({
      clusterId,
      atMs,
      costMicroUsdPerHour,
      nodesWithUnknownPrice: 0,
    });
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
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
});
