import type { ModelManifest } from '../../common/contracts/index.ts';
import { MS_PER_HOUR, type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import { joinOutputs, type ModelSession } from '../models/index.ts';
import {
  featureCatalog,
  featureTable,
  lookAtNeighbours,
  type MarketSlice,
  neighboursAmong,
  type PoolFacts,
  type PoolPrices,
} from './features/index.ts';
import type { MarketOfForecasts } from './forecast-parts.ts';
import type { PredictedBatch, RiskBatch } from './made-prediction.ts';
import { answerPlaces, priceAnswer, probabilityAnswer } from './model-answers.ts';

/** Pools that are turned into features before others get a turn on the event loop. */
const POOLS_PER_TURN = 20;

/** What calls of a model need. */
interface CallOptions {
  readonly manifest: ModelManifest;
  readonly session: ModelSession;
  readonly slice: MarketSlice;
  /** Ascending made-at times of a pool. */
  readonly timesFor: (pool: PoolKey) => Float64Array;
}

/**
 * Predicts the price at the horizon for every pool and time, one call of the model for each made-at time, so that the very
 * same call can be repeated later. A pool and time with any unknown feature, or for which the model gives no usable number,
 * is left out: an unknown is never a guess.
 */
export async function* predictPrices(options: CallOptions): AsyncGenerator<PredictedBatch> {
  const { manifest } = options;
  const places = answerPlaces(manifest);
  for await (const { rows, forMs, answerOf, ...call } of answeredCalls(options, places.width)) {
    const predictions = rows.flatMap(({ pool, priceNow }, row) => {
      const answer = priceAnswer(manifest, places, answerOf(row), priceNow);
      if (answer === undefined) return [];
      return {
        pool,
        madeAt: call.madeAt,
        forMs,
        ...answer,
        persistenceMicroUsdPerHour: priceNow,
        row,
      };
    });
    yield { ...call, predictions };
  }
}

/** The same for the probability that a Spot node of the pool is interrupted within the horizon. */
export async function* predictRisks(options: CallOptions): AsyncGenerator<RiskBatch> {
  const places = answerPlaces(options.manifest);
  for await (const { rows, forMs, answerOf, ...call } of answeredCalls(options, places.width)) {
    const predictions = rows.flatMap(({ pool }, row) => {
      const probability = probabilityAnswer(places, answerOf(row));
      return probability === undefined ? [] : { pool, madeAt: call.madeAt, forMs, probability, row };
    });
    yield { ...call, predictions };
  }
}

async function* answeredCalls(options: CallOptions, width: number) {
  const { manifest, session } = options;
  const columns = manifest.features.length;
  const byTime = await completeRows(options);
  for (const [madeAt, rows] of [...byTime].sort(([a], [b]) => a - b)) {
    const table = new Float64Array(rows.length * columns);
    for (const [row, { values }] of rows.entries()) table.set(values, row * columns);
    const output = keptOutputs(manifest, await session.run(table, columns), rows.length);
    const answerOf = (row: number) => output.subarray(row * width, (row + 1) * width);
    yield {
      madeAt,
      forMs: madeAt + manifest.horizonHours * MS_PER_HOUR,
      columns,
      table,
      output,
      rows,
      answerOf,
    };
  }
}

/** What of a model's outputs is kept: all that its manifest names, else the first. */
export function keptOutputs(
  { outputs }: Pick<ModelManifest, 'outputs'>,
  answers: readonly Float64Array[],
  rows: number,
): Float64Array {
  return outputs === undefined ? (answers[0] ?? new Float64Array(rows)) : joinOutputs(answers, rows);
}

interface CompleteRow {
  readonly pool: PoolKey;
  readonly priceNow: number;
  readonly values: Float64Array;
}

async function completeRows(options: Omit<CallOptions, 'session'>): Promise<Map<number, CompleteRow[]>> {
  const names = options.manifest.features.map(feature => feature.name);
  const byTime = new Map<number, CompleteRow[]>();
  let index = 0;
  for (const rows of featureTable(names, options.slice, pool => options.timesFor(poolKey(pool)))) {
    const pool = poolKey(rows.pool);
    for (const [row, madeAt] of rows.timesMs.entries()) {
      const values = rows.values.subarray(row * rows.columns, (row + 1) * rows.columns);
      const priceNow = rows.priceMicroUsdPerHour[row] ?? Number.NaN;
      if (Number.isNaN(priceNow) || !values.every(Number.isFinite)) continue;
      const complete = byTime.get(madeAt) ?? [];
      complete.push({ pool, priceNow, values });
      byTime.set(madeAt, complete);
    }
    if (++index % POOLS_PER_TURN === 0) await new Promise(resolve => setImmediate(resolve));
  }
  return byTime;
}

/** Reads what a model's features need of these pools at times from `fromMs` to `toMs`, both included. */
export function pricesFor(
  market: MarketOfForecasts,
  names: readonly string[],
  pools: readonly Pool[],
  fromMs: number,
  toMs: number,
): Promise<PoolPrices[]> {
  return market.prices.series(pools, fromMs - featureCatalog.lookbackMs(names), toMs + 1);
}

/**
 * What a model's features are made from for these pools at times from `fromMs` to `toMs`, both included. Neighbours are read
 * when a feature looks at them and only then, also those outside of the model's scope.
 */
export async function sliceFor(
  market: MarketOfForecasts,
  names: readonly string[],
  pools: readonly Pool[],
  fromMs: number,
  toMs: number,
): Promise<MarketSlice> {
  const prices = await pricesFor(market, names, pools, fromMs, toMs);
  const others = lookAtNeighbours(names) ? await neighboursOf(market, pools) : [];
  const neighbours = others.length > 0 ? await pricesFor(market, names, others, fromMs, toMs) : [];
  return { pools: prices, neighbours, factsOf: factsFrom(market) };
}

async function neighboursOf(market: MarketOfForecasts, pools: readonly Pool[]): Promise<Pool[]> {
  if (pools.length === 0) return [];
  const regions = [...new Set(pools.map(pool => pool.region))];
  const products = [...new Set(pools.map(pool => pool.product))];
  return neighboursAmong(pools, await market.prices.pools({ regions, instanceTypes: [], products }));
}

/** What the catalog knows of a pool. On-demand prices and advice are those of Linux. */
export function factsFrom(market: Pick<MarketOfForecasts, 'catalog'>): (pool: Pool) => PoolFacts {
  return ({ region, instanceType, product }) => {
    const type = market.catalog.typeOf(instanceType);
    const isLinux = product === 'Linux/UNIX';
    const maxPercent = isLinux ? market.catalog.interruptionMaxPercent(region, instanceType) : undefined;
    return {
      vcpu: type?.vcpu,
      memoryMib: type?.memoryMib,
      gpuCount: type?.gpuCount,
      arch: type?.arch,
      onDemandMicroUsdPerHour: isLinux
        ? market.catalog.onDemandMicroUsdPerHour(region, instanceType)
        : undefined,
      interruption:
        maxPercent === undefined
          ? undefined
          : { maxPercent, knownSinceMs: market.catalog.riskProvenance.asOf },
    };
  };
}

/** Whether a model was made for a pool. Empty lists mean "all". */
export function isInScope(scope: ModelManifest['scope'], pool: Pool): boolean {
  const holds = (list: readonly string[], value: string) => list.length === 0 || list.includes(value);
  return (
    scope.regions.includes(pool.region) &&
    holds(scope.instanceTypes, pool.instanceType) &&
    holds(scope.products, pool.product)
  );
}
