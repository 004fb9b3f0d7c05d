import type { PriceQuantile } from '../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { type PriceRecords, priceAt } from './features/index.ts';
import { GRID_STEP_MS } from './made-at-grid.ts';

/** How far back changes are taken from. */
const PAST_MS = 28 * MS_PER_DAY;
/** Fewer changes say nothing of a 10 % quantile. */
const FEWEST_CHANGES = 40;

/** How much history before a made-at time `pastChangeQuantiles` looks at. */
export function pastChangesMs(horizonMs: number): number {
  return PAST_MS + horizonMs;
}

/**
 * The band that needs no model: the price now, moved by the quantiles of how this very pool moved over a horizon in the 28 days
 * before, as ratios, every three hours. Only what was known at the made-at time counts.
 * @param records of the pool, from `pastChangesMs` before the first time on
 * @returns for a made-at time the quantiles at `levels`, or `undefined` where fewer than 40 changes are known
 */
export function pastChangeQuantiles(
  records: PriceRecords,
  levels: readonly number[],
  horizonMs: number,
): (madeAt: number) => PriceQuantile[] | undefined {
  const prices = new Map<number, number>();
  const priceOnGrid = (atMs: number): number => {
    const known = prices.get(atMs);
    if (known !== undefined) return known;
    const price = priceAt(records, atMs);
    prices.set(atMs, price);
    return price;
  };
  return madeAt => {
    const now = priceAt(records, madeAt);
    const changes: number[] = [];
    const lastMs = Math.floor(madeAt / GRID_STEP_MS) * GRID_STEP_MS;
    for (let atMs = lastMs; atMs > madeAt - PAST_MS; atMs -= GRID_STEP_MS) {
      const change = priceOnGrid(atMs) / priceOnGrid(atMs - horizonMs);
      if (!Number.isNaN(change)) changes.push(change);
    }
    if (Number.isNaN(now) || changes.length < FEWEST_CHANGES) return undefined;
    const sorted = Float64Array.from(changes).sort();
    return levels.map(q => ({ q, priceMicroUsdPerHour: Math.round(now * quantileOf(sorted, q)) }));
  };
}

/** Linear between neighbours: definition 7 of R. J. Hyndman, Y. Fan, The American Statistician 50 (1996) 361–365. */
function quantileOf(sorted: Float64Array, q: number): number {
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
