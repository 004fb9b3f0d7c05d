import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase } from '../../platform/database/testing/open-test-database.ts';
import type { Database } from '../../platform/index.ts';
import { blockKey, blockOf, readBlock } from './day-block.ts';
import { UsageStore } from './usage-store.ts';
import { usageMigrations } from './usage-tables.ts';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usage-'));
  database = await openTestDatabase(folder, usageMigrations);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

it('gives each series the bytes that were written of its days, whatever they are', async () => {
  const store = new UsageStore(database);
  // All bytes, those that no text has among them, at both ends, too.
  const bodyOf = (id: number, day: number) =>
    Uint8Array.from({ length: 300 + ((id * 7 + day) % 40) }, (_, at) => (at * (id + 1) + day) % 256);
  const days = [20_760, 20_768, 20_783];
  const workloads = Array.from({ length: 450 }, (_, at) => ({
    workload: `Deployment/shop/w${at}`,
    container: 'app',
  }));
  await store.addSeries('c1', workloads);
  const series = await store.series('c1');
  const written = series.filter(({ id }) => id % 5 !== 0);
  const ids = new Map(
    written.flatMap(({ id }) =>
      [...Map.groupBy(days, blockOf)].map(([block, own]) => [blockKey(id, block), { id, own }] as const),
    ),
  );
  await store.rewriteDays(new Map([...ids].map(([key, { own }]) => [key, own])), (key, day) =>
    bodyOf(ids.get(key)?.id ?? 0, day),
  );

  const found = new Map<number, unknown>();
  for await (const part of store.blocks(series, days[0] ?? 0, days[2] ?? 0))
    for (const { series: one, blocks } of part)
      found.set(
        one.id,
        blocks.flatMap(readBlock).map(({ day, body }) => [day, Buffer.from(body).toString('hex')]),
      );

  expect(found.size).toBe(450);
  for (const { id } of series) {
    const expected = id % 5 === 0 ? [] : days.map(day => [day, Buffer.from(bodyOf(id, day)).toString('hex')]);
    expect(found.get(id)).toEqual(expected);
  }
});

it('gives no rows where there are none', async () => {
  const store = new UsageStore(database);
  await store.addSeries('c1', [{ workload: 'Deployment/shop/web', container: 'app' }]);
  for await (const part of store.blocks(await store.series('c1'), 20_000, 20_010))
    expect(part).toMatchObject([{ series: { container: 'app' }, blocks: [] }]);
});
