import { setImmediate as turn } from 'node:timers/promises';
import type { PoolKey } from '../../../common/units/index.ts';
import type { MarketSlice } from '../features/index.ts';
import { type BaselineName, baselineNames } from './baselines.ts';
import type { Forecaster } from './forecaster.ts';
import { familiesOf } from './market-families.ts';
import { addTo } from './metrics/add-to.ts';
import { PointErrors } from './metrics/point-errors.ts';
import { QuantileScores } from './metrics/quantile-scores.ts';
import { PoolTally } from './pool-tally.ts';
import { type FamilyTally, tallyFamily } from './tally-family.ts';
import { tallyInThreads } from './tally-in-threads.ts';

/** Predictions below which threads would take longer to start than they save. */
const FEWEST_IN_THREADS = 100_000;

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
 * @param tell hears after each pool how many are done, and their points
 * @throws what the forecaster throws, and what `signal` was aborted with
 */
export async function runBacktest(
  order: BacktestOrder,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<BacktestTally> {
  const sums = new BacktestSums(order);
  let pools = 0;
  let all = 0;
  const afterPool = (points: number) => {
    signal.throwIfAborted();
    all += points;
    tell(++pools, all);
  };
  // In the order of families, each with sums of its own, so that the totals are the same to the bit each time.
  for await (const family of tallies(order, signal, afterPool)) sums.add(family);
  return sums.tally();
}

/** In threads where the forecaster can be in them and the work is worth their start. */
async function* tallies(
  { forecaster, market, timesMs }: BacktestOrder,
  signal: AbortSignal,
  afterPool: (points: number) => void,
): AsyncGenerator<FamilyTally> {
  const families = familiesOf(market);
  const isWorthThreads = market.pools.length * timesMs.length >= FEWEST_IN_THREADS;
  const { inThread } = forecaster;
  if (inThread && families.length > 1 && isWorthThreads) {
    for await (const family of tallyInThreads({ families, timesMs, inThread }, signal)) {
      for (const { tally } of family.pools) afterPool(new PoolTally(tally).model.points);
      yield family;
    }
    return;
  }
  for (const family of families) {
    yield await tallyFamily({ forecaster, market: family, timesMs }, async points => {
      afterPool(points);
      // Other work of the engine gets its turn, also where a forecaster answers at once.
      await turn();
    });
  }
}

class BacktestSums {
  readonly #pools: { pool: PoolKey; tally: PoolTally }[] = [];
  readonly #sums: Omit<BacktestTally, 'pools' | 'poolsWithoutPoints'>;
  #poolsWithoutPoints = 0;
  #unknownPrice = 0;
  #noForecast = 0;

  constructor({ forecaster: { levels }, timesMs }: BacktestOrder) {
    const byTime = () => new Float64Array(timesMs.length);
    const baselines = baselineNames.map(name => [name, { errors: new PointErrors(), mapeOfPools: 0 }]);
    this.#sums = {
      totals: new PoolTally(),
      baselines: Object.fromEntries(baselines) as BacktestTally['baselines'],
      quantiles: levels.length > 0 ? new QuantileScores(levels) : undefined,
      ...{ pointsAt: byTime(), modelErrorAt: byTime(), persistenceErrorAt: byTime() },
      ...{ unknownPrice: 0, noForecast: 0 },
    };
  }

  add(family: FamilyTally): void {
    const { totals, baselines, quantiles } = this.#sums;
    for (const { pool, tally: poolSums, baselines: errors } of family.pools) {
      const tally = new PoolTally(poolSums);
      if (tally.model.points === 0) {
        this.#poolsWithoutPoints++;
        continue;
      }
      totals.merge(tally);
      this.#pools.push({ pool, tally });
      for (const name of baselineNames) {
        const ofPool = new PointErrors(errors[name]);
        baselines[name].errors.merge(ofPool);
        baselines[name].mapeOfPools += ofPool.mapePercent;
      }
    }
    for (const column of ['pointsAt', 'modelErrorAt', 'persistenceErrorAt'] as const)
      addTo(this.#sums[column], family[column]);
    if (quantiles && family.quantiles) addTo(quantiles.sums, family.quantiles);
    this.#unknownPrice += family.unknownPrice;
    this.#noForecast += family.noForecast;
  }

  tally(): BacktestTally {
    return {
      ...this.#sums,
      pools: this.#pools,
      poolsWithoutPoints: this.#poolsWithoutPoints,
      unknownPrice: this.#unknownPrice,
      noForecast: this.#noForecast,
    };
  }
}
