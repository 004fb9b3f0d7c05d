import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../../common/units/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import {
  createPretendMarket,
  type PretendMarket,
  readInstanceCatalog,
  type SpotPriceRecord,
} from './index.ts';

const catalog = await readInstanceCatalog(
  fileURLToPath(new URL('../../resources/catalog/instance-types.json', import.meta.url)),
);
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const END_MS = Date.UTC(2026, 10, 23, 12);
const START_MS = END_MS - 90 * MS_PER_DAY;
/** Any "today" has to work, also one before 1970. */
const anyTimeMs = fc.integer({ min: Date.UTC(1965, 0, 1), max: Date.UTC(2060, 0, 1) });

function openMarket(seed: number | string = 'test'): PretendMarket {
  return createPretendMarket({ seed, region: 'us-east-1', types: catalog.types, zones: ZONES });
}

describe('createPretendMarket', () => {
  const market = openMarket();
  const pools = market.pools();
  const anyPool = fc.constantFrom(...pools);

  it('sells every priced type in every zone, and a few with Windows', () => {
    expect(pools.filter(pool => pool.product === 'Linux/UNIX')).toHaveLength(
      catalog.types.length * ZONES.length,
    );
    expect(pools.filter(pool => pool.product === 'Windows')).toHaveLength(5 * ZONES.length);
  });

  it('answers [a, c) with [a, b) followed by [b, c)', () => {
    const hours = fc.integer({ min: 0, max: 60 * 24 * MS_PER_HOUR });
    fc.assert(
      fc.property(anyPool, anyTimeMs, hours, hours, (pool, a, first, second) => {
        const b = a + first;
        const c = b + second;
        const parts = [...market.recordsBetween(pool, a, b), ...market.recordsBetween(pool, b, c)];
        expect(parts).toEqual(market.recordsBetween(pool, a, c));
      }),
    );
  });

  it('counts a record that lies on the border of two windows to the later one', () => {
    fc.assert(
      fc.property(anyPool, anyTimeMs, (pool, at) => {
        const border = market.recordInForce(pool, at);
        expect(market.recordsBetween(pool, border.atMs - MS_PER_DAY, border.atMs)).not.toContainEqual(border);
        expect(market.recordsBetween(pool, border.atMs, border.atMs + 1)).toEqual([border]);
      }),
    );
  });

  it('gives the same answer to another instance that was asked other things before', () => {
    fc.assert(
      fc.property(anyPool, anyTimeMs, anyTimeMs, (pool, at, before) => {
        const other = openMarket();
        other.priceAt(pool, before);
        const window: [Pool, number, number] = [pool, at, at + 5 * MS_PER_DAY];
        expect(other.recordsBetween(...window)).toEqual(market.recordsBetween(...window));
      }),
      { numRuns: 20 },
    );
  });

  it('has in force at any time the last record before it, which is never older than 24 h and a minute', () => {
    fc.assert(
      fc.property(anyPool, anyTimeMs, (pool, at) => {
        const inForce = market.recordInForce(pool, at);
        expect(market.recordsBetween(pool, at - 2 * MS_PER_DAY, at + 1).at(-1)).toEqual(inForce);
        expect(at - inForce.atMs).toBeLessThanOrEqual(MS_PER_DAY + 60_000);
        expect(market.priceAt(pool, at)).toBe(inForce.priceMicroUsdPerHour);
      }),
    );
  });

  it('writes whole seconds, at most one record in a second, and prices in steps of $0.0001 between 20 % and 60 % of on-demand', () => {
    const onDemand = new Map(
      catalog.types.map(type => [type.instanceType, type.onDemandUsdPerHour ?? Number.NaN]),
    );
    for (const pool of pools.filter(one => one.product === 'Linux/UNIX')) {
      const microUsd = (onDemand.get(pool.instanceType) ?? Number.NaN) * 1_000_000;
      let lastMs = 0;
      for (const { atMs, priceMicroUsdPerHour } of market.recordsBetween(pool, START_MS, END_MS)) {
        expect(atMs % 1000).toBe(0);
        expect(atMs).toBeGreaterThan(lastMs);
        expect(priceMicroUsdPerHour % 100).toBe(0);
        expect(priceMicroUsdPerHour).toBeGreaterThanOrEqual(0.2 * microUsd - 50);
        expect(priceMicroUsdPerHour).toBeLessThanOrEqual(0.6 * microUsd + 50);
        lastMs = atMs;
      }
    }
  });

  it('refuses a pool it does not sell by name', () => {
    const absent: Pool = {
      region: 'us-east-1',
      availabilityZone: 'us-east-1z',
      instanceType: 'm5.large',
      product: 'Windows',
    };
    expect(() => market.priceAt(absent, END_MS)).toThrow('us-east-1/us-east-1z/m5.large/Windows');
  });

  it('is another market with another seed', () => {
    const [pool] = pools;
    if (!pool) throw new Error('no pool');
    const window: [Pool, number, number] = [pool, START_MS, END_MS];
    expect(openMarket('other').recordsBetween(...window)).not.toEqual(market.recordsBetween(...window));
  });
});

