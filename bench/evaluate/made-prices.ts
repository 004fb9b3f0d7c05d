import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { seededRandom } from '../../server/forecasting/seeded-random.ts';

export const POOLS = 1_378;
const DAYS = 90;
const START_MS = Date.UTC(2026, 0, 1);

/**
 * Ninety days of as many pools as eu-west-1 has of Linux, as a CSV file: a price is told again each day, a third of pools move
 * often. All on whole hours, so that an hourly grid holds all there is, and rolling windows of it are exact.
 */
export function writePrices(path: string): number {
  const random = seededRandom(11);
  const lines = ['timestamp,instance_type,availability_zone,product,price_usd'];
  for (let pool = 0; pool < POOLS; pool++) {
    const zone = `eu-west-1${'abc'[pool % 3] ?? 'a'}`;
    const type = `m${Math.floor(pool / 3)}.large`;
    const chance = pool % 3 === 0 ? 0.06 : 0.004;
    let price = Math.round(100 * Math.exp(random() * 6)) / 1e4;
    const phase = Math.floor(random() * 24);
    for (let hour = 0; hour < DAYS * 24; hour++) {
      const isMove = random() < chance;
      if (isMove) price = Math.max(0.001, Math.round(price * (0.96 + 0.08 * random()) * 1e4) / 1e4);
      if (!isMove && hour !== 0 && hour % 24 !== phase) continue;
      const at = new Date(START_MS + hour * MS_PER_HOUR).toISOString().replace('.000Z', 'Z');
      lines.push(`${at},${type},${zone},Linux/UNIX,${price.toFixed(6)}`);
    }
  }
  writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
  return lines.length - 1;
}

/** Trained before any of these prices, so that all times count. */
export const trainedUntil = new Date(START_MS - 2 * MS_PER_DAY).toISOString();

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
