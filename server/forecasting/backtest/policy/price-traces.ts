import { poolKey } from '../../../../common/units/index.ts';
import type { Forecaster } from '../forecaster.ts';
import { type BacktestPool, placesWithAll, pricesInForce, valuesAt } from '../price-points.ts';
import type { CapacityTrace } from './capacity-trace.ts';

/** Fewer zones leave a policy nothing to choose. */
const FEWEST_POOLS = 2;

/**
 * Traces from prices: one for each instance type, region and product with at least two zones, which stand in for each other. A pool
 * whose price is known can be had, since archives of prices say nothing of interruptions.
 * @param timesMs ticks, ascending and evenly spaced
 * @param forecaster `undefined` for traces without forecasts
 */
export async function tracesOfPrices(
  pools: readonly BacktestPool[],
  timesMs: Float64Array,
  stepMs: number,
  forecaster: Forecaster | undefined,
  signal: AbortSignal,
): Promise<CapacityTrace[]> {
  const groups = Map.groupBy(pools, ({ pool }) => `${pool.region} ${pool.instanceType} ${pool.product}`);
  const traces: CapacityTrace[] = [];
  for (const [name, group] of groups) {
    if (group.length < FEWEST_POOLS) continue;
    signal.throwIfAborted();
    const spot = group.map(pool => pricesInForce(pool, timesMs));
    const predicted =
      forecaster &&
      (await Promise.all(
        group.map((pool, index) => forecastOf(forecaster, pool, timesMs, spot[index] ?? new Float64Array())),
      ));
    traces.push({
      name,
      startMs: timesMs[0] ?? 0,
      stepMs,
      pools: group.map(({ pool }) => poolKey(pool)),
      spot,
      onDemand: group[0]?.facts.onDemandMicroUsdPerHour ?? Number.NaN,
      ...(predicted ? { predicted } : {}),
      horizonMs: forecaster?.horizonMs ?? stepMs,
    });
  }
  return traces;
}

/** What is foretold at each time; NaN where the price is unknown or nothing is said. */
async function forecastOf(
  forecaster: Forecaster,
  pool: BacktestPool,
  timesMs: Float64Array,
  priceNow: Float64Array,
): Promise<Float64Array> {
  const places = placesWithAll([priceNow]);
  const at = (values: Float64Array) => valuesAt(values, places);
  const all = new Float64Array(timesMs.length).fill(Number.NaN);
  if (places.length === 0) return all;
  const { price } = await forecaster.forecast({ pool, timesMs: at(timesMs), priceNow: at(priceNow) });
  for (const [index, place] of places.entries()) all[place] = price[index] ?? Number.NaN;
  return all;
}
