import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND } from '../../common/units/index.ts';
import type { FillOrder, ToldProgress } from './fill-process.ts';
import { openMarketOfTest } from './market-of-test.ts';

const root = join(import.meta.dirname, '..', '..');
const recordingPath = join(root, '../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz');
/** Linux alone is a quarter of the rows, and a minute instead of several; all four products are asked for by hand. */
const allProducts = process.env.CLOUDOPTIM_TEST_PRODUCTS === 'all';

/** A record of a store or a market as one line. */
export function rowOf(zone: string, type: string, product: string, atS: number, micro: number): string {
  return `${zone} ${type} ${product} ${atS} ${micro}`;
}

/** `rowOf` of a stored key; written out once more, so that a mistake in how keys are made does not hide itself. */
export function rowOfKey(
  pools: ReadonlyMap<number, { readonly zone: string; readonly type: string; readonly product: string }>,
  key: number,
  micro: number,
): string {
  const [stretch, rest] = [Math.floor(key / 2 ** 35), key % 2 ** 35];
  const pool = pools.get(Math.floor(rest / 2 ** 15));
  if (!pool) throw new Error(`the record ${key} is of no pool`);
  return rowOf(pool.zone, pool.type, pool.product, stretch * 2 ** 15 + (rest % 2 ** 15), micro);
}

/** Up to five rows of `wanted` that `held` does not have: enough to see what is wrong. */
export function missingIn(held: ReadonlySet<string>, wanted: ReadonlySet<string>): string[] {
  return [...wanted].filter(row => !held.has(row)).slice(0, 5);
}

/** Numbers 0…1 from a seed: Park and Miller, https://doi.org/10.1145/63039.63042 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/**
 * A market behind an EC2 endpoint of its own process, and fills of its last 90 days in further processes, which can be killed.
 * It is the recording of eu-west-1 where that is at hand, else the built-in market.
 * @param name what lines of progress begin with
 */
export async function openFillWorld(name: string) {
  const recording = existsSync(recordingPath) ? recordingPath : undefined;
  process.stdout.write(
    recording
      ? `${name}: replays the recording of eu-west-1\n`
      : `${name}: ../shared is absent, so the built-in market is used instead of the recording\n`,
  );
  /** The recording ends on 2022-03-13 at about 17:00; its window of 90 days begins on 2021-12-13. */
  const nowMs = recording
    ? Date.UTC(2022, 2, 13, 17)
    : Math.floor(Date.now() / MS_PER_SECOND) * MS_PER_SECOND;
  const toMs = nowMs;
  /**
   * All that EC2 keeps, less what passes out of its reach while the test runs. Records in force at the start are up to a day
   * older, and EC2 shows none from before its 90 days; the recording begins with them, the built-in market always goes
   * further back.
   */
  const fromMs = toMs - 90 * MS_PER_DAY + (recording ? 1 : 26) * MS_PER_HOUR;
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-fill-'));
  const market = await openMarketOfTest(recording);
  const behindMs = Date.now() - nowMs;
  const script = join(root, 'tests/support/ec2-endpoint-process.ts');
  const endpoint: ChildProcess = spawn(
    process.execPath,
    [script, String(behindMs), ...(recording ? [recording] : [])],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: endpoint.stdout as NodeJS.ReadableStream });
  const [line] = (await once(lines, 'line')) as [string];
  const { url, region } = JSON.parse(line) as { url: string; region: string };
  const products = [...new Set(market.pools().map(pool => pool.product))].filter(
    product => allProducts || product === 'Linux/UNIX',
  );
  const order: FillOrder = { folder, endpoint: url, region, products, fromMs, toMs, behindMs };

  return {
    isRecording: recording !== undefined,
    folder,
    order,

    /** What a store must hold: every record of the window, and of each pool the one in force when it opens. */
    expectedRows: (): Set<string> => {
      const rows = new Set<string>();
      for (const pool of market.pools()) {
        const { availabilityZone, instanceType, product } = pool;
        if (!products.includes(product)) continue;
        const add = (record: { atMs: number; priceMicroUsdPerHour: number }) => {
          const atS = Math.floor(record.atMs / MS_PER_SECOND);
          rows.add(rowOf(availabilityZone, instanceType, product, atS, record.priceMicroUsdPerHour));
        };
        const inForce = market.recordInForce(pool, fromMs);
        if (inForce) add(inForce);
        for (const record of market.recordsBetween(pool, fromMs, toMs)) add(record);
      }
      return rows;
    },

    /** Runs the fill in a process; `until` decides after each progress whether it is killed with SIGKILL. */
    runFill: async (
      until: (progress: ToldProgress) => boolean,
      databaseUrl?: string,
    ): Promise<{ last: ToldProgress; signal: string | null }> => {
      const child = spawn(
        process.execPath,
        [
          join(root, 'tests/support/fill-process.ts'),
          JSON.stringify({ ...order, ...(databaseUrl === undefined ? {} : { databaseUrl }) }),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let last: ToldProgress | undefined;
      let shownAt = 0;
      createInterface({ input: child.stdout }).on('line', said => {
        last = JSON.parse(said) as ToldProgress;
        if (Date.now() - shownAt > 5_000) {
          shownAt = Date.now();
          process.stdout.write(
            `${name}: ${last.percent.toFixed(0)} %, ${last.rows} rows, ${last.rowsPerSecond.toFixed(0)} rows/s\n`,
          );
        }
        if (until(last)) child.kill('SIGKILL');
      });
      await once(child, 'exit');
      if (!last) throw new Error('the fill said nothing');
      return { last, signal: child.signalCode };
    },

    close: async () => {
      endpoint.stdin?.end();
      await once(endpoint, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}
