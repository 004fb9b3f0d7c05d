import { PRICE_STAYS_KNOWN_MS, type PriceRecords } from './market-slice.ts';
import type { LastChange, WindowEnds } from './price-frame.ts';
import type { Memory } from './scratch.ts';

/** The record in force at each time less `agoMs`; -1 where none of the 24.5 h before says the price. */
export function recordsInForce(
  atMs: Float64Array,
  timesMs: Float64Array,
  agoMs: number,
  memory: Memory,
): Int32Array {
  const out = memory.integers(timesMs.length);
  let next = 0;
  for (let index = 0; index < out.length; index++) {
    const seenMs = (timesMs[index] as number) - agoMs;
    while (next < atMs.length && (atMs[next] as number) <= seenMs) next++;
    const isKnown = next > 0 && seenMs - (atMs[next - 1] as number) <= PRICE_STAYS_KNOWN_MS;
    out[index] = isKnown ? next - 1 : -1;
  }
  return out;
}

/** The first record of the stretch without holes that each record is in. */
export function runsOf(atMs: Float64Array, memory: Memory): Int32Array {
  const runs = memory.integers(atMs.length);
  let run = 0;
  for (let record = 0; record < runs.length; record++) {
    if (record > 0 && (atMs[record] as number) - (atMs[record - 1] as number) > PRICE_STAYS_KNOWN_MS) {
      run = record;
    }
    runs[record] = run;
  }
  return runs;
}

/** The last record up to each one at which the price changed; 0 for none. */
export function lastChangesOf(prices: Float64Array, memory: Memory): Int32Array {
  const out = memory.integers(prices.length);
  let changed = 0;
  for (let record = 0; record < out.length; record++) {
    if (record > 0 && prices[record] !== prices[record - 1]) changed = record;
    out[record] = changed;
  }
  return out;
}

/** ln(now / before), value by value. */
export function returnsOf(now: Float64Array, before: Float64Array, memory: Memory): Float64Array {
  const out = memory.floats(now.length);
  for (let index = 0; index < out.length; index++) {
    const price = now[index] as number;
    const earlier = before[index] as number;
    // The logarithm is what costs time here, and prices mostly rest.
    out[index] = price === earlier ? 0 : Math.log(price / earlier);
  }
  return out;
}

/** The last change of the price within a window before each time. */
export function lastChanges(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  timesMs: Float64Array,
  { lengthMs, first, last, runs, changes }: WindowEnds,
  memory: Memory,
): LastChange {
  const agoMs = memory.floats(timesMs.length).fill(Number.NaN);
  const logReturn = memory.floats(timesMs.length).fill(Number.NaN);
  let knownOf = -1;
  let known = 0;
  for (let index = 0; index < timesMs.length; index++) {
    const now = last[index] as number;
    if (now < 0) continue;
    const changed = changes[now] as number;
    const run = runs[now] as number;
    const sinceMs = (timesMs[index] as number) - (atMs[changed] as number);
    // The first price after a hole is no change: when it changed is not known.
    if (changed > run && sinceMs < lengthMs) {
      if (changed !== knownOf) {
        known = Math.log((prices[changed] as number) / (prices[changed - 1] as number));
        knownOf = changed;
      }
      agoMs[index] = sinceMs;
      logReturn[index] = known;
    } else if ((first[index] as number) >= run) {
      agoMs[index] = lengthMs;
      logReturn[index] = 0;
    }
  }
  return { agoMs, logReturn };
}