// The ranges hold the figures measured on 90 recorded days of eu-west-1 (Linux, 1,378 pools), with room for the seed:
// 34-41 % repetitions, 5.3 % of pool-hours with a change, median 112 and mean 174 rows, high/low median 1.03 and
// p95 2.0, MAPE of "the last price stays" at +24 h 0.44 %, 77 % of changes in the direction of the one before.
describe.each([1, 'demo', 'today'])('90 days of the market with seed %s', seed => {
  const market = openMarket(seed);
  const histories = market
    .pools()
    .filter(pool => pool.product === 'Linux/UNIX')
    .map(pool => market.recordsBetween(pool, START_MS, END_MS));
  const steps = histories.flatMap(history =>
    history.slice(1).map((record, index) => ({ record, before: history[index] ?? record })),
  );

  it('publishes an unchanged price again after 24 h', () => {
    const gapsMs = steps.map(({ record, before }) => record.atMs - before.atMs);
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(24.02 * MS_PER_HOUR);
    expect(
      shareOf(steps, ({ record, before }) => record.priceMicroUsdPerHour === before.priceMicroUsdPerHour),
    ).toSatisfy(within(0.33, 0.45));
  });

  it('changes about as often as a real one', () => {
    const hours = histories.flatMap(history =>
      history.slice(1).flatMap((record, index) => {
        const changed = record.priceMicroUsdPerHour !== history[index]?.priceMicroUsdPerHour;
        return changed ? [Math.floor(record.atMs / MS_PER_HOUR)] : [];
      }),
    );
    expect(hours.length / (histories.length * 90 * 24)).toSatisfy(within(0.038, 0.06));
    const rows = histories.map(history => history.length);
    expect(quantile(rows, 0.5)).toSatisfy(within(100, 175));
  });

  it('is calm in most pools and doubles in a few', () => {
    const spans = histories.map(history => {
      const prices = history.map(record => record.priceMicroUsdPerHour);
      return Math.max(...prices) / Math.min(...prices);
    });
    expect(quantile(spans, 0.5)).toSatisfy(within(1.02, 1.3));
    expect(quantile(spans, 0.95)).toSatisfy(within(1.5, 2.4));
  });

  it('leaves a forecast a little to gain over "the last price stays" at +24 h', () => {
    const errors = histories.map(dayAheadErrors).filter(error => error.stays > 0);
    expect(mean(errors.map(error => error.stays))).toSatisfy(within(0.003, 0.009));
    const gain = 1 - mean(errors.map(error => error.trend)) / mean(errors.map(error => error.stays));
    expect(gain).toSatisfy(within(0.03, 0.25));
  });

  it('moves the zones of a type together more than two types of different families', () => {
    const returns = histories.map(dailyReturns);
    const moving = (a: number, b: number): number => correlation(returns[a] ?? [], returns[b] ?? []);
    const together: number[] = [];
    const apart: number[] = [];
    for (let first = 0; first + 2 < histories.length; first += 3) {
      together.push(moving(first, first + 1));
      apart.push(moving(first, (first + 30) % histories.length));
    }
    expect(mean(together.filter(Number.isFinite))).toBeGreaterThan(0.25);
    expect(mean(together.filter(Number.isFinite))).toBeGreaterThan(mean(apart.filter(Number.isFinite)) + 0.1);
  });
});

function hourly(history: readonly SpotPriceRecord[]): number[] {
  const prices: number[] = [];
  let at = 0;
  for (let hourMs = START_MS + 2 * MS_PER_DAY; hourMs < END_MS; hourMs += MS_PER_HOUR) {
    while ((history[at + 1]?.atMs ?? Number.POSITIVE_INFINITY) <= hourMs) at++;
    prices.push(history[at]?.priceMicroUsdPerHour ?? Number.NaN);
  }
  return prices;
}

/** Mean relative error at +24 h of "the price stays" and of "a third of the last day's move goes on". */
function dayAheadErrors(history: readonly SpotPriceRecord[]): { stays: number; trend: number } {
  const prices = hourly(history);
  const points = prices.slice(48).map((later, index) => {
    const now = prices[index + 24] ?? later;
    const dayAgo = prices[index] ?? now;
    return {
      stays: Math.abs(later - now) / later,
      trend: Math.abs(later - now - (now - dayAgo) / 3) / later,
    };
  });
  return { stays: mean(points.map(point => point.stays)), trend: mean(points.map(point => point.trend)) };
}

function dailyReturns(history: readonly SpotPriceRecord[]): number[] {
  const days = hourly(history).filter((_, hour) => hour % 24 === 0);
  return days.slice(1).map((price, index) => Math.log(price / (days[index] ?? price)));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function shareOf<T>(items: readonly T[], isOne: (item: T) => boolean): number {
  return items.filter(isOne).length / items.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
}

function within(low: number, high: number): (value: number) => boolean {
  return value => value >= low && value <= high;
}
