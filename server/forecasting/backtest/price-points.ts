import { type PoolFacts, type PoolPrices, PriceFrame } from '../features/index.ts';

/** A price asks nothing of the catalog. */
export const noFacts: PoolFacts = {
  vcpu: undefined,
  memoryMib: undefined,
  gpuCount: undefined,
  arch: undefined,
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};

/** The price of one pool alone, around many times. */
export function priceFrame(pool: PoolPrices, timesMs: Float64Array): PriceFrame {
  return new PriceFrame(pool, timesMs, noFacts);
}

/** The values at some places. */
export function valuesAt(values: Float64Array, places: Uint32Array): Float64Array {
  const some = new Float64Array(places.length);
  for (let index = 0; index < places.length; index++) some[index] = values[places[index] ?? 0] ?? Number.NaN;
  return some;
}

/** Places at which every one of the lists, all of one length, has a value. */
export function placesWithAll(lists: readonly Float64Array[]): Uint32Array {
  const length = lists[0]?.length ?? 0;
  const places = new Uint32Array(length);
  let count = 0;
  for (let place = 0; place < length; place++) {
    let next = 0;
    while (next < lists.length && !Number.isNaN(lists[next]?.[place] ?? Number.NaN)) next++;
    if (next === lists.length) places[count++] = place;
  }
  return places.subarray(0, count);
}
