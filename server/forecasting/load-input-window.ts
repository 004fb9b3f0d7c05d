import type { Model } from '../../common/contracts/index.ts';
import { type FeatureRows, featureTable } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { GRID_STEP_MS } from './made-at-grid.ts';
import { sliceFor } from './predict.ts';
import type { TimedValues } from './step-shares.ts';

/** A model's inputs over a stretch of time. */
export interface InputWindow {
  /** The first and last time with any input; equal to what was asked for when there is none. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Times with any input. */
  readonly steps: number;
  /** Values of one feature, times ascending; NaN where it is unknown although the pool has a price. */
  column(feature: number): TimedValues;
}

/** Pools move together: more of them make a check slower and hardly more certain. */
const MOST_POOLS = 100;
/** Pools that are turned into features before others get a turn on the event loop. */
const POOLS_PER_TURN = 20;

/**
 * What a model was or would have been given at every third hour in `[fromMs, toMs)`, for pools with a price at that time;
 * of a scope with more than a hundred pools, for a hundred of them evenly picked from the list, always the same ones.
 */
export async function loadInputWindow(
  { market }: ForecastParts,
  model: Model,
  fromMs: number,
  toMs: number,
): Promise<InputWindow> {
  const names = featureNamesOf(model);
  const all = await market.prices.pools(model.manifest.scope);
  const every = Math.max(1, all.length / MOST_POOLS);
  const pools = all.filter((_, index) => Math.floor(index / every) !== Math.floor((index - 1) / every));
  const grid: number[] = [];
  for (let at = Math.ceil(fromMs / GRID_STEP_MS) * GRID_STEP_MS; at < toMs; at += GRID_STEP_MS) grid.push(at);
  const timesMs = Float64Array.from(grid);
  const slice = await sliceFor(market, names, pools, fromMs, toMs);
  const tables: FeatureRows[] = [];
  for (const table of featureTable(names, slice, timesMs)) {
    tables.push(table);
    if (tables.length % POOLS_PER_TURN === 0) await new Promise(resolve => setImmediate(resolve));
  }
  const rows: { readonly atMs: number; readonly table: FeatureRows; readonly row: number }[] = [];
  for (const [row, atMs] of timesMs.entries()) {
    for (const table of tables) {
      if (!Number.isNaN(table.priceMicroUsdPerHour[row] ?? Number.NaN)) rows.push({ atMs, table, row });
    }
  }
  const rowTimes = Float64Array.from(rows, ({ atMs }) => atMs);
  return {
    fromMs: rowTimes[0] ?? fromMs,
    toMs: rowTimes.at(-1) ?? toMs,
    steps: new Set(rowTimes).size,
    column: feature => ({
      timesMs: rowTimes,
      values: Float64Array.from(
        rows,
        ({ table, row }) => table.values[row * table.columns + feature] ?? Number.NaN,
      ),
    }),
  };
}
