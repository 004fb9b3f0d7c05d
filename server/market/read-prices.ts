import type { Interval, PricePoint } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { parsePoolKey } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { CoverageStore } from './coverage-store.ts';
import type { PriceReader } from './market.ts';
import type { PoolStore } from './pool-store.ts';
import type { PriceStore } from './price-store.ts';
import { holesOf, isStillInForce, LONGEST_SILENCE_MS } from './step-function.ts';

interface ReadParts {
  readonly prices: PriceStore;
  readonly pools: PoolStore;
  readonly coverage: CoverageStore;
  readonly clock: Clock;
}

/** Prices as other rooms read them. */
export function priceReader({ prices, pools, coverage, clock }: ReadParts): PriceReader {
  return {
    lastPrice: async (pool, atMs = clock.now()) => {
      const last = await prices.lastAt(pool, atMs);
      if (last === undefined || atMs - last.atMs <= LONGEST_SILENCE_MS) return last;
      const covered = await coverage.of(pool.region, pool.product, [pool.instanceType]);
      return isStillInForce(last, atMs, covered) ? last : undefined;
    },
    pools: async scope => (await pools.list(scope)).map(({ pool }) => pool),
    series: (wanted, fromMs, toMs) => prices.series(wanted, fromMs, toMs),
  };
}

/**
 * The records of one pool in `[fromMs, toMs)`, with the one in force at the start, and the holes among them.
 * @throws AppError `input.invalid`
 */
export async function readHistory(
  { prices, clock }: Pick<ReadParts, 'prices' | 'clock'>,
  key: string,
  fromMs: number,
  toMs: number,
): Promise<{ points: PricePoint[]; holes: Interval[] }> {
  const pool = parsePoolKey(key);
  if (!pool)
    throw new AppError('input.invalid', `"${key}" is no pool; it is region/zone/instanceType/product.`);
  if (fromMs >= toMs)
    throw new AppError('input.invalid', `fromMs is ${fromMs}, which is not before toMs ${toMs}.`);
  const [series] = await prices.series([pool], fromMs, toMs);
  const points = [...(series?.atMs ?? [])].map((atMs, index) => ({
    atMs,
    priceMicroUsdPerHour: series?.priceMicroUsdPerHour[index] ?? 0,
  }));
  return { points, holes: holesOf(points, Math.min(toMs, clock.now())) };
}
