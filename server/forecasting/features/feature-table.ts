import type { Pool } from '../../../common/units/index.ts';
import type { Feature, FigureOfWindow } from './feature.ts';
import { featureNamed } from './feature-catalog.ts';
import type { MarketSlice } from './market-slice.ts';
import { NeighbourFrames } from './neighbours.ts';
import { PriceFrame } from './price-frame.ts';
import { Scratch } from './scratch.ts';
import { NOT_ASKED, noPlaces, type WindowPlaces } from './window-figures.ts';

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
 * @param options.reuse writes `values` of each pool over those of the one before, for a caller that is done with them then
 * @throws RangeError for a name that the catalog does not have, and for times that do not ascend in whole milliseconds
 */
export function* featureTable(
  names: readonly string[],
  slice: MarketSlice,
  times: Float64Array | ((pool: Pool) => Float64Array),
  { reuse = false } = {},
): Generator<FeatureRows> {
  const columns = names.length;
  const { alone, windows } = sweepsOf(names.map(featureNamed));
  const neighbours = new NeighbourFrames(slice);
  const scratch = new Scratch();
  let table = new Float64Array();
  let checked: Float64Array | undefined;
  for (const prices of slice.pools) {
    const { pool } = prices;
    const timesMs = typeof times === 'function' ? times(pool) : times;
    if (timesMs !== checked) checkTimes(timesMs);
    checked = timesMs;
    scratch.reset();
    const frame = new PriceFrame(prices, timesMs, slice.factsOf(pool), scratch, kind =>
      neighbours.of(pool, kind, timesMs),
    );
    const size = timesMs.length * columns;
    if (!reuse || table.length < size) table = new Float64Array(size);
    const values = table.subarray(0, size);
    for (const { fill, start } of alone) fill(frame, { values, start, step: columns });
    for (const { lengthMs, places } of windows) frame.fillWindow(lengthMs, places, values, columns);
    yield { pool, timesMs, values, columns, priceMicroUsdPerHour: frame.priceAgo(0).slice() };
  }
}

/** Columns that are filled alone, and those of windows, which are filled together; a column asked for twice goes twice. */
function sweepsOf(features: readonly Feature[]) {
  const alone: { fill: Exclude<Feature['fill'], FigureOfWindow>; start: number }[] = [];
  const windows: { lengthMs: number; places: WindowPlaces }[] = [];
  for (const [start, { fill }] of features.entries()) {
    if (typeof fill === 'function') {
      alone.push({ fill, start });
      continue;
    }
    const { lengthMs, figure } = fill;
    const begun = windows.find(other => other.lengthMs === lengthMs && other.places[figure] === NOT_ASKED);
    const { places } = begun ?? { places: noPlaces() };
    if (!begun) windows.push({ lengthMs, places });
    places[figure] = start;
  }
  return { alone, windows };
}

/** Sums of whole milliseconds are exact, and that is what equality to the bit rests on. */
function checkTimes(timesMs: Float64Array): void {
  for (let index = 0; index < timesMs.length; index++) {
    const time = timesMs[index] as number;
    if (!Number.isSafeInteger(time) || (index > 0 && time < (timesMs[index - 1] as number))) {
      throw new RangeError(`Time ${index} is ${time}: times of features ascend in whole milliseconds.`);
    }
  }
}
