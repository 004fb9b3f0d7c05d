import { setImmediate as turn } from 'node:timers/promises';
import { type PoolKey, poolKey } from '../../../../common/units/index.ts';
import { featureTable, type MarketSlice, type PoolPrices } from '../../features/index.ts';
import { ProbabilityScores, RISK_EDGES } from '../../probability-scores.ts';
import { valuesAt } from '../price-points.ts';
import { baseRatesAt } from './base-rates.ts';
import type { Origins, PoolAvailability, PoolOutcomes } from './pool-availability.ts';
import type { RiskForecaster } from './risk-forecaster.ts';

/** What is to be tested on which recordings. */
export interface RiskBacktestOrder {
  readonly forecaster: RiskForecaster;
  readonly availability: readonly PoolAvailability[];
  /** Prices of these pools where known; facts of all. */
  readonly market: MarketSlice;
  /** Made-at times, ascending and evenly spaced; the base rate is learned from earlier ones of the same step. */
  readonly timesMs: Float64Array;
  readonly stepMs: number;
  readonly origins: Origins;
}

/** Model and baselines on the same points. */
export interface RiskScores {
  readonly model: ProbabilityScores;
  readonly baseRate: ProbabilityScores;
  readonly persistence: ProbabilityScores;
}

/** Sums of a backtest of probabilities. */
export interface RiskTally {
  readonly totals: RiskScores;
  /** Pools with points. */
  readonly pools: readonly {
    readonly pool: PoolKey;
    readonly scores: RiskScores;
    readonly interruptions: number;
  }[];
  /** By made-at time: points, and sums of squared errors. */
  readonly pointsAt: Float64Array;
  readonly modelErrorAt: Float64Array;
  readonly baseRateErrorAt: Float64Array;
  readonly persistenceErrorAt: Float64Array;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
}

type LeftOut = 'unknownState' | 'away' | 'unknownOutcome' | 'unknownBaseRate' | 'noForecast';

/**
 * A rolling-origin backtest of probabilities on recorded availability: at each made-at time, every pool is predicted from what was
 * known then, and held against whether it could be had throughout the horizon. A point counts where the state then, the whole
 * horizon and a base rate are known, so that model and baselines are compared on the very same points.
 * @param tell hears after each pool how many are done
 * @throws what the forecaster throws, and what `signal` was aborted with
 */
export async function runRiskBacktest(
  { forecaster, availability, market, timesMs, stepMs, origins }: RiskBacktestOrder,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<RiskTally> {
  const { horizonMs } = forecaster;
  const baseRates = baseRatesAt(timesMs, { availability, horizonMs, stepMs, origins });
  const totals = newScores();
  const sums = {
    pointsAt: new Float64Array(timesMs.length),
    modelErrorAt: new Float64Array(timesMs.length),
    baseRateErrorAt: new Float64Array(timesMs.length),
    persistenceErrorAt: new Float64Array(timesMs.length),
    leftOut: { unknownState: 0, away: 0, unknownOutcome: 0, unknownBaseRate: 0, noForecast: 0 },
  };
  const pools: { pool: PoolKey; scores: RiskScores; interruptions: number }[] = [];
  const slice = { ...market, pools: withPrices(availability, market.pools) };
  const tables = featureTable(forecaster.features, slice, timesMs, { reuse: true });
  for (const [index, each] of availability.entries()) {
    signal.throwIfAborted();
    const { value } = tables.next();
    const outcomes = each.outcomes(timesMs, horizonMs);
    const places = countedPlaces(outcomes, baseRates, origins, sums.leftOut);
    const baseRate = valuesAt(baseRates, places);
    const persistence = Float64Array.from(places, place => outcomes.isAway[place] ?? 0);
    const said =
      places.length === 0 || !value
        ? new Float64Array()
        : await forecaster.probabilities({ places, values: value.values, baseRate, persistence });
    const scores = newScores();
    const counted: number[] = [];
    for (const [point, place] of places.entries()) {
      const probability = said[point] ?? Number.NaN;
      if (Number.isNaN(probability)) {
        sums.leftOut.noForecast++;
        continue;
      }
      const happened = outcomes.happened[place] === 1;
      const add = (column: Float64Array, who: keyof RiskScores, foretold: number) => {
        scores[who].add(foretold, happened);
        totals[who].add(foretold, happened);
        column[place] = (column[place] ?? 0) + (foretold - (happened ? 1 : 0)) ** 2;
      };
      add(sums.modelErrorAt, 'model', probability);
      add(sums.baseRateErrorAt, 'baseRate', baseRate[point] ?? Number.NaN);
      add(sums.persistenceErrorAt, 'persistence', persistence[point] ?? Number.NaN);
      sums.pointsAt[place] = (sums.pointsAt[place] ?? 0) + 1;
      counted.push(timesMs[place] ?? 0);
    }
    if (counted.length > 0) {
      const interruptions = each.interruptionsWithin(Float64Array.from(counted), horizonMs);
      pools.push({ pool: poolKey(each.pool), scores, interruptions });
    }
    tell(index + 1, totals.model.points);
    await turn();
  }
  return { totals, pools, ...sums };
}

function newScores(): RiskScores {
  const scores = () => new ProbabilityScores(RISK_EDGES);
  return { model: scores(), baseRate: scores(), persistence: scores() };
}

/** Each pool with its prices, or with none: a model may ask for the hour and the type alone. */
function withPrices(availability: readonly PoolAvailability[], known: readonly PoolPrices[]): PoolPrices[] {
  const byPool = new Map(known.map(prices => [poolKey(prices.pool), prices]));
  const none = new Float64Array();
  return availability.map(
    ({ pool }) => byPool.get(poolKey(pool)) ?? { pool, atMs: none, priceMicroUsdPerHour: none },
  );
}

/** Places of the points; why the others are none is counted. */
function countedPlaces(
  { isAway, happened }: PoolOutcomes,
  baseRates: Float64Array,
  origins: Origins,
  leftOut: Record<LeftOut, number>,
): Uint32Array {
  const places: number[] = [];
  for (let place = 0; place < isAway.length; place++) {
    if (isAway[place] === -1) leftOut.unknownState++;
    else if (origins === 'available' && isAway[place] === 1) leftOut.away++;
    else if (happened[place] === -1) leftOut.unknownOutcome++;
    else if (Number.isNaN(baseRates[place] ?? Number.NaN)) leftOut.unknownBaseRate++;
    else places.push(place);
  }
  return Uint32Array.from(places);
}
