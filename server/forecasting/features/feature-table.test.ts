import { beforeAll, describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../../common/units/index.ts';
import { featureCatalog, featureTable, type MarketSlice, type PoolPrices } from './index.ts';
import {
  END_MS,
  type RandomMarket,
  randomMarket,
  randomTimes,
  START_MS,
  sliceOf,
} from './random-market.fixture.ts';

const names = featureCatalog.all().map(feature => feature.name);
const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

/** Every bit of what a table holds, by pool. */
function bitsOf(asked: readonly string[], slice: MarketSlice, times: Float64Array): Map<string, string> {
  const bits = new Map<string, string>();
  for (const rows of featureTable(asked, slice, times)) bits.set(poolKey(rows.pool), hexOf(rows.values));
  return bits;
}

function hexOf(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
}

function allOf(market: RandomMarket, asked = names, times = timesOf(market)): Map<string, string> {
  return bitsOf(asked, sliceOf(market, market.prices), times);
}

/** The same for the same market. */
const keptTimes = new WeakMap<RandomMarket, Float64Array>();
function timesOf(market: RandomMarket): Float64Array {
  const times = keptTimes.get(market) ?? randomTimes(market, 30);
  keptTimes.set(market, times);
  return times;
}

/** The same market with the records of each pool changed. */
function changed(market: RandomMarket, change: (prices: PoolPrices) => PoolPrices): RandomMarket {
  const other = { ...market, prices: market.prices.map(change) };
  keptTimes.set(other, timesOf(market));
  return other;
}

function records(prices: PoolPrices, list: readonly (readonly [atMs: number, price: number])[]): PoolPrices {
  return {
    ...prices,
    atMs: Float64Array.from(list, ([at]) => at),
    priceMicroUsdPerHour: Float64Array.from(list, ([, price]) => price),
  };
}

function listOf({ atMs, priceMicroUsdPerHour }: PoolPrices): [number, number][] {
  return Array.from(atMs, (at, index) => [at, priceMicroUsdPerHour[index] ?? 0]);
}

describe.each(SEEDS)('features of random market %i', seed => {
  let market: RandomMarket;
  let before: Map<string, string>;
  let random: () => number;
  beforeAll(() => {
    market = randomMarket(seed);
    random = market.random;
    before = allOf(market);
  });

  it('do not move by a bit when later records change, vanish or appear, in any pool', () => {
    const nowMs = START_MS + Math.floor((5 + random() * 20) * MS_PER_DAY);
    const past = timesOf(market).filter(at => at <= nowMs);
    expect(past.length).toBeGreaterThan(0);
    const known = allOf(market, names, past);
    const futures: ((prices: PoolPrices) => PoolPrices)[] = [
      prices =>
        records(
          prices,
          listOf(prices).map(([at, price]) => [at, at > nowMs ? price * 3 + 1 : price]),
        ),
      prices =>
        records(
          prices,
          listOf(prices).filter(([at]) => at <= nowMs),
        ),
      prices =>
        records(
          prices,
          listOf(prices).filter(([at]) => at <= nowMs || random() < 0.5),
        ),
      prices =>
        records(prices, [...listOf(prices).filter(([at]) => at <= nowMs), [nowMs + 1, 7], [nowMs + 2, 9]]),
    ];
    for (const future of futures) expect(allOf(changed(market, future), names, past)).toEqual(known);
  });

  it('do not move by a bit when a pool begins in the future', () => {
    const nowMs = START_MS + 15 * MS_PER_DAY;
    const past = timesOf(market).filter(at => at <= nowMs);
    const [first] = market.prices;
    if (!first) throw new Error('There are no pools.');
    const born = records({ ...first, pool: { ...first.pool, availabilityZone: 'us-east-1z' } }, [
      [nowMs + 1, 5_000],
    ]);
    const grown = { ...market, prices: [born, ...market.prices] };
    const known = allOf(market, names, past);
    const after = allOf(grown, names, past);
    after.delete(poolKey(born.pool));
    expect(after).toEqual(known);
  });

  it('do not move by a bit when records older than the lookback change, vanish or appear, in any pool', () => {
    for (const feature of featureCatalog.all()) {
      const atMs = START_MS + Math.floor((9 + random() * 20) * MS_PER_DAY);
      const times = Float64Array.of(atMs);
      const oldestMs = atMs - feature.lookbackMs;
      const known = allOf(market, [feature.name], times);
      const pasts: ((prices: PoolPrices) => PoolPrices)[] = [
        prices =>
          records(
            prices,
            listOf(prices).map(([at, price]) => [at, at < oldestMs ? price * 2 + 1 : price]),
          ),
        prices =>
          records(
            prices,
            listOf(prices).filter(([at]) => at >= oldestMs),
          ),
        prices => records(prices, [[oldestMs - 1, 77], ...listOf(prices).filter(([at]) => at >= oldestMs)]),
      ];
      for (const past of pasts) {
        expect(allOf(changed(market, past), [feature.name], times), feature.name).toEqual(known);
      }
    }
  });

  it('are the same for a pool alone with its neighbours, in a batch, and in another order of pools', () => {
    for (const own of market.prices) {
      const key = poolKey(own.pool);
      expect(bitsOf(names, sliceOf(market, [own]), timesOf(market)).get(key)).toBe(before.get(key));
    }
    const shuffled = market.prices.toSorted(() => random() - 0.5);
    expect(bitsOf(names, { ...sliceOf(market, shuffled) }, timesOf(market))).toEqual(
      new Map(shuffled.map(({ pool }) => [poolKey(pool), before.get(poolKey(pool))])),
    );
    const twice = { ...sliceOf(market, market.prices), neighbours: market.prices };
    expect(bitsOf(names, twice, timesOf(market))).toEqual(before);
  });

  it('are the same asked for one by one, in stretches of times, and written over one another', () => {
    const times = timesOf(market);
    const slice = sliceOf(market, market.prices);
    for (const length of [1, 7]) {
      const joined = new Map<string, string>();
      for (let start = 0; start < times.length; start += length) {
        for (const [key, bits] of bitsOf(names, slice, times.slice(start, start + length))) {
          joined.set(key, (joined.get(key) ?? '') + bits);
        }
      }
      expect(joined).toEqual(before);
    }
    for (const rows of featureTable(names, slice, times, { reuse: true })) {
      expect(hexOf(rows.values)).toBe(before.get(poolKey(rows.pool)));
    }
    for (const [column, name] of names.entries()) {
      for (const rows of featureTable([name], slice, times)) {
        const whole = Buffer.from(before.get(poolKey(rows.pool)) ?? '', 'hex');
        const one = Buffer.concat(
          Array.from(times, (_, row) => whole.subarray((row * names.length + column) * 8).subarray(0, 8)),
        );
        expect(hexOf(rows.values), name).toBe(one.toString('hex'));
      }
    }
  });

  it('are the same where each pool is asked for at times of its own', () => {
    const slice = sliceOf(market, market.prices);
    const some = (key: string) => timesOf(market).filter((_, index) => (index + key.length) % 3 !== 0);
    for (const rows of featureTable(names, slice, pool => some(poolKey(pool)))) {
      const key = poolKey(rows.pool);
      expect(hexOf(rows.values)).toBe(bitsOf(names, slice, some(key)).get(key));
    }
  });
});

describe('a feature table', () => {
  const market = randomMarket(1);
  const slice = sliceOf(market, market.prices);
  const make = (asked: string[], times: number[]) => [
    ...featureTable(asked, slice, Float64Array.from(times)),
  ];

  it('refuses names that are not known, and times that do not ascend in whole milliseconds', () => {
    expect(() => make(['price_of_tea'], [END_MS])).toThrow('There is no feature "price_of_tea".');
    expect(() => make(['vcpu'], [END_MS, END_MS - 1])).toThrow('Time 1 is');
    expect(() => make(['vcpu'], [END_MS + 0.5])).toThrow('whole milliseconds');
    expect(() => make(['vcpu'], [Number.NaN])).toThrow('Time 0 is NaN');
  });

  it('fills a column that is asked for twice twice, between others of its window', () => {
    const asked = ['mean_24h_to_last', 'vcpu', 'ups_24h', 'mean_24h_to_last', 'mean_72h_to_last'];
    const times = [END_MS - 12 * MS_PER_DAY, END_MS - 11 * MS_PER_DAY];
    for (const { values, columns } of make(asked, times)) {
      for (const row of times.keys()) expect(values[row * columns + 3]).toBe(values[row * columns]);
    }
  });

  it('yields the price in force beside the values, which stays when the next pool is made', () => {
    const at = END_MS - 12 * MS_PER_DAY;
    const tables = [...featureTable(['last_price_usd'], slice, Float64Array.of(at, at + MS_PER_HOUR))];
    expect(tables.map(rows => poolKey(rows.pool))).toEqual(market.prices.map(({ pool }) => poolKey(pool)));
    for (const rows of tables) {
      expect(rows.priceMicroUsdPerHour.map(price => price / 1e6)).toEqual(rows.values);
    }
    expect(tables.some(rows => rows.values.some(value => value > 0))).toBe(true);
  });
});
