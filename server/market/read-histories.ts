import type { PriceHistories } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_SECOND, parsePoolKey, poolKey } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { HistoriesQuery } from './market.ts';
import { asDifferences, type Steps, thinned, withoutRepeats } from './price-steps.ts';
import type { PriceSeries, PriceStore } from './price-store.ts';
import { holesBetween } from './step-function.ts';

/** What a page draws and moves smoothly, measured; beyond that steps are thinned. */
const MOST_STEPS = 200_000;

/**
 * Prices of many pools over `[fromMs, toMs)` as steps with their holes. Repeated prices are left out, which changes
 * nothing; where there are still more than 200,000 steps, each pool that has more than its part is thinned to `buckets`.
 * @throws AppError `input.invalid`
 */
export async function readHistories(
  { prices, clock }: { readonly prices: PriceStore; readonly clock: Clock },
  { pools: keys, fromMs, toMs, buckets }: HistoriesQuery,
): Promise<PriceHistories> {
  if (fromMs >= toMs)
    throw new AppError('input.invalid', `fromMs is ${fromMs}, which is not before toMs ${toMs}.`);
  const pools = [...new Set(keys)].map(key => {
    const pool = parsePoolKey(key);
    if (pool) return pool;
    throw new AppError('input.invalid', `"${key}" is no pool; it is region/zone/instanceType/product.`);
  });
  const endMs = Math.min(toMs, clock.now());
  const whole = (await prices.series(pools, fromMs, toMs)).map(series => stepsOf(series, endMs));
  const total = whole.reduce((sum, { steps }) => sum + steps.atS.length, 0);
  const fewer = Math.max(50, Math.min(buckets, Math.floor(MOST_STEPS / 4 / Math.max(1, whole.length))));
  const most = total <= MOST_STEPS ? Number.POSITIVE_INFINITY : 4 * fewer;
  return {
    fromMs,
    toMs,
    records: whole.reduce((sum, { records }) => sum + records, 0),
    steps: whole.map(({ pool, steps, holes, records }) => {
      const isThinned = steps.atS.length > most;
      const [fromS, toS] = [fromMs / MS_PER_SECOND, toMs / MS_PER_SECOND];
      const shown = isThinned ? thinned(steps, fromS, toS, fewer) : steps;
      return {
        pool: poolKey(pool),
        atS: asDifferences(shown.atS),
        price: [...shown.price],
        holes,
        records,
        isThinned,
      };
    }),
  };
}

function stepsOf({ pool, atMs, priceMicroUsdPerHour }: PriceSeries, endMs: number) {
  const holes = holesBetween(atMs, endMs);
  const steps: Steps = withoutRepeats(atMs, priceMicroUsdPerHour, holes);
  return {
    pool,
    steps,
    records: atMs.length,
    holes: holes.flatMap(hole => [hole.fromMs, hole.toMs]).map(ms => Math.floor(ms / MS_PER_SECOND)),
  };
}
