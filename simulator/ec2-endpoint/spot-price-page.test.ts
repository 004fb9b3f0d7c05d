import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../../common/units/index.ts';
import type { SpotMarket, SpotPriceRecord } from '../market/index.ts';
import {
  cutSpotPricePage,
  firstPageStart,
  type PooledRecord,
  type SpotPriceWindow,
} from './spot-price-page.ts';

const SECONDS = 40;
const anyHistory = fc.uniqueArray(fc.integer({ min: 0, max: SECONDS }), { maxLength: 12 });

/** A market of a few records at crowded times, so that ties, gaps and full pages are common. */
function marketOf(histories: readonly (readonly number[])[]): SpotMarket {
  const pools = histories.map<Pool>((_, n) => ({
    region: 'us-east-1',
    availabilityZone: 'us-east-1a',
    instanceType: `t${n}.large`,
    product: 'Linux/UNIX',
  }));
  const records = new Map(
    pools.map((pool, n) => [
      pool,
      (histories[n] ?? [])
        .toSorted((a, b) => a - b)
        .map<SpotPriceRecord>(second => ({ atMs: second * 1000, priceMicroUsdPerHour: 100 * (second + 1) })),
    ]),
  );
  const recordInForce = (pool: Pool, atMs: number): SpotPriceRecord | undefined =>
    records.get(pool)?.findLast(record => record.atMs <= atMs);
  return {
    region: 'us-east-1',
    pools: () => pools,
    recordsBetween: (pool, fromMs, toMs) =>
      (records.get(pool) ?? []).filter(record => record.atMs >= fromMs && record.atMs < toMs),
    recordInForce,
    priceAt: (pool, atMs) => recordInForce(pool, atMs)?.priceMicroUsdPerHour,
  };
}

function walk(window: SpotPriceWindow, maxRecords: number, strideMs: number): PooledRecord[] {
  const walked: PooledRecord[] = [];
  let start: ReturnType<typeof firstPageStart> | undefined = { ...firstPageStart(window), strideMs };
  while (start) {
    const page = cutSpotPricePage(window, start, maxRecords);
    expect(page.records.length).toBeLessThanOrEqual(maxRecords);
    if (page.next) expect(page.records).toHaveLength(maxRecords);
    walked.push(...page.records);
    start = page.next;
  }
  return walked;
}

describe('cutSpotPricePage', () => {
  it('walks every record once, newest first, whatever the size of a page and the first stride', () => {
    const anySecond = fc.integer({ min: -2, max: SECONDS + 2 });
    fc.assert(
      fc.property(
        fc.array(anyHistory, { maxLength: 5 }),
        fc.record({ oldest: anySecond, start: anySecond, length: fc.nat(SECONDS) }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1000, max: 20_000 }),
        (histories, { oldest, start, length }, maxRecords, strideMs) => {
          const market = marketOf(histories);
          const pools = market.pools();
          const [oldestMs, startMs, endMs] = [oldest * 1000, start * 1000, (start + length) * 1000];
          const window: SpotPriceWindow = { market, pools, oldestMs, startMs, endMs, accepts: () => true };
          const wanted = pools.flatMap((pool, poolNumber) => {
            const inForceMs = market.recordInForce(pool, startMs)?.atMs ?? startMs;
            return market
              .recordsBetween(pool, Math.max(oldestMs, inForceMs), endMs + 1)
              .map(record => ({ ...record, poolNumber }));
          });
          wanted.sort((a, b) => b.atMs - a.atMs || a.poolNumber - b.poolNumber);
          expect(walk(window, maxRecords, strideMs)).toEqual(wanted);
        },
      ),
      { numRuns: 500 },
    );
  });
});
