import { MS_PER_HOUR, type Pool } from '../../../common/units/index.ts';

/**
 * EC2 publishes an unchanged price again after about 24 h (99.9 % of gaps are ≤ 24.02 h), so a record that is older
 * than this is no longer a price: the pool is silent, or what is on disk ends there.
 */
export const PRICE_STAYS_KNOWN_MS = 24.5 * MS_PER_HOUR;

/** Change records of a pool, oldest first; `atMs` strictly grows. The first one may lie long before the times asked for. */
export interface PriceRecords {
  readonly atMs: Float64Array;
  readonly priceMicroUsdPerHour: Float64Array;
}

/** Prices of a pool with what is needed before them, for any of the times asked for. */
export interface PoolPrices extends PriceRecords {
  readonly pool: Pool;
}

/** What is known of a pool besides its Spot price; `undefined` is unknown. */
export interface PoolFacts {
  readonly vcpu: number | undefined;
  readonly memoryMib: number | undefined;
  readonly gpuCount: number | undefined;
  readonly arch: 'amd64' | 'arm64' | undefined;
  readonly onDemandMicroUsdPerHour: number | undefined;
  /** Upper end of the advisor's band, and since when that has been known. */
  readonly interruption: { readonly maxPercent: number; readonly knownSinceMs: number } | undefined;
}

/** The part of the market that features are made from. */
export interface MarketSlice {
  /** Pools whose features are asked for. */
  readonly pools: readonly PoolPrices[];
  /** All other pools that `isNeighbour` names, when a feature looks at neighbours; else none. More do no harm. */
  readonly neighbours: readonly PoolPrices[];
  readonly factsOf: (pool: Pool) => PoolFacts;
}

/** The price in force at one time in micro-USD per hour; NaN where no record of the 24.5 h before says it. */
export function priceAt(records: PriceRecords, timeMs: number): number {
  let low = 0;
  let high = records.atMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records.atMs[middle] ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || timeMs - (records.atMs[low - 1] ?? 0) > PRICE_STAYS_KNOWN_MS) return Number.NaN;
  return records.priceMicroUsdPerHour[low - 1] ?? Number.NaN;
}
