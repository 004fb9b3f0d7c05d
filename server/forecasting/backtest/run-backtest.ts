import { setImmediate as turn } from 'node:timers/promises';
import { type PoolKey, poolKey } from '../../../common/units/index.ts';
import { type FeatureRows, featureTable, type MarketSlice, type PoolPrices } from '../features/index.ts';
import { BASELINE_LOOKBACK_MS, type BaselineName, baselineForecast, baselineNames } from './baselines.ts';
import type { ForecastAnswer, Forecaster } from './forecaster.ts';
import { PointErrors } from './metrics/point-errors.ts';
import { QuantileScores } from './metrics/quantile-scores.ts';
import { PoolTally } from './pool-tally.ts';
import { earlierTimes, placesWithAll, pricesInForce, valuesAt } from './price-points.ts';

/** Pools that are asked at once, so that the processes of a model never wait for features. */
const POOLS_AT_ONCE = 4;

/** What is to be tested on what. */
export interface BacktestOrder {
  readonly forecaster: Forecaster;
  readonly market: MarketSlice;
  /** Made-at times, ascending and evenly spaced. */
  readonly timesMs: Float64Array;
}

/** Sums of a backtest, in micro-USD per hour. */
export interface BacktestTally {
  readonly totals: PoolTally;
  readonly pools: readonly { readonly pool: PoolKey; readonly tally: PoolTally }[];
  /** On the same points as the forecaster. */
  readonly baselines: Readonly<Record<BaselineName, BaselineTally>>;
  /** `undefined` for a forecaster of one price. */
  readonly quantiles: QuantileScores | undefined;
  /** By made-at time: points, and sums of absolute errors. */
  readonly pointsAt: Float64Array;
  readonly modelErrorAt: Float64Array;
  readonly persistenceErrorAt: Float64Array;
  readonly poolsWithoutPoints: number;
  readonly unknownPrice: number;
  readonly noForecast: number;
}

export interface BaselineTally {
  readonly errors: PointErrors;
  /** Sum over pools of their MAPE in percent. */
  mapeOfPools: number;
}

/**
 * A rolling-origin backtest: at each made-at time, every pool is predicted from what was known then, and held against what
 * happened at the horizon. A point counts where the price is known at the time, at the horizon and at whatever the baselines look
 * at (up to a week before), so that all forecasters are compared on the very same points and nothing is filled in. Points are
 * summed as they come: memory grows with pools and times, not with their product.
 * @param tell hears after each pool how many are done
 * @throws what the forecaster throws, and what `signal` was aborted with
 */
