import { seededRandom } from '../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND } from '../../common/units/index.ts';
import type { PoolFacts, PoolPrices } from '../../server/forecasting/features/index.ts';

export const POOLS = 1_378;
/** 1.45 million in all. */
export const RECORDS_PER_POOL = 1_052;
const START_MS = Date.UTC(2024, 0, 1);
/** As in recordings of EC2: an unchanged price comes again after 24 h, 41 % of records repeat the price before. */
const LONGEST_GAP_S = MS_PER_DAY / MS_PER_SECOND;
const MEAN_GAP_S = (20 * MS_PER_HOUR) / MS_PER_SECOND;
const CHANGING = 0.59;
const SIZES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'];

/** Records of as many pools as a region has, the same every time: three AZs, families of seven sizes. */
export function makeRecords(): PoolPrices[] {
  const random = seededRandom(7);
  return Array.from({ length: POOLS }, (_, place) => {
    const atMs = new Float64Array(RECORDS_PER_POOL);
    const prices = new Float64Array(RECORDS_PER_POOL);
    let at = START_MS + Math.floor(random() * LONGEST_GAP_S) * MS_PER_SECOND;
    let price = 10_000 + Math.floor(random() * 1_000_000);
    for (let record = 0; record < RECORDS_PER_POOL; record++) {
      atMs[record] = at;
      prices[record] = price;
      const gapS = Math.min(LONGEST_GAP_S, -Math.log(1 - random()) * MEAN_GAP_S);
      at += (1 + Math.floor(gapS)) * MS_PER_SECOND;
      if (random() < CHANGING)
        price = Math.max(100, Math.round((price * (0.98 + random() * 0.04)) / 100) * 100);
    }
    const type = Math.floor(place / 3);
    const size = SIZES[type % SIZES.length] ?? '';
    const pool = {
      region: 'eu-west-1',
      availabilityZone: `eu-west-1${'abc'[place % 3]}`,
      instanceType: `m${Math.floor(type / SIZES.length)}.${size}`,
      product: 'Linux/UNIX',
    };
    return { pool, atMs, priceMicroUsdPerHour: prices };
  });
}

export const madeFacts: PoolFacts = {
  vcpu: 4,
  memoryMib: 16_384,
  gpuCount: 0,
  arch: 'amd64',
  onDemandMicroUsdPerHour: 1_000_000,
  interruption: { maxPercent: 11, knownSinceMs: START_MS },
};
