import type { Pool } from '../../../common/units/index.ts';
import { featureRows, type PoolFacts, type PriceRecords } from '../features/index.ts';

/** A pool with its records and what the catalog knows of it. */
export interface BacktestPool extends PriceRecords {
  readonly pool: Pool;
  readonly facts: PoolFacts;
}

/** Prices in force in micro-USD per hour at ascending times; NaN where none is known. */
export function pricesInForce(pool: BacktestPool, timesMs: Float64Array): Float64Array {
  return featureRows([], pool, pool.facts, timesMs).priceMicroUsdPerHour;
}

/** Feature values of a pool at ascending times, row after row; unknown ones are NaN. */
export function featureTableOf(
  names: readonly string[],
  pool: BacktestPool,
  timesMs: Float64Array,
): Float64Array {
  return featureRows(names, pool, pool.facts, timesMs).values;
}
