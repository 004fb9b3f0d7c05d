import type { BinTable } from './bin-table.ts';

/** Classes that need much the same: one row of the linear program. */
export interface Bucket {
  readonly group: number;
  readonly classes: number[];
  /** Request of all its pods together, and the largest of one pod, by resource. */
  readonly total: Float64Array;
  readonly largest: Float64Array;
}

const RATIO_STEPS = 2;
const MOST_RATIO = 8;
/** More than there are ratios and size steps. */
const RATIOS = 64;
const STEPS = 64;
/** What is below half of the smallest node fits everywhere: its size makes no difference to what it can use. */
const SMALLEST_SIZE_STEP = -1;

/**
 * Sorts classes into buckets by group, extended resources, cpu:memory ratio (half powers of two) and size (powers of two).
 * @param demand pods of each class that still need a place; classes without any are left out
 * @param ratioSteps buckets for each doubling of the ratio
 */
export function bucketClasses(table: BinTable, demand: Int32Array, ratioSteps = RATIO_STEPS): Bucket[] {
  const { classes, resources, size, groupOfClass } = table;
  const least = smallestCapacities(table);
  const byKey = new Map<number | string, Bucket>();
  for (let c = 0; c < classes; c++) {
    const count = demand[c] as number;
    if (count === 0) continue;
    const at = c * resources;
    const cpu = (size[at] as number) / (least[0] as number);
    const memory = (size[at + 1] as number) / (least[1] as number);
    const ratio = Math.round(
      clamp(Math.log2((cpu + 1e-9) / (memory + 1e-9)), -MOST_RATIO, MOST_RATIO) * ratioSteps,
    );
    const step = clamp(Math.ceil(Math.log2(Math.max(cpu, memory, 1e-9))), SMALLEST_SIZE_STEP, STEPS - 2);
    // One number, as text takes long for a hundred thousand classes; few of them ask for extended resources.
    let key: number | string = ((groupOfClass[c] as number) * RATIOS + ratio + RATIOS / 2) * STEPS + step + 1;
    for (let r = 3; r < resources; r++) if (size[at + r] !== 0) key = `${key},${r}:${size[at + r]}`;
    let bucket = byKey.get(key);
    if (!bucket) {
      bucket = {
        group: groupOfClass[c] as number,
        classes: [],
        total: new Float64Array(resources),
        largest: new Float64Array(resources),
      };
      byKey.set(key, bucket);
    }
    bucket.classes.push(c);
    for (let r = 0; r < resources; r++) {
      const one = size[at + r] as number;
      bucket.total[r] = (bucket.total[r] as number) + one * count;
      if (one > (bucket.largest[r] as number)) bucket.largest[r] = one;
    }
  }
  return [...byKey.values()];
}

/** Whether every class of a bucket may use a bin. */
export function bucketFits(table: BinTable, { group, largest }: Bucket, t: number): boolean {
  if (table.allowed[group * table.bins + t] === 0) return false;
  for (let r = 0; r < table.resources; r++) {
    if ((largest[r] as number) > (table.capacity[t * table.resources + r] as number)) return false;
  }
  return true;
}

/** Of bins that have any of the resource. */
function smallestCapacities({ bins, resources, capacity }: BinTable): Float64Array {
  const least = new Float64Array(resources).fill(Infinity);
  for (let t = 0; t < bins; t++) {
    for (let r = 0; r < resources; r++) {
      const free = capacity[t * resources + r] as number;
      if (free > 0 && free < (least[r] as number)) least[r] = free;
    }
  }
  return least.map(value => (value === Infinity ? 1 : value));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
