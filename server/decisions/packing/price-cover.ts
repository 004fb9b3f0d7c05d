import type { BinTable } from './bin-table.ts';
import type { Relaxation } from './relaxation.ts';
import { bucketFits } from './resource-buckets.ts';

/** Resource prices of active bin `k`, times `raise`, pay for every bucket that fits a bin; all that the bin holds is then worth `worth`. */
export interface PriceCover {
  readonly k: number;
  readonly raise: number;
  readonly worth: number;
}

/**
 * For any bin t: among the resource prices of the active bins, each raised until it covers the value of every bucket that fits t, those
 * at which t's capacity is worth least, or the first at which it is worth no more than `enough`. When that is no more than the price of t, the bin
 * cannot make the relaxation cheaper.
 */
export function priceCover(
  table: BinTable,
  { buckets, active, resourcePrice }: Relaxation,
): (t: number, enough?: number) => PriceCover {
  const { resources, capacity } = table;
  const covered = active.map((_, k) =>
    Float64Array.from(buckets, ({ total }) => dot(resourcePrice, k * resources, total, 0, resources)),
  );
  const values = Float64Array.from(buckets, (bucket, b) => {
    let least = Infinity;
    active.forEach((t, k) => {
      const cost = (covered[k] as Float64Array)[b] as number;
      if (cost < least && bucketFits(table, bucket, t)) least = cost;
    });
    return least === Infinity ? 0 : least;
  });
  let first = 0;
  return (t, enough = -Infinity) => {
    const mine: number[] = [];
    buckets.forEach((bucket, b) => {
      if (bucketFits(table, bucket, t)) mine.push(b);
    });
    let best: PriceCover = { k: 0, raise: 1, worth: Infinity };
    for (let i = 0; i < active.length && best.worth > enough; i++) {
      // What was enough for the last bin is likely to be enough for this one.
      const k = i === 0 ? first : i <= first ? i - 1 : i;
      const base = dot(resourcePrice, k * resources, capacity, t * resources, resources);
      const costs = covered[k] as Float64Array;
      let raise = 1;
      for (const b of mine) {
        const needed = (values[b] as number) / (costs[b] as number);
        if (needed > raise) {
          raise = needed;
          if (base * raise >= best.worth) break;
        }
      }
      const worth = base * raise;
      if (worth < best.worth) best = { k, raise, worth };
    }
    if (best.worth <= enough) first = best.k;
    return best;
  };
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, length: number): number {
  let sum = 0;
  for (let r = 0; r < length; r++) sum += (a[aAt + r] as number) * (b[bAt + r] as number);
  return sum;
}
