import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FillProgress } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND } from '../../common/units/index.ts';
import type { SpotMarket } from '../../simulator/market/index.ts';
import type { FillOrder } from '../support/fill-process.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';

const root = join(import.meta.dirname, '..', '..');
const recordingPath = join(root, '../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz');
const recording = existsSync(recordingPath) ? recordingPath : undefined;
/** The recording ends on 2022-03-13 at about 17:00; its window of 90 days begins on 2021-12-13. */
const nowMs = recording ? Date.UTC(2022, 2, 13, 17) : Math.floor(Date.now() / MS_PER_SECOND) * MS_PER_SECOND;
const toMs = nowMs;
/**
 * All that EC2 keeps, less what passes out of its reach while the test runs. Records in force at the start are up to a day older, and
 * EC2 shows none from before its 90 days; the recording begins with them, the built-in market always goes further back.
 */
const fromMs = toMs - 90 * MS_PER_DAY + (recording ? 1 : 26) * MS_PER_HOUR;
const KILLS = 20;
/** Linux alone is a quarter of the rows, and a minute instead of several; all four products are asked for by hand. */
const allProducts = process.env.CLOUDOPTIM_TEST_PRODUCTS === 'all';

let folder: string;
let endpoint: ChildProcess;
let order: FillOrder;
let market: SpotMarket;

beforeAll(async () => {
  process.stdout.write(
    recording
      ? 'gap-fill: replays the recording of eu-west-1\n'
      : 'gap-fill: ../shared is absent, so the built-in market is used instead of the recording\n',
  );
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-fill-'));
  market = await openMarketOfTest(recording);
  const behindMs = Date.now() - nowMs;
  const script = join(root, 'tests/support/ec2-endpoint-process.ts');
  endpoint = spawn(process.execPath, [script, String(behindMs), ...(recording ? [recording] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(
    createInterface({ input: endpoint.stdout as NodeJS.ReadableStream }),
    'line',
  )) as [string];
  const { url, region } = JSON.parse(line) as { url: string; region: string };
  const products = [...new Set(market.pools().map(pool => pool.product))].filter(
    product => allProducts || product === 'Linux/UNIX',
  );
  order = { folder, endpoint: url, region, products, fromMs, toMs, behindMs };
});
afterAll(async () => {
  endpoint.stdin?.end();
  await once(endpoint, 'exit');
  rmSync(folder, { recursive: true });
});

/** Runs the fill in a process; `until` decides after each progress whether it is killed with SIGKILL. */
async function runFill(
  until: (progress: FillProgress) => boolean,
): Promise<{ last: FillProgress; signal: string | null }> {
  const child = spawn(
    process.execPath,
    [join(root, 'tests/support/fill-process.ts'), JSON.stringify(order)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let last: FillProgress | undefined;
  let shownAt = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', line => {
    last = JSON.parse(line) as FillProgress;
    if (Date.now() - shownAt > 5_000) {
      shownAt = Date.now();
      process.stdout.write(
        `gap-fill: ${last.percent.toFixed(0)} %, ${last.rows} rows, ${last.rowsPerSecond.toFixed(0)} rows/s\n`,
      );
    }
    if (until(last)) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  if (!last) throw new Error('the fill said nothing');
  return { last, signal: child.signalCode };
}

const rowOf = (zone: string, type: string, product: string, atS: number, micro: number) =>
  `${zone} ${type} ${product} ${atS} ${micro}`;

/** What the store must hold: every record of the window, and of each pool the one in force when it opens. */
function expectedRows(): Set<string> {
  const rows = new Set<string>();
  for (const pool of market.pools()) {
    const { availabilityZone, instanceType, product } = pool;
    if (!order.products.includes(product)) continue;
    const add = (record: { atMs: number; priceMicroUsdPerHour: number }) => {
      const atS = Math.floor(record.atMs / MS_PER_SECOND);
      rows.add(rowOf(availabilityZone, instanceType, product, atS, record.priceMicroUsdPerHour));
    };
    const inForce = market.recordInForce(pool, fromMs);
    if (inForce) add(inForce);
    for (const record of market.recordsBetween(pool, fromMs, toMs)) add(record);
  }
  return rows;
}

function storedRows(): Set<string> {
  const database = new BetterSqlite3(join(folder, 'cloudoptim.sqlite'), { readonly: true });
  const rows = new Set<string>();
  const pools = new Map(
    database
      .prepare('select id, availability_zone as zone, instance_type as type, product from pools')
      .all()
      .map(row => row as { id: number; zone: string; type: string; product: string })
      .map(pool => [pool.id, pool]),
  );
  const query = database.prepare('select key, price_micro_usd as micro from spot_prices');
  for (const { key, micro } of query.iterate() as IterableIterator<{ key: number; micro: number }>) {
    // Written out once more, so that a mistake in how keys are made does not hide itself.
    const [stretch, rest] = [Math.floor(key / 2 ** 35), key % 2 ** 35];
    const pool = pools.get(Math.floor(rest / 2 ** 15));
    if (!pool) throw new Error(`the record ${key} is of no pool`);
    rows.add(rowOf(pool.zone, pool.type, pool.product, stretch * 2 ** 15 + (rest % 2 ** 15), micro));
  }
  database.close();
  return rows;
}

/** Up to five rows of `wanted` that `held` does not have: enough to see what is wrong. */
function missingIn(held: ReadonlySet<string>, wanted: ReadonlySet<string>): string[] {
  return [...wanted].filter(row => !held.has(row)).slice(0, 5);
}

/** Counts that are kept beside the rows, after every pool was listed once. */
function countedRows(): unknown {
  const database = new BetterSqlite3(join(folder, 'cloudoptim.sqlite'), { readonly: true });
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
  const database = new BetterSqlite3(join(folder, 'cloudoptim.sqlite'), { readonly: true });
  const rows = database
    .prepare(
      `select product, types_key as types, from_ms as fromMs, to_ms as toMs from price_coverage order by product`,
    )
    .all();
  database.close();
  return rows;
}

/** Numbers 0…1 from a seed: Park and Miller, https://doi.org/10.1145/63039.63042 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('90 days filled through the AWS SDK, with paging, throttling and twenty kills', {
  timeout: 900_000,
}, () => {
  it('holds exactly the recorded rows of the window and those in force when it opens', async () => {
    const expected = expectedRows();
    const random = seeded(Number(process.env.CLOUDOPTIM_TEST_SEED ?? 1));
    // The built-in market is small: between what is told and the kill a good part of it may come.
    const latest = recording ? 0.9 : 0.5;
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
    const wholeWindow = order.products.toSorted().map(product => ({ product, types: '', fromMs, toMs }));
    expect(storedCoverage()).toEqual(wholeWindow);
    expect(countedRows()).toEqual({ stretches: expected.size, uncounted: 0, pools: expected.size });
  });

  it('asks for nothing that is on disk already', async () => {
    const { last } = await runFill(() => false);
    expect(last).toMatchObject({ state: 'succeeded', percent: 100, rows: 0, requests: 0 });
  });
});
