import { type Pool, type PoolKey, poolKey } from '../../../../common/units/index.ts';
import {
  type FeatureRows,
  featureTable,
  type MarketSlice,
  type PoolPrices,
  priceAt,
} from '../../features/index.ts';
import type { CapacityTrace } from '../policy/capacity-trace.ts';
import { readTraces, type TraceOptions } from '../policy/index.ts';
import { placesWithAll } from '../price-points.ts';
import type { RecordingFile } from './read-availability.ts';
import type { RiskForecaster } from './risk-forecaster.ts';

/** What a model of interruptions is asked on which recordings. */
export interface RiskTraceOrder {
  readonly files: readonly RecordingFile[];
  /** Pools that are tested; others are no choice. */
  readonly pools: readonly Pool[];
  readonly forecaster: RiskForecaster;
  /** Prices of these pools where known, and facts of all. */
  readonly market: MarketSlice;
  readonly nodes: number;
  /** First and last time that may count; see `madeAtTimes`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Micro-USD per hour where neither the recording nor the market tells it; `undefined` is refused. */
  readonly spot: number | undefined;
  /** Micro-USD per hour; the market's facts where `undefined`. */
  readonly onDemand: number | undefined;
}

/**
 * Traces of capacity from recordings; prices that these do not tell come from the market.
 * @throws AppError as `readTraces`
 */
export function tracesOfRecordings(order: RiskTraceOrder): CapacityTrace[] {
  const { files, forecaster, market, nodes, fromMs, toMs } = order;
  const wanted = new Map(order.pools.map(pool => [nameOf(pool), pool]));
  const prices = pricesByPool(market);
  const options: TraceOptions = {
    nodes,
    spotOf: (zone, type, atMs) => {
      const pool = wanted.get(`${zone} ${type}`);
      // Nobody asks what a pool costs that is not tested.
      if (!pool) return Number.NaN;
      const known = prices.get(poolKey(pool));
      const price = known ? priceAt(known, atMs) : Number.NaN;
      return Number.isNaN(price) ? (order.spot ?? (known ? Number.NaN : undefined)) : price;
    },
    onDemandOf: () => order.onDemand,
  };
  return files
    .flatMap(({ text, name }) => readTraces(text, name, options))
    .map(trace =>
      between(
        onlyPools(trace, name => wanted.has(name)),
        fromMs,
        toMs,
      ),
    )
    .filter(({ spot }) => (spot[0]?.length ?? 0) > 0)
    .map(trace => {
      const first = wanted.get(trace.pools[0] ?? '');
      const listed = first && market.factsOf(first).onDemandMicroUsdPerHour;
      return { ...trace, onDemand: order.onDemand ?? listed ?? Number.NaN, horizonMs: forecaster.horizonMs };
    });
}

/**
 * The traces with how likely each pool is interrupted by the forecaster, asked at each tick as it is live. A baseline tells no pools
 * apart, and its traces stay as they are.
 * @throws what the forecaster throws and `signal` was aborted with
 */
export async function withRisks(
  traces: readonly CapacityTrace[],
  order: RiskTraceOrder,
  signal: AbortSignal,
): Promise<CapacityTrace[]> {
  if (order.forecaster.isBaseline) return [...traces];
  const wanted = new Map(order.pools.map(pool => [nameOf(pool), pool]));
  const prices = pricesByPool(order.market);
  const foretold: CapacityTrace[] = [];
  for (const trace of traces) {
    const pools = trace.pools.map(name => {
      const pool = wanted.get(name) as Pool;
      return prices.get(poolKey(pool)) ?? { pool, ...noPrices };
    });
    foretold.push({ ...trace, risk: await risksOf(trace, pools, order, signal) });
  }
  return foretold;
}

function pricesByPool({ pools }: MarketSlice): ReadonlyMap<PoolKey, PoolPrices> {
  return new Map(pools.map(each => [poolKey(each.pool), each]));
}

const noPrices = { atMs: new Float64Array(), priceMicroUsdPerHour: new Float64Array() };

/** As a trace calls its pools. */
function nameOf({ availabilityZone, instanceType }: Pool): string {
  return `${availabilityZone} ${instanceType}`;
}

function onlyPools(trace: CapacityTrace, isWanted: (name: string) => boolean): CapacityTrace {
  const kept = trace.pools.flatMap((name, place) => (isWanted(name) ? [place] : []));
  return {
    ...trace,
    pools: kept.map(place => trace.pools[place] ?? ''),
    spot: kept.map(place => trace.spot[place] ?? new Float64Array()),
  };
}

function between(trace: CapacityTrace, fromMs: number, toMs: number): CapacityTrace {
  const first = Math.max(0, Math.ceil((fromMs - trace.startMs) / trace.stepMs));
  const end = Math.max(first, Math.floor((toMs - trace.startMs) / trace.stepMs));
  return {
    ...trace,
    startMs: trace.startMs + first * trace.stepMs,
    spot: trace.spot.map(prices => prices.subarray(first, end)),
  };
}

async function risksOf(
  trace: CapacityTrace,
  pools: readonly PoolPrices[],
  { forecaster, market }: RiskTraceOrder,
  signal: AbortSignal,
): Promise<Float64Array[]> {
  const ticks = trace.spot[0]?.length ?? 0;
  const timesMs = Float64Array.from({ length: ticks }, (_, tick) => trace.startMs + tick * trace.stepMs);
  const own = new Set(pools.map(({ pool }) => poolKey(pool)));
  const neighbours = [...market.pools, ...market.neighbours].filter(({ pool }) => !own.has(poolKey(pool)));
  const risks: Float64Array[] = [];
  for (const rows of featureTable(forecaster.features, { ...market, pools, neighbours }, timesMs, {
    reuse: true,
  })) {
    signal.throwIfAborted();
    risks.push(await riskOf(forecaster, trace.spot[risks.length] ?? new Float64Array(), rows));
  }
  return risks;
}

async function riskOf(
  forecaster: RiskForecaster,
  spot: Float64Array,
  { values }: FeatureRows,
): Promise<Float64Array> {
  const places = placesWithAll([spot]);
  const risk = new Float64Array(spot.length).fill(Number.NaN);
  if (places.length === 0) return risk;
  const unknown = new Float64Array(places.length).fill(Number.NaN);
  const said = await forecaster.probabilities({ places, values, baseRate: unknown, persistence: unknown });
  for (let index = 0; index < places.length; index++) risk[places[index] ?? 0] = said[index] ?? Number.NaN;
  return risk;
}
