/** Seconds of a stretch: about nine hours. */
const STRETCH_BITS = 15;
const POOL_BITS = 20;
const STRETCH_SECONDS = 2 ** STRETCH_BITS;
const POOLS = 2 ** POOL_BITS;

/**
 * The key of a record as one whole number below 2⁵³: its stretch of 2¹⁵ s, its pool, its second within the stretch.
 * A page of EC2 is a short time of thousands of pools, so that it lands in a few leaves; the records of one pool and
 * stretch lie side by side, so that a pool is read by one seek for each stretch. Works for 1,048,576 pools until 2106.
 */
export function priceKey(poolId: number, atS: number): number {
  const stretch = stretchOf(atS);
  return (stretch * POOLS + poolId) * STRETCH_SECONDS + (atS - stretch * STRETCH_SECONDS);
}

/** The number of the pool that a key belongs to. */
export function poolOfKey(key: number): number {
  return Math.floor(key / STRETCH_SECONDS) % POOLS;
}

/** The second since 1970 UTC that a key belongs to. */
export function secondOfKey(key: number): number {
  return Math.floor(key / (POOLS * STRETCH_SECONDS)) * STRETCH_SECONDS + (key % STRETCH_SECONDS);
}

/** Which stretch a second lies in. */
export function stretchOf(atS: number): number {
  return Math.floor(atS / STRETCH_SECONDS);
}

/** The first second of a stretch. */
export function startOfStretch(stretch: number): number {
  return stretch * STRETCH_SECONDS;
}

/** Keys `[low, high)` of the pools `first` to `last` in a stretch; all of them unless told. */
export function keysOf(stretch: number, first = 0, last = POOLS - 1): { low: number; high: number } {
  const low = (stretch * POOLS + first) * STRETCH_SECONDS;
  return { low, high: low + (last - first + 1) * STRETCH_SECONDS };
}
