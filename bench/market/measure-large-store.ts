import { MS_PER_DAY } from '../../common/units/index.ts';
import { marketMigrations, PoolStore, PriceStore } from '../../server/market/index.ts';
import { openSqlite } from '../../server/platform/index.ts';
import { figureLine, ratioLine, spreadOf } from '../figures.ts';
import { inFolder, PAGE, timeOf } from './bench-market.ts';

const POOLS = 5_000;
const READS = 9;
/** The recording has 1.74 records a pool and day. */
const RECORDS_PER_POOL_DAY = 1.74;
const FIRST_MS = Date.UTC(2020, 0, 1);

/** A store of many rows: bytes of each, whether inserting slows down, and what a read takes. Rows are made, not recorded. */
export async function measureLargeStore(rows: number): Promise<void> {
  const pools = Array.from({ length: POOLS }, (_, index) => ({
    region: 'eu-west-1',
    availabilityZone: `eu-west-1${'abc'.charAt(index % 3)}`,
    instanceType: `t${Math.floor(index / 3)}.large`,
    product: 'Linux/UNIX',
  }));
  const stepMs = Math.floor(MS_PER_DAY / (POOLS * RECORDS_PER_POOL_DAY) / 1_000) * 1_000;
  const batchAt = (first: number) => {
    const count = Math.min(PAGE, rows - first);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    return {
      pools,
      // A stride that has no factor in common with the pools walks through all of them.
      poolOf: Int32Array.from(numbers, number => (number * 1_877) % POOLS),
      atMs: Float64Array.from(numbers, number => FIRST_MS + number * stepMs),
      priceMicroUsdPerHour: Float64Array.from(numbers, number => 10_000 + (number % 90_000)),
    };
  };
  await inFolder(async folder => {
    const database = await openSqlite(folder, marketMigrations);
    const prices = new PriceStore(database, new PoolStore(database));
    const tenths: number[] = [];
    for (let tenth = 0; tenth < 10; tenth++) {
      const first = Math.floor((tenth * rows) / 10 / PAGE) * PAGE;
      const end = tenth === 9 ? rows : Math.floor(((tenth + 1) * rows) / 10 / PAGE) * PAGE;
      const { ms } = await timeOf(async () => {
        for (let at = first; at < end; at += PAGE) await prices.insertBatch(batchAt(at));
      });
      tenths.push((end - first) / ms);
    }
    const lastMs = FIRST_MS + (rows - 1) * stepMs;
    const reads = async (work: () => Promise<number>, least: number) => {
      const times: number[] = [];
      for (let read = 0; read < READS; read++) {
        let found = 0;
        const { ms } = await timeOf(async () => {
          found = await work();
        });
        times.push(ms);
        if (found < least) throw new Error(`${found} records read instead of at least ${least}`);
      }
      return spreadOf(times);
    };
    const recordsOf = async (some: typeof pools, days: number) => {
      const series = await prices.series(some, lastMs - days * MS_PER_DAY, lastMs);
      return series.reduce((sum, { atMs }) => sum + atMs.length, 0);
    };
    const onePool = await reads(() => recordsOf(pools.slice(42, 43), 90), 90);
    const region = await reads(() => recordsOf(pools, 8), 8 * POOLS);
    const first = await timeOf(async () => void (await prices.counts.byPool()));
    const again = await reads(async () => (await prices.counts.byPool()).size, POOLS);
    const total = await reads(() => prices.counts.total(), rows);
    const bytesPerRecord = (await prices.bytesPerRecord()) ?? Number.NaN;
    await database.close();
    const median = spreadOf(tenths).median;
    process.stdout.write(
      [
        `${rows} rows made, ${POOLS} pools, ${((rows * stepMs) / MS_PER_DAY).toFixed(0)} days`,
        figureLine('bytes a record', spreadOf([bytesPerRecord]), ''),
        figureLine('inserts, by tenths', spreadOf(tenths), 'rows/ms'),
        ratioLine('last tenth / median tenth', (tenths.at(-1) ?? Number.NaN) / median),
        figureLine('one pool, 90 days', onePool, 'ms'),
        figureLine('all pools, 8 days', region, 'ms'),
        figureLine('statistics of all pools, first time', spreadOf([first.ms]), 'ms'),
        figureLine('statistics of all pools, again', again, 'ms'),
        figureLine('number of records', total, 'ms'),
        '',
      ].join('\n'),
    );
  });
}