export async function runBacktest(
  { forecaster, market, timesMs }: BacktestOrder,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<BacktestTally> {
  const tallies: { pool: PoolKey; tally: PoolTally }[] = [];
  const sums = {
    totals: new PoolTally(),
    baselines: Object.fromEntries(
      baselineNames.map(name => [name, { errors: new PointErrors(), mapeOfPools: 0 }]),
    ) as Record<BaselineName, BaselineTally>,
    quantiles: forecaster.levels.length > 0 ? new QuantileScores(forecaster.levels) : undefined,
    pointsAt: new Float64Array(timesMs.length),
    modelErrorAt: new Float64Array(timesMs.length),
    persistenceErrorAt: new Float64Array(timesMs.length),
    unknownPrice: 0,
    noForecast: 0,
  };
  const laterMs = timesMs.map(at => at + forecaster.horizonMs);
  const { pools } = market;
  const tables = featureTable(forecaster.features, market, timesMs, { reuse: true });
  const waiting: Promise<Asked>[] = [];
  let next = 0;
  let done = 0;
  try {
    for (const { pool: named } of pools) {
      while (waiting.length < POOLS_AT_ONCE && next < pools.length) {
        const asked = ask(
          forecaster,
          pools[next++] as PoolPrices,
          tables.next().value as FeatureRows,
          laterMs,
        );
        // Whoever awaits it hears of a failure; until then it is not unhandled.
        asked.catch(() => undefined);
        waiting.push(asked);
      }
      // In the order of pools, so that the sums are the same to the bit each time.
      const asked = await (waiting.shift() as Promise<Asked>);
      signal.throwIfAborted();
      const tally = addUp(asked, sums, timesMs.length);
      sums.totals.merge(tally);
      if (tally.model.points > 0) tallies.push({ pool: poolKey(named), tally });
      tell(++done, sums.totals.model.points);
      // Other work of the engine gets its turn, also where a forecaster answers at once.
      await turn();
    }
  } finally {
    await Promise.allSettled(waiting);
  }
  return { ...sums, pools: tallies, poolsWithoutPoints: pools.length - tallies.length };
}

/** A pool's points: everything but what the forecaster left out is known. */
interface Asked {
  /** Places of the points in the list of times. */
  readonly places: Uint32Array;
  readonly now: Float64Array;
  readonly actual: Float64Array;
  readonly answer: ForecastAnswer;
  readonly baselines: Readonly<Record<BaselineName, Float64Array>>;
}

/** Everything but the forecaster's answer is found out before this returns, while the rows are there. */
async function ask(
  forecaster: Forecaster,
  pool: PoolPrices,
  { timesMs, values, priceMicroUsdPerHour: priceNow }: FeatureRows,
  laterMs: Float64Array,
): Promise<Asked> {
  const priceLater = pricesInForce(pool, laterMs);
  const all = { pool, timesMs, priceNow };
  const said = baselineNames.map(name => [name, baselineForecast(name, all, forecaster.horizonMs)] as const);
  const weekAgo = pricesInForce(pool, earlierTimes(timesMs, BASELINE_LOOKBACK_MS));
  const places = placesWithAll([priceNow, priceLater, weekAgo, ...said.map(([, told]) => told)]);
  const baselines = Object.fromEntries(said.map(([name, told]) => [name, valuesAt(told, places)]));
  const answer =
    places.length === 0
      ? { price: new Float64Array() }
      : await forecaster.forecast({ ...all, places, values });
  return {
    places,
    now: valuesAt(priceNow, places),
    actual: valuesAt(priceLater, places),
    answer,
    baselines: baselines as Record<BaselineName, Float64Array>,
  };
}

type Sums = Omit<BacktestTally, 'pools' | 'poolsWithoutPoints' | 'unknownPrice' | 'noForecast'> & {
  unknownPrice: number;
  noForecast: number;
};

function addUp({ places, now, actual, answer, baselines }: Asked, sums: Sums, times: number): PoolTally {
  const tally = new PoolTally();
  const ofPool = baselineNames.map(name => [name, new PointErrors()] as const);
  const quantiles = new Float64Array(answer.quantiles?.length ?? 0);
  sums.unknownPrice += times - places.length;
  for (let point = 0; point < places.length; point++) {
    const predicted = answer.price[point] ?? Number.NaN;
    if (Number.isNaN(predicted)) {
      sums.noForecast++;
      continue;
    }
    const place = places[point] ?? 0;
    const [was, came] = [now[point] ?? 0, actual[point] ?? 0];
    tally.add(predicted, was, came);
    for (const [name, errors] of ofPool) errors.add(baselines[name][point] ?? Number.NaN, came);
    sums.pointsAt[place] = (sums.pointsAt[place] ?? 0) + 1;
    sums.modelErrorAt[place] = (sums.modelErrorAt[place] ?? 0) + Math.abs(predicted - came);
    sums.persistenceErrorAt[place] = (sums.persistenceErrorAt[place] ?? 0) + Math.abs(was - came);
    if (!answer.quantiles) continue;
    for (const [index, column] of answer.quantiles.entries()) quantiles[index] = column[point] ?? Number.NaN;
    sums.quantiles?.add(quantiles, came);
  }
  if (tally.model.points === 0) return tally;
  for (const [name, errors] of ofPool) {
    sums.baselines[name].errors.merge(errors);
    sums.baselines[name].mapeOfPools += errors.mapePercent;
  }
  return tally;
}
