import { type PoolKey, poolKey } from '../../../common/units/index.ts';
import { type AskedPool, askPools } from './ask-pools.ts';
import { type BaselineName, baselineNames } from './baselines.ts';
import { PointErrors } from './metrics/point-errors.ts';
import { QuantileScores } from './metrics/quantile-scores.ts';
import { PoolTally } from './pool-tally.ts';
import { valuesAt } from './price-points.ts';
import type { BacktestOrder } from './run-backtest.ts';

/** Sums over the points of some pools, in micro-USD per hour: arrays and numbers alone, so that a thread can send them. */
export interface FamilyTally {
  /** In the order of the market; also those without a point. */
  readonly pools: readonly PoolSums[];
  /** By made-at time: points, and sums of absolute errors. */
  readonly pointsAt: Float64Array;
  readonly modelErrorAt: Float64Array;
  readonly persistenceErrorAt: Float64Array;
  /** Of `QuantileScores`; `undefined` for a forecaster of one price. */
  readonly quantiles: Float64Array | undefined;
  readonly unknownPrice: number;
  readonly noForecast: number;
}

interface PoolSums {
  readonly pool: PoolKey;
  /** Of `PoolTally`. */
  readonly tally: Float64Array;
  /** Of `PointErrors`, on the same points. */
  readonly baselines: Readonly<Record<BaselineName, Float64Array>>;
}

/**
 * Asks about the pools of a market and adds up what comes, pool after pool.
 * @param afterPool hears how many points a pool had; what it throws ends this
 * @throws what the forecaster throws
 */
export async function tallyFamily(
  order: BacktestOrder,
  afterPool: (points: number) => Promise<void> | void,
): Promise<FamilyTally> {
  const { levels } = order.forecaster;
  const times = order.timesMs.length;
  const scores = levels.length > 0 ? new QuantileScores(levels) : undefined;
  const sums = {
    pools: [] as PoolSums[],
    pointsAt: new Float64Array(times),
    modelErrorAt: new Float64Array(times),
    persistenceErrorAt: new Float64Array(times),
    quantiles: scores?.sums,
    unknownPrice: 0,
    noForecast: 0,
  };
  for await (const asked of askPools(order)) {
    const { pool, places, now, actual, answer, baselines } = withForecast(asked);
    const tally = new PoolTally();
    tally.add(answer.price, now, actual);
    const errors = baselineNames.map(name => {
      const ofPool = new PointErrors();
      ofPool.add(baselines[name], actual);
      return [name, ofPool.sums] as const;
    });
    sums.pools.push({
      pool: poolKey(pool),
      tally: tally.sums,
      baselines: Object.fromEntries(errors) as PoolSums['baselines'],
    });
    sums.unknownPrice += times - asked.places.length;
    sums.noForecast += asked.places.length - places.length;
    addErrors(sums.modelErrorAt, places, answer.price, actual);
    addErrors(sums.persistenceErrorAt, places, now, actual);
    for (const place of places) sums.pointsAt[place] = (sums.pointsAt[place] as number) + 1;
    if (scores && answer.quantiles) addQuantiles(scores, answer.quantiles, actual);
    await afterPool(places.length);
  }
  return sums;
}

/** Those points alone at which the forecaster says something. */
function withForecast(asked: AskedPool): AskedPool {
  const { places, now, actual, answer, baselines } = asked;
  const points = new Uint32Array(places.length);
  let count = 0;
  for (let point = 0; point < places.length; point++)
    if (!Number.isNaN(answer.price[point] as number)) points[count++] = point;
  if (count === places.length) return asked;
  const known = points.subarray(0, count);
  const of = (column: Float64Array) => valuesAt(column, known);
  const { quantiles } = answer;
  return {
    pool: asked.pool,
    places: Uint32Array.from(known, point => places[point] as number),
    now: of(now),
    actual: of(actual),
    answer: { price: of(answer.price), ...(quantiles ? { quantiles: quantiles.map(of) } : {}) },
    baselines: Object.fromEntries(
      baselineNames.map(name => [name, of(baselines[name])]),
    ) as AskedPool['baselines'],
  };
}

/** Adds absolute errors to the sums of their times. */
function addErrors(
  sums: Float64Array,
  places: Uint32Array,
  forecast: Float64Array,
  actual: Float64Array,
): void {
  for (let point = 0; point < places.length; point++) {
    const place = places[point] as number;
    const error = (forecast[point] as number) - (actual[point] as number);
    sums[place] = (sums[place] as number) + Math.abs(error);
  }
}

function addQuantiles(scores: QuantileScores, columns: readonly Float64Array[], actual: Float64Array): void {
  const forecasts = new Float64Array(columns.length);
  for (let point = 0; point < actual.length; point++) {
    for (const [level, column] of columns.entries()) forecasts[level] = column[point] as number;
    scores.add(forecasts, actual[point] as number);
  }
}
