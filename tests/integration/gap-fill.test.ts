import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingIn, openFillWorld, rowOfKey, seeded } from '../support/fill-world.ts';

const KILLS = 20;

let world: Awaited<ReturnType<typeof openFillWorld>>;
beforeAll(async () => {
  world = await openFillWorld('gap-fill');
});
afterAll(() => world.close());

function openStore(): BetterSqlite3.Database {
  return new BetterSqlite3(join(world.folder, 'cloudoptim.sqlite'), { readonly: true });
}

function storedRows(): Set<string> {
  const database = openStore();
  const rows = new Set<string>();
  const pools = new Map(
    database
      .prepare('select id, availability_zone as zone, instance_type as type, product from pools')
      .all()
      .map(row => row as { id: number; zone: string; type: string; product: string })
      .map(pool => [pool.id, pool]),
  );
  const query = database.prepare('select key, price_micro_usd as micro from spot_prices');
  for (const { key, micro } of query.iterate() as IterableIterator<{ key: number; micro: number }>)
    rows.add(rowOfKey(pools, key, micro));
  database.close();
  return rows;
}

/** Counts that are kept beside the rows, after every pool was listed once. */
function countedRows(): unknown {
  const database = openStore();
  const counts = database
    .prepare(
      `select (select sum(records) from price_stretches) as stretches,
         (select count(*) from price_stretches where is_counted = 0) as uncounted,
         (select sum(records) from pools) as pools`,
    )
    .get();
  database.close();
  return counts;
}

function storedCoverage(): unknown[] {
  const database = openStore();
  const rows = database
    .prepare(
      `select product, types_key as types, from_ms as fromMs, to_ms as toMs from price_coverage order by product`,
    )
    .all();
  database.close();
  return rows;
}

describe('90 days filled through the AWS SDK, with paging, throttling and twenty kills', {
  timeout: 900_000,
}, () => {
  it('holds exactly the recorded rows of the window and those in force when it opens', async () => {
    const { isRecording, order, runFill } = world;
    const expected = world.expectedRows();
    const random = seeded(Number(process.env.CLOUDOPTIM_TEST_SEED ?? 1));
    // The built-in market is small: between what is told and the kill a good part of it may come.
    const latest = isRecording ? 0.9 : 0.5;
    const points = Array.from({ length: KILLS }, () => latest * random() * expected.size).sort(
      (a, b) => a - b,
    );
    const startedAt = Date.now();
    let before = -1;
    for (const point of points) {
      const { last, signal } = await runFill(progress => progress.newRows >= point);
      expect(signal).toBe('SIGKILL');
      // It goes on from where it was, to the page.
      expect(last.newRows).toBeGreaterThanOrEqual(before);
      before = last.newRows;
    }
    const half = storedRows();
    expect(half.size).toBeGreaterThan(0.2 * expected.size);
    expect(half.size).toBeLessThan(expected.size);
    expect(missingIn(expected, half)).toEqual([]);

    const { last } = await runFill(() => false);
    expect(last).toMatchObject({ state: 'succeeded', percent: 100, message: null });
    // Few rows came twice, and the counters went on over all runs.
    expect(last.newRows).toBe(expected.size);
    expect(last.rows).toBeLessThan(1.35 * expected.size);
    expect(last.throttled).toBeGreaterThan(0);

    const stored = storedRows();
    process.stdout.write(
      `gap-fill: ${KILLS} kills, ${stored.size} rows stored, ${expected.size} expected, ${last.rows} received in ${last.requests} requests, ${((Date.now() - startedAt) / 1_000).toFixed(0)} s\n`,
    );
    expect(missingIn(stored, expected)).toEqual([]);
    expect(missingIn(expected, stored)).toEqual([]);
    const { fromMs, toMs } = order;
    const wholeWindow = order.products.toSorted().map(product => ({ product, types: '', fromMs, toMs }));
    expect(storedCoverage()).toEqual(wholeWindow);
    expect(countedRows()).toEqual({ stretches: expected.size, uncounted: 0, pools: expected.size });
  });

  it('asks for nothing that is on disk already', async () => {
    const { last } = await world.runFill(() => false);
    expect(last).toMatchObject({ state: 'succeeded', percent: 100, rows: 0, requests: 0 });
  });
});
