import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR, type Pool, poolKey } from '../../common/units/index.ts';
import { featureCatalog, featureTable, type PoolPrices } from './features/index.ts';
import { type RandomMarket, randomMarket, START_MS, sliceOf } from './features/random-market.fixture.ts';
import type { MarketOfForecasts } from './forecast-parts.ts';
import { sliceFor } from './predict.ts';

const all = featureCatalog.all();
const names = all.map(feature => feature.name);
const own = all.filter(feature => !feature.looksAtNeighbours).map(feature => feature.name);

/** A market that answers as the real one does: records of the window, the one in force at its start, no unknown pool. */
function marketOf({ prices, factsOf }: RandomMarket) {
  const asked: Pool[][] = [];
  const market = {
    catalog: {
      typeOf: (instanceType: string) => {
        const facts = factsOf({ instanceType } as Pool);
        return facts.vcpu === undefined ? undefined : facts;
      },
      onDemandMicroUsdPerHour: (_: string, instanceType: string) =>
        factsOf({ instanceType } as Pool).onDemandMicroUsdPerHour,
      interruptionMaxPercent: () => 11,
      riskProvenance: { source: 'Spot Instance Advisor', asOf: START_MS },
    },
    prices: {
      pools: async ({ regions, products }: { regions: string[]; products: string[] }) =>
        prices
          .map(({ pool }) => pool)
          .filter(({ region, product }) => regions.includes(region) && products.includes(product)),
      series: async (pools: readonly Pool[], fromMs: number, toMs: number) => {
        asked.push([...pools]);
        const keys = new Set(pools.map(poolKey));
        return prices.filter(({ pool }) => keys.has(poolKey(pool))).map(one => between(one, fromMs, toMs));
      },
    },
  } as unknown as MarketOfForecasts;
  return { market, asked };
}

function between({ pool, atMs, priceMicroUsdPerHour }: PoolPrices, fromMs: number, toMs: number): PoolPrices {
  const first = Math.max(
    0,
    atMs.findLastIndex(at => at <= fromMs),
  );
  const end = atMs.findLastIndex(at => at < toMs) + 1;
  return {
    pool,
    atMs: atMs.slice(first, end),
    priceMicroUsdPerHour: priceMicroUsdPerHour.slice(first, end),
  };
}

describe('what is read for a forecast', () => {
  const random = randomMarket(3);
  const pool = random.prices.find(one => one.pool.instanceType === 'm5.xlarge')?.pool as Pool;
  const nowMs = START_MS + 20 * MS_PER_DAY;

  it('has neighbours when a feature looks at them, and only then', async () => {
    const { market, asked } = marketOf(random);
    expect((await sliceFor(market, own, [pool], nowMs, nowMs)).neighbours).toEqual([]);
    expect(asked).toEqual([[pool]]);
    const { neighbours } = await sliceFor(market, [...own, 'zones_known'], [pool], nowMs, nowMs);
    const beside = neighbours.map(one => one.pool);
    expect(beside.length).toBeGreaterThan(3);
    for (const { region, product, availabilityZone, instanceType } of beside) {
      expect([region, product]).toEqual([pool.region, pool.product]);
      const isZone = instanceType === pool.instanceType;
      expect(isZone || (availabilityZone === pool.availabilityZone && instanceType.startsWith('m5.'))).toBe(
        true,
      );
    }
  });

  it('gives today the same bits as a backtest over all of history gives that time', async () => {
    const { market } = marketOf(random);
    const { factsOf } = await sliceFor(market, names, [pool], nowMs, nowMs);
    const times = Float64Array.from({ length: 40 }, (_, step) => nowMs + (step - 20) * 7 * MS_PER_HOUR);
    const whole = [...featureTable(names, { ...sliceOf(random, random.prices), factsOf }, times)];
    for (const { pool: one, values, columns } of whole) {
      for (const [row, at] of times.entries()) {
        const [live] = featureTable(names, await sliceFor(market, names, [one], at, at), Float64Array.of(at));
        const backtest = values.subarray(row * columns, (row + 1) * columns);
        expect(new BigUint64Array(live?.values.slice().buffer ?? new ArrayBuffer())).toEqual(
          new BigUint64Array(backtest.slice().buffer),
        );
      }
    }
  });
});
