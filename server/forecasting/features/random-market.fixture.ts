import { seededRandom } from '../../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, type Pool, poolKey } from '../../../common/units/index.ts';
import type { MarketSlice, PoolFacts, PoolPrices } from './index.ts';

/** Begins off the hour, so that nothing falls on a cut of a window by chance alone. */
export const START_MS = Date.UTC(2026, 8, 1, 0, 7);
export const END_MS = START_MS + 30 * MS_PER_DAY;

const TYPES = [
  'm5.large',
  'm5.xlarge',
  'm5.metal',
  'm5.4xlarge',
  'c7g.medium',
  'c7g.large',
  'u-6tb1.56xlarge',
];
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const PRODUCT = 'Linux/UNIX';

export interface RandomMarket {
  readonly prices: readonly PoolPrices[];
  readonly factsOf: (pool: Pool) => PoolFacts;
  readonly random: () => number;
}

/**
 * Pools of some weeks, the same for the same seed: prices that rest, move often, jump between two levels or stay for long;
 * silences shorter than, exactly as long as, and longer than what a price stays known; pools that begin late or end early;
 * types of which little is known.
 */
export function randomMarket(seed: number): RandomMarket {
  const random = seededRandom(seed);
  const pools = TYPES.flatMap(instanceType =>
    ZONES.filter(() => random() < 0.8).map(availabilityZone => ({
      region: 'us-east-1',
      availabilityZone,
      instanceType,
      product: PRODUCT,
    })),
  );
  const [one] = pools;
  // No neighbours of any of them.
  if (one) pools.push({ ...one, region: 'eu-west-1' }, { ...one, product: 'Windows' });
  const facts = new Map(TYPES.map(type => [type, randomFacts(random, type)]));
  return {
    prices: pools.map(pool => ({ pool, ...randomRecords(random) })),
    factsOf: pool => facts.get(pool.instanceType) ?? unknownFacts,
    random,
  };
}

/** The pools of a market as a slice: those asked for, and all others beside them. */
export function sliceOf({ prices, factsOf }: RandomMarket, asked: readonly PoolPrices[]): MarketSlice {
  const keys = new Set(asked.map(({ pool }) => poolKey(pool)));
  return { pools: asked, neighbours: prices.filter(({ pool }) => !keys.has(poolKey(pool))), factsOf };
}

/** Ascending times over all of it: any, full hours, those of records, and a millisecond and whole windows beside them. */
export function randomTimes({ prices, random }: RandomMarket, count: number): Float64Array {
  const hours = [0, 6, 24, 24.5, 72, 168];
  return Float64Array.from({ length: count }, () => {
    const any = START_MS + random() * (END_MS + 2 * MS_PER_DAY - START_MS);
    const { atMs } = prices[Math.floor(random() * prices.length)] ?? { atMs: Float64Array.of(any) };
    const record = atMs[Math.floor(random() * atMs.length)] ?? any;
    const beside = record + (hours[Math.floor(random() * hours.length)] ?? 0) * MS_PER_HOUR;
    const kind = random();
    if (kind < 0.3) return Math.floor(any);
    if (kind < 0.5) return Math.floor(any / MS_PER_HOUR) * MS_PER_HOUR;
    return beside + Math.floor(random() * 3) - 1;
  }).sort();
}

const unknownFacts: PoolFacts = {
  vcpu: undefined,
  memoryMib: undefined,
  gpuCount: undefined,
  arch: undefined,
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};

function randomFacts(random: () => number, type: string): PoolFacts {
  if (random() < 0.2) return unknownFacts;
  const vcpu = 2 ** Math.floor(random() * 6);
  const isKnown = random() < 0.7;
  return {
    vcpu,
    memoryMib: vcpu * 1024 * (2 + Math.floor(random() * 7)),
    gpuCount: Math.floor(random() * 3),
    arch: type.startsWith('c7g') ? 'arm64' : 'amd64',
    onDemandMicroUsdPerHour: isKnown ? 100_000 + Math.floor(random() * 900_000) : undefined,
    interruption: isKnown
      ? { maxPercent: 11, knownSinceMs: START_MS + random() * 20 * MS_PER_DAY }
      : undefined,
  };
}

function randomRecords(random: () => number): Omit<PoolPrices, 'pool'> {
  const at: number[] = [];
  const prices: number[] = [];
  const level = 1_000 + Math.floor(random() * (random() < 0.1 ? 200_000_000 : 1_000_000));
  const pace = random() < 0.3 ? 20 * MS_PER_MINUTE : 12 * MS_PER_HOUR;
  const moves = random();
  let price = level;
  const endMs = END_MS - (random() < 0.2 ? 10 * MS_PER_DAY : 0);
  let atMs = START_MS + Math.floor(random() * (random() < 0.2 ? 12 : 1) * MS_PER_DAY);
  while (atMs < endMs) {
    at.push(atMs);
    prices.push(price);
    const kind = random();
    if (kind < 0.015) atMs += 24.5 * MS_PER_HOUR + Math.floor(random() * 3) - 1;
    else if (kind < 0.02) atMs += Math.floor((24.5 + random() * 60) * MS_PER_HOUR);
    else atMs += 1 + Math.floor(Math.min(24, -Math.log(1 - random()) * (pace / MS_PER_HOUR)) * MS_PER_HOUR);
    if (random() > moves) continue;
    price = random() < 0.2 ? level : Math.max(1, Math.round(price * (0.9 + random() * 0.2)));
  }
  return { atMs: Float64Array.from(at), priceMicroUsdPerHour: Float64Array.from(prices) };
}
