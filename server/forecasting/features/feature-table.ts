import type { Pool } from '../../../common/units/index.ts';
import { featureNamed } from './feature-catalog.ts';
import type { MarketSlice } from './market-slice.ts';
import { NeighbourFrames } from './neighbours.ts';
import { PriceFrame } from './price-frame.ts';

/** Feature values of one pool at many times. */
export interface FeatureRows {
  readonly pool: Pool;
  /** Ascending. */
  readonly timesMs: Float64Array;
  /** Row after row: `times × features`. A row with an unknown value holds NaN there. */
  readonly values: Float64Array;
  readonly columns: number;
  /** Price in force at each time in micro-USD per hour; NaN where unknown. */
  readonly priceMicroUsdPerHour: Float64Array;
}

/**
 * Values of the named features, pool after pool in the order of the slice, at ascending times that are whole milliseconds,
 * from records at or before each time. The only way from prices to features: training, backtest, drift and today's forecast
 * all come through here, and every value is the same to the bit whichever other pools and times are asked for beside it.
 * One pool is held at a time. A backtest over more than fits takes stretches of times: they need no overlap.
 * @throws RangeError for a name that the catalog does not have
 */
export function* featureTable(
  names: readonly string[],
  slice: MarketSlice,
  times: Float64Array | ((pool: Pool) => Float64Array),
): Generator<FeatureRows> {
  const features = names.map(featureNamed);
  const columns = features.length;
  const neighbours = new NeighbourFrames(slice);
  for (const records of slice.pools) {
    const { pool } = records;
    const timesMs = typeof times === 'function' ? times(pool) : times;
    const frame = new PriceFrame(records, timesMs, slice.factsOf(pool), own => neighbours.of(own));
    const values = new Float64Array(timesMs.length * columns);
    for (const [place, feature] of features.entries()) {
      const column = feature.column(frame);
      for (let row = 0; row < column.length; row++) values[row * columns + place] = column[row] ?? Number.NaN;
    }
    yield { pool, timesMs, values, columns, priceMicroUsdPerHour: frame.priceAgo(0) };
  }
}
