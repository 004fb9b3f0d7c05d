import { setImmediate as turn } from 'node:timers/promises';
import { type PoolKey, poolKey } from '../../../common/units/index.ts';
import type { MarketSlice } from '../features/index.ts';
import { askInThreads } from './ask-in-threads.ts';
import { type AskedPool, askPools } from './ask-pools.ts';
import { type BaselineName, baselineNames } from './baselines.ts';
import type { Forecaster } from './forecaster.ts';
import { familiesOf } from './market-families.ts';
import { PointErrors } from './metrics/point-errors.ts';
import { QuantileScores } from './metrics/quantile-scores.ts';
import { PoolTally } from './pool-tally.ts';

/** Predictions below which threads would take longer to start than they save. */
const FEWEST_IN_THREADS = 100_000;
/** Predictions of a family, above which threads would hold too much of them at once: some 200 MB. */
const MOST_IN_THREADS = 3_000_000;

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
  order: BacktestOrder,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<BacktestTally> {
  const { forecaster, timesMs } = order;
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
  let done = 0;
  // In the order of families, so that the sums are the same to the bit each time.
  for await (const asked of askAll(order, signal)) {
    signal.throwIfAborted();
    const tally = addUp(asked, sums, timesMs.length);
    sums.totals.merge(tally);
    if (tally.model.points > 0) tallies.push({ pool: poolKey(asked.pool), tally });
    tell(++done, sums.totals.model.points);
    // Other work of the engine gets its turn, also where a forecaster answers at once.
    await turn();
  }
  return { ...sums, pools: tallies, poolsWithoutPoints: done - tallies.length };
}

/** Threads where the forecaster can be in them and the work is worth their start. */
async function* askAll(order: BacktestOrder, signal: AbortSignal): AsyncGenerator<AskedPool> {
  const { forecaster, market, timesMs } = order;
  const families = familiesOf(market);
  const pools = Math.max(...families.map(family => family.pools.length));
  const isWorthThreads = market.pools.length * timesMs.length >= FEWEST_IN_THREADS;
  const { inThread } = forecaster;
  if (inThread && families.length > 1 && isWorthThreads && pools * timesMs.length <= MOST_IN_THREADS) {
    yield* askInThreads({ families, timesMs, inThread }, signal);
    return;
  }
  for (const family of families) yield* askPools({ forecaster, market: family, timesMs });
}

type Sums = Omit<BacktestTally, 'pools' | 'poolsWithoutPoints' | 'unknownPrice' | 'noForecast'> & {
  unknownPrice: number;
  noForecast: number;
};

function addUp({ places, now, actual, answer, baselines }: AskedPool, sums: Sums, times: number): PoolTally {
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
