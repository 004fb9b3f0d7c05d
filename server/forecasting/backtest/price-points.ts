import { type Memory, type PoolFacts, type PoolPrices, PriceFrame } from '../features/index.ts';

/** A price asks nothing of the catalog. */
export const noFacts: PoolFacts = {
  vcpu: undefined,
  memoryMib: undefined,
  gpuCount: undefined,
  arch: undefined,
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};

/** The price of one pool alone, around many times. @param memory where what it hands out lies; new arrays unless given */
export function priceFrame(pool: PoolPrices, timesMs: Float64Array, memory?: Memory): PriceFrame {
  return new PriceFrame(pool, timesMs, noFacts, memory);
}

/** The values at some places. */
export function valuesAt(values: Float64Array, places: Uint32Array): Float64Array {
  const some = new Float64Array(places.length);
  for (let index = 0; index < places.length; index++) some[index] = values[places[index] ?? 0] ?? Number.NaN;
  return some;
}

/** Places at which every one of the lists, all of one length, has a value. */
export function placesWithAll(lists: readonly Float64Array[]): Uint32Array {
  // Nothing but what is unknown is no number times 0.
  const sums = new Float64Array(lists[0]?.length ?? 0);
  for (const list of lists)
    for (let place = 0; place < sums.length; place++)
      sums[place] = (sums[place] as number) + (list[place] as number) * 0;
  const places = new Uint32Array(sums.length);
  let count = 0;
  for (let place = 0; place < sums.length; place++) if (sums[place] === 0) places[count++] = place;
  return places.subarray(0, count);
}
