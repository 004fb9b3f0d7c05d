import { featureNamed } from './feature-catalog.ts';
import { type PoolFacts, PriceFrame, type PriceRecords } from './price-frame.ts';

/** Feature values of one pool at many times. */
export interface FeatureRows {
  /** Row after row: `times × features`. A row with an unknown value holds NaN there. */
  readonly values: Float64Array;
  readonly columns: number;
  /** Price in force at each time in micro-USD per hour; NaN where unknown. */
  readonly priceMicroUsdPerHour: Float64Array;
}

/**
 * Values of the named features at ascending times, from records at or before each time. The only way from prices to
 * features: training, backtest and today's forecast all come through here.
 * @throws RangeError for a name that the catalog does not have
 */
export function featureRows(
  names: readonly string[],
  records: PriceRecords,
  facts: PoolFacts,
  timesMs: Float64Array,
): FeatureRows {
  const frame = new PriceFrame(records, timesMs, facts);
  const columns = names.length;
  const values = new Float64Array(timesMs.length * columns);
  for (const [place, name] of names.entries()) {
    const column = featureNamed(name).column(frame);
    for (let row = 0; row < column.length; row++) values[row * columns + place] = column[row] ?? Number.NaN;
  }
  return { values, columns, priceMicroUsdPerHour: frame.priceAgo(0) };
}
