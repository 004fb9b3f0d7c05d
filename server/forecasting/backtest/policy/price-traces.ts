import { poolKey } from '../../../../common/units/index.ts';
import { type FeatureRows, featureTable, type MarketSlice, type PoolPrices } from '../../features/index.ts';
import type { Forecaster } from '../forecaster.ts';
import { placesWithAll } from '../price-points.ts';
import type { CapacityTrace } from './capacity-trace.ts';

/** Fewer zones leave a policy nothing to choose. */
const FEWEST_POOLS = 2;

/**
 * Traces from prices: one for each instance type, region and product with at least two zones, which stand in for each other. A pool
 * whose price is known can be had, since archives of prices say nothing of interruptions.
 * @param timesMs ticks, ascending and evenly spaced
 */
export async function tracesOfPrices(
  market: MarketSlice,
  timesMs: Float64Array,
  stepMs: number,
  forecaster: Forecaster,
  signal: AbortSignal,
): Promise<CapacityTrace[]> {
  const known: PoolTrace[] = [];
  for (const rows of featureTable(forecaster.features, market, timesMs, { reuse: true })) {
    signal.throwIfAborted();
    const pool = market.pools[known.length] as PoolPrices;
    known.push({ pool, ...(await tracePool(forecaster, pool, rows)) });
  }
  const groups = Map.groupBy(
    known,
    ({ pool: { pool } }) => `${pool.region} ${pool.instanceType} ${pool.product}`,
  );
  return [...groups].flatMap(([name, group]) => {
    const [first] = group;
    if (!first || group.length < FEWEST_POOLS) return [];
    return {
      name,
      startMs: timesMs[0] ?? 0,
      stepMs,
      pools: group.map(({ pool }) => poolKey(pool.pool)),
      spot: group.map(({ spot }) => spot),
      onDemand: market.factsOf(first.pool.pool).onDemandMicroUsdPerHour ?? Number.NaN,
      predicted: group.map(({ predicted }) => predicted),
      horizonMs: forecaster.horizonMs,
    };
  });
}

interface PoolTrace {
  readonly pool: PoolPrices;
  readonly spot: Float64Array;
  /** NaN where the price is unknown or nothing is said. */
  readonly predicted: Float64Array;
}

async function tracePool(
  forecaster: Forecaster,
  pool: PoolPrices,
  { timesMs, values, priceMicroUsdPerHour: spot }: FeatureRows,
): Promise<Omit<PoolTrace, 'pool'>> {
  const places = placesWithAll([spot]);
  const predicted = new Float64Array(timesMs.length).fill(Number.NaN);
  if (places.length === 0) return { spot, predicted };
  const { price } = await forecaster.forecast({ pool, timesMs, places, priceNow: spot, values });
  for (let index = 0; index < places.length; index++)
    predicted[places[index] ?? 0] = price[index] ?? Number.NaN;
  return { spot, predicted };
}
