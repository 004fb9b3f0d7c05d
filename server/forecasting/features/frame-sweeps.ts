import { PRICE_STAYS_KNOWN_MS, type PriceRecords } from './market-slice.ts';
import type { Memory } from './scratch.ts';

/**
 * The first record from `next` on that is later than a time. How many are not is anybody's guess, and a wrong one costs
 * the processor more than four comparisons that need no guess.
 */
export function firstAfter(atMs: Float64Array, next: number, timeMs: number): number {
  let record = next;
  while (record + 4 <= atMs.length) {
    const passed =
      Number((atMs[record] as number) <= timeMs) +
      Number((atMs[record + 1] as number) <= timeMs) +
      Number((atMs[record + 2] as number) <= timeMs) +
      Number((atMs[record + 3] as number) <= timeMs);
    record += passed;
    if (passed < 4) return record;
  }
  while (record < atMs.length && (atMs[record] as number) <= timeMs) record++;
  return record;
}

/** The record in force at each time less `agoMs`; -1 where none of the 24.5 h before says the price. */
export function recordsInForce(
  atMs: Float64Array,
  timesMs: Float64Array,
  agoMs: number,
  memory: Memory,
): Int32Array {
  const out = memory.integers(timesMs.length);
  let index = 0;
  // Record by record, each for as long as it is in force: there are many times to a record.
  for (let record = -1; record < atMs.length && index < out.length; record++) {
    const knownToMs = record < 0 ? Number.NEGATIVE_INFINITY : (atMs[record] as number) + PRICE_STAYS_KNOWN_MS;
    const nextMs = record + 1 < atMs.length ? (atMs[record + 1] as number) : Number.POSITIVE_INFINITY;
    for (; index < out.length; index++) {
      const seenMs = (timesMs[index] as number) - agoMs;
      if (seenMs >= nextMs) break;
      out[index] = seenMs <= knownToMs ? record : -1;
    }
  }
  return out;
}

/** A window `(time − length, time]` of each time. */
export interface Window {
  readonly lengthMs: number;
  /** The record in force at its end; -1 for none. */
  readonly last: Int32Array;
  readonly pasts: RecordPasts;
}

/** What each record has behind it. */
export interface RecordPasts {
  /** The first record of the stretch without holes that it is in. */
  readonly runs: Int32Array;
  /** The last record up to it at which the price changed; 0 for none. */
  readonly changes: Int32Array;
  /** How often the price changed, and rose, from the first record on: whole, so differences are exact wherever it is. */
  readonly changesUpTo: Int32Array;
  readonly upsUpTo: Int32Array;
}

export function recordPasts(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  memory: Memory,
): RecordPasts {
  const [runs, changes] = [memory.integers(atMs.length), memory.integers(atMs.length)];
  const [changesUpTo, upsUpTo] = [memory.integers(atMs.length), memory.integers(atMs.length)];
  let run = 0;
  let changed = 0;
  let count = 0;
  let ups = 0;
  let beforeMs = atMs[0] as number;
  let before = prices[0] as number;
  for (let record = 0; record < runs.length; record++) {
    const recordMs = atMs[record] as number;
    const price = prices[record] as number;
    if (recordMs - beforeMs > PRICE_STAYS_KNOWN_MS) run = record;
    if (price !== before) {
      changed = record;
      count++;
      ups += Number(price > before);
    }
    runs[record] = run;
    changes[record] = changed;
    changesUpTo[record] = count;
    upsUpTo[record] = ups;
    beforeMs = recordMs;
    before = price;
  }
  return { runs, changes, changesUpTo, upsUpTo };
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

/** In place of a record: nothing changed in the window; or when it did is not known. */
export const NO_CHANGE = -1;
export const UNKNOWN_CHANGE = -2;

/** The record at which the price last changed within a window before each time, or one of the above. */
export function lastChanges(
  atMs: Float64Array,
  timesMs: Float64Array,
  { lengthMs, last, pasts: { runs, changes } }: Window,
  memory: Memory,
): Int32Array {
  const out = memory.integers(timesMs.length);
  let next = 0;
  for (let index = 0; index < out.length; index++) {
    const now = last[index] as number;
    if (now < 0) {
      out[index] = UNKNOWN_CHANGE;
      continue;
    }
    const changed = changes[now] as number;
    const run = runs[now] as number;
    const timeMs = timesMs[index] as number;
    // The first price after a hole is no change: when it changed is not known.
    if (changed > run && timeMs - (atMs[changed] as number) < lengthMs) {
      out[index] = changed;
      continue;
    }
    // Few times come here, so the start of the window is not looked up for all.
    const startMs = timeMs - lengthMs;
    next = firstAfter(atMs, next, startMs);
    const isKnown = next > run && startMs - (atMs[next - 1] as number) <= PRICE_STAYS_KNOWN_MS;
    out[index] = isKnown ? NO_CHANGE : UNKNOWN_CHANGE;
  }
  return out;
}
