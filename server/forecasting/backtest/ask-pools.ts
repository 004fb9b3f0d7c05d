import type { Pool } from '../../../common/units/index.ts';
import { type FeatureRows, featureTable, type PoolPrices, Scratch } from '../features/index.ts';
import { BASELINE_LOOKBACK_MS, type BaselineName, baselineForecast, baselineNames } from './baselines.ts';
import type { ForecastAnswer, Forecaster } from './forecaster.ts';
import { placesWithAll, priceFrame, valuesAt } from './price-points.ts';
import type { BacktestOrder } from './run-backtest.ts';

/** Pools that are asked at once, so that the processes of a model never wait for features. */
const POOLS_AT_ONCE = 4;

/** A pool's points: everything but what the forecaster left out is known. */
export interface AskedPool {
  readonly pool: Pool;
  /** Places of the points in the list of times. */
  readonly places: Uint32Array;
  readonly now: Float64Array;
  readonly actual: Float64Array;
  readonly answer: ForecastAnswer;
  readonly baselines: Readonly<Record<BaselineName, Float64Array>>;
}

/**
 * Asks the forecaster and the baselines about every pool of a market at all times, and yields the pools in their order.
 * @throws what the forecaster throws
 */
export async function* askPools({ forecaster, market, timesMs }: BacktestOrder): AsyncGenerator<AskedPool> {
  const { pools } = market;
  const tables = featureTable(forecaster.features, market, timesMs, { reuse: true });
  const scratch = new Scratch();
  const waiting: Promise<AskedPool>[] = [];
  let next = 0;
  try {
    for (let done = 0; done < pools.length; done++) {
      while (waiting.length < POOLS_AT_ONCE && next < pools.length) {
        scratch.reset();
        const rows = tables.next().value as FeatureRows;
        const asked = ask(forecaster, pools[next++] as PoolPrices, rows, scratch);
        // Whoever awaits it hears of a failure; until then it is not unhandled.
        asked.catch(() => undefined);
        waiting.push(asked);
      }
      yield await (waiting.shift() as Promise<AskedPool>);
    }
  } finally {
    await Promise.allSettled(waiting);
  }
}

/** Everything but the forecaster's answer is found out before this returns, while the rows are there. */
async function ask(
  forecaster: Forecaster,
  pool: PoolPrices,
  { timesMs, values, priceMicroUsdPerHour: priceNow }: FeatureRows,
  scratch: Scratch,
): Promise<AskedPool> {
  const prices = priceFrame(pool, timesMs, scratch);
  const priceLater = prices.priceAgo(-forecaster.horizonMs);
  const said = baselineNames.map(
    name => [name, baselineForecast(name, prices, forecaster.horizonMs)] as const,
  );
  const weekAgo = prices.priceAgo(BASELINE_LOOKBACK_MS);
  const places = placesWithAll([priceNow, priceLater, weekAgo, ...said.map(([, told]) => told)]);
  const baselines = Object.fromEntries(said.map(([name, told]) => [name, valuesAt(told, places)]));
  const known = {
    pool: pool.pool,
    places,
    now: valuesAt(priceNow, places),
    actual: valuesAt(priceLater, places),
    baselines: baselines as Record<BaselineName, Float64Array>,
  };
  const answer =
    places.length === 0
      ? { price: new Float64Array() }
      : await forecaster.forecast({ pool, timesMs, priceNow, places, values });
  return { ...known, answer };
}
