import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR, type Pool } from '../../common/units/index.ts';
import { readArchives } from '../../server/market/index.ts';

const recording = join(
  import.meta.dirname,
  '../../../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz',
);
const POOLS = 1_378;
const DAYS = 90;

/** Prices of a pool on whole hours since 1970, none further than a day from the next. */
interface HourlyPool {
  readonly pool: Pool;
  readonly records: readonly (readonly [hour: number, usd: number])[];
}

/**
 * Ninety days of all pools of Linux in eu-west-1, recorded where the recording is, else made, as a CSV file. Records are moved to
 * the next whole hour, and silences are closed, so that an hourly grid holds all there is, rolling windows of it are exact, and both
 * sides must find the same.
 */
export async function writePrices(
  path: string,
): Promise<{ records: number; pools: number; firstMs: number; isRecorded: boolean }> {
  const isRecorded = existsSync(recording);
  const pools = isRecorded ? await recordedPools() : madePools();
  const lines = ['timestamp,instance_type,availability_zone,product,price_usd'];
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { pool, records } of pools) {
    for (const [hour, usd] of records) {
      const atMs = hour * MS_PER_HOUR;
      firstMs = Math.min(firstMs, atMs);
      const at = new Date(atMs).toISOString().replace('.000Z', 'Z');
      lines.push(`${at},${pool.instanceType},${pool.availabilityZone},${pool.product},${usd.toFixed(6)}`);
    }
  }
  writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
  return { records: lines.length - 1, pools: pools.length, firstMs, isRecorded };
}

async function recordedPools(): Promise<HourlyPool[]> {
  const wanted = (pool: Pool) => pool.product === 'Linux/UNIX';
  const options = { wanted, nowMs: Date.now() };
  const { series } = await readArchives([recording], options, new AbortController().signal, () => undefined);
  return series.map(({ pool, atMs, priceMicroUsdPerHour }) => {
    const byHour = new Map<number, number>();
    // The last of an hour stands.
    for (const [index, at] of atMs.entries())
      byHour.set(Math.ceil(at / MS_PER_HOUR), (priceMicroUsdPerHour[index] ?? 0) / 1e6);
    return { pool, records: withoutSilences([...byHour]) };
  });
}

function withoutSilences(records: readonly (readonly [number, number])[]): [number, number][] {
  return records.flatMap(([hour, usd], index) => {
    const next = records[index + 1]?.[0] ?? hour;
    const again: [number, number][] = [];
    for (let at = hour; at === hour || at < next; at += 24) again.push([at, usd]);
    return again;
  });
}

/** A third of pools move often. */
function madePools(): HourlyPool[] {
  const random = seededRandom(11);
  const start = Date.UTC(2026, 0, 1) / MS_PER_HOUR;
  return Array.from({ length: POOLS }, (_, index) => {
    const availabilityZone = `eu-west-1${'abc'[index % 3] ?? 'a'}`;
    const chance = index % 3 === 0 ? 0.06 : 0.004;
    const phase = Math.floor(random() * 24);
    let usd = Math.round(100 * Math.exp(random() * 6)) / 1e4;
    const records: [number, number][] = [];
    for (let hour = 0; hour < DAYS * 24; hour++) {
      const isMove = random() < chance;
      if (isMove) usd = Math.max(0.001, Math.round(usd * (0.96 + 0.08 * random()) * 1e4) / 1e4);
      if (isMove || hour === 0 || hour % 24 === phase) records.push([start + hour, usd]);
    }
    const instanceType = `m${Math.floor(index / 3)}.large`;
    return { pool: { region: 'eu-west-1', availabilityZone, instanceType, product: 'Linux/UNIX' }, records };
  });
}

/** Trained before any of the prices, so that all times count. */
export function trainedBefore(firstMs: number): string {
  return new Date(firstMs - 2 * MS_PER_DAY).toISOString();
}

/** Features that need no catalog. */
export const features = [
  'log_last_price',
  ...['1h', '6h', '24h', '72h', '168h'].map(over => `return_${over}`),
  ...['24h', '168h'].flatMap(over => [
    ...['mean', 'std', 'min', 'max'].map(figure => `${figure}_${over}_to_last`),
    `changes_${over}`,
  ]),
  'hours_since_change',
  'last_change_return',
  'hour_of_day_sin',
  'hour_of_day_cos',
  'day_of_week_sin',
  'day_of_week_cos',
];
