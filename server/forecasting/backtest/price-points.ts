import { featureTable, type PoolFacts, type PoolPrices } from '../features/index.ts';

/** A price asks nothing of the catalog. */
export const noFacts: PoolFacts = {
  vcpu: undefined,
  memoryMib: undefined,
  gpuCount: undefined,
  arch: undefined,
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};

/** Prices in force in micro-USD per hour at ascending times; NaN where none is known. */
export function pricesInForce(pool: PoolPrices, timesMs: Float64Array): Float64Array {
  const slice = { pools: [pool], neighbours: [], factsOf: () => noFacts };
  for (const { priceMicroUsdPerHour } of featureTable([], slice, timesMs)) return priceMicroUsdPerHour;
  return new Float64Array();
}

const shiftedTimes = new WeakMap<Float64Array, Map<number, Float64Array>>();

/** The times, each earlier by `byMs`. The same list is shifted for every pool, so that it is kept while the list is. */
export function earlierTimes(timesMs: Float64Array, byMs: number): Float64Array {
  const known = shiftedTimes.get(timesMs) ?? new Map<number, Float64Array>();
  shiftedTimes.set(timesMs, known);
  const shifted = known.get(byMs) ?? timesMs.map(at => at - byMs);
  known.set(byMs, shifted);
  return shifted;
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
