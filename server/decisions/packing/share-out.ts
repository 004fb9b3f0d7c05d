import type { BinTable } from './bin-table.ts';
import type { Relaxation } from './relaxation.ts';
import type { Bucket } from './resource-buckets.ts';

/** Pods for one bin: `counts[i]` of class `classes[i]`; a class may come more than once. */
export interface Share {
  readonly classes: number[];
  readonly counts: number[];
}

/**
 * Turns shares of buckets into whole pods, for each active bin. What rounding leaves over in one class is made good in the next of the same
 * bucket, so that each bin gets its share of a bucket to within a few pods. Pods that the linear program left out are given to no bin.
 */
export function shareOut(demand: Int32Array, { buckets, active, share }: Relaxation): Share[] {
  const bins = active.length;
  const shares = active.map((): Share => ({ classes: [], counts: [] }));
  buckets.forEach((bucket: Bucket, b) => {
    const owed = new Float64Array(bins);
    const sharing: number[] = [];
    for (let k = 0; k < bins; k++) if ((share[b * bins + k] as number) > 0) sharing.push(k);
    for (const c of bucket.classes) {
      const all = demand[c] as number;
      let given = 0;
      for (const k of sharing) {
        owed[k] = (owed[k] as number) + (share[b * bins + k] as number) * all;
        const count = Math.min(all - given, Math.max(0, Math.round(owed[k] as number)));
        if (count === 0) continue;
        give(k, c, count);
        given += count;
      }
      while (given < all) {
        const k = largestAt(owed);
        // What the program itself left out is nobody's.
        if ((owed[k] as number) <= 1e-6) break;
        give(k, c, 1);
        given++;
      }
    }
    function give(k: number, c: number, count: number): void {
      const { classes, counts } = shares[k] as Share;
      classes.push(c);
      counts.push(count);
      owed[k] = (owed[k] as number) - count;
    }
  });
  return shares;
}

/** Nodes of bin t that these pods would fill to the brim. */
export function nodesFilledBy(table: BinTable, { classes, counts }: Share, t: number): number {
  const { resources, size, capacity } = table;
  let nodes = 0;
  for (let r = 0; r < resources; r++) {
    let sum = 0;
    classes.forEach((c, i) => {
      sum += (counts[i] as number) * (size[c * resources + r] as number);
    });
    if (sum > 0) nodes = Math.max(nodes, sum / (capacity[t * resources + r] as number));
  }
  return nodes;
}

function largestAt(values: Float64Array): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if ((values[k] as number) > (values[best] as number)) best = k;
  return best;
}
