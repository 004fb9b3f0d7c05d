import { type PoolFacts, PRICE_STAYS_KNOWN_MS, type PriceRecords } from './market-slice.ts';

/** Time-weighted figures of the price over a window, one value for each time; NaN where the window is not known. */
export interface WindowFigures {
  readonly mean: Float64Array;
  readonly standardDeviation: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** How often the price moved; a repetition of the same price is no change. */
  readonly changes: Float64Array;
}

/** The last change of the price within a window before each time. */
export interface LastChange {
  /** Time since then; the window's length when nothing changed in it. */
  readonly agoMs: Float64Array;
  /** ln(price after / price before); 0 when nothing changed in the window. */
  readonly logReturn: Float64Array;
}

/**
 * The price of one pool seen from many times at once. Every figure of a time uses records at or before that time
 * only, and within a bounded window only, so neither later nor much earlier records can change it by a single bit.
 * Each sweep walks records and times once, with one pointer at either end of the window.
 */
export class PriceFrame {
  readonly records: PriceRecords;
  /** Ascending. */
  readonly timesMs: Float64Array;
  readonly facts: PoolFacts;
  readonly #pricesAgo = new Map<number, Float64Array>();
  readonly #windows = new Map<number, WindowFigures>();
  readonly #lastChanges = new Map<number, LastChange>();

  constructor(records: PriceRecords, timesMs: Float64Array, facts: PoolFacts) {
    this.records = records;
    this.timesMs = timesMs;
    this.facts = facts;
  }

  /** Price in micro-USD per hour at each time less `agoMs`; NaN where no record of the 24.5 h before says it. */
  priceAgo(agoMs: number): Float64Array {
    return remembered(this.#pricesAgo, agoMs, () => pricesAgo(this.records, this.timesMs, agoMs));
  }

  /** Figures over `(time − lengthMs, time]`; NaN where the price at the start of the window is not known. */
  window(lengthMs: number): WindowFigures {
    return remembered(this.#windows, lengthMs, () =>
      windowFigures(this.records, this.timesMs, lengthMs, this.priceAgo(0)),
    );
  }

  /** The last change within `lengthMs`; NaN where the records do not reach back that far and none is seen. */
  lastChange(lengthMs: number): LastChange {
    return remembered(this.#lastChanges, lengthMs, () =>
      lastChanges(this.records, this.timesMs, lengthMs, this.priceAgo(0)),
    );
  }
}

function remembered<Value>(kept: Map<number, Value>, key: number, make: () => Value): Value {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

function pricesAgo({ atMs, priceMicroUsdPerHour }: PriceRecords, timesMs: Float64Array, agoMs: number) {
  const out = new Float64Array(timesMs.length).fill(Number.NaN);
  let next = 0;
  for (let index = 0; index < timesMs.length; index++) {
    const seenMs = (timesMs[index] ?? Number.NaN) - agoMs;
    while (next < atMs.length && (atMs[next] ?? 0) <= seenMs) next++;
    if (next === 0 || seenMs - (atMs[next - 1] ?? 0) > PRICE_STAYS_KNOWN_MS) continue;
    out[index] = priceMicroUsdPerHour[next - 1] ?? Number.NaN;
  }
  return out;
}

function windowFigures(
  { atMs, priceMicroUsdPerHour }: PriceRecords,
  timesMs: Float64Array,
  lengthMs: number,
  priceNow: Float64Array,
): WindowFigures {
  const empty = () => new Float64Array(timesMs.length).fill(Number.NaN);
  const figures = { mean: empty(), standardDeviation: empty(), min: empty(), max: empty(), changes: empty() };
  let first = 0;
  let next = 0;
  for (let index = 0; index < timesMs.length; index++) {
    const toMs = timesMs[index] ?? Number.NaN;
    const fromMs = toMs - lengthMs;
    while (next < atMs.length && (atMs[next] ?? 0) <= toMs) next++;
    // `first` is the record in force at the start of the window.
    while (first + 1 < next && (atMs[first + 1] ?? 0) <= fromMs) first++;
    if (next === 0 || (atMs[first] ?? 0) > fromMs || Number.isNaN(priceNow[index] ?? Number.NaN)) continue;
    // Summed anew for each window: running sums would carry rounding from records outside of it.
    const reference = priceMicroUsdPerHour[next - 1] ?? 0;
    let sum = 0;
    let squares = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let changes = 0;
    for (let at = first; at < next; at++) {
      const price = priceMicroUsdPerHour[at] ?? 0;
      const startMs = Math.max(fromMs, atMs[at] ?? 0);
      const endMs = at + 1 < next ? (atMs[at + 1] ?? 0) : toMs;
      const away = price - reference;
      sum += away * (endMs - startMs);
      squares += away * away * (endMs - startMs);
      if (price < min) min = price;
      if (price > max) max = price;
      if (at > first && price !== priceMicroUsdPerHour[at - 1]) changes++;
    }
    const mean = sum / lengthMs;
    figures.mean[index] = reference + mean;
    figures.standardDeviation[index] = Math.sqrt(Math.max(0, squares / lengthMs - mean * mean));
    figures.min[index] = min;
    figures.max[index] = max;
    figures.changes[index] = changes;
  }
  return figures;
}

function lastChanges(
  { atMs, priceMicroUsdPerHour }: PriceRecords,
  timesMs: Float64Array,
  lengthMs: number,
  priceNow: Float64Array,
): LastChange {
  const agoMs = new Float64Array(timesMs.length).fill(Number.NaN);
  const logReturn = new Float64Array(timesMs.length).fill(Number.NaN);
  let next = 0;
  let changed = 0;
  for (let index = 0; index < timesMs.length; index++) {
    const toMs = timesMs[index] ?? Number.NaN;
    for (; next < atMs.length && (atMs[next] ?? 0) <= toMs; next++) {
      if (next > 0 && priceMicroUsdPerHour[next] !== priceMicroUsdPerHour[next - 1]) changed = next;
    }
    if (next === 0 || Number.isNaN(priceNow[index] ?? Number.NaN)) continue;
    const sinceMs = toMs - (atMs[changed] ?? 0);
    if (changed > 0 && sinceMs < lengthMs) {
      agoMs[index] = sinceMs;
      logReturn[index] = Math.log(
        (priceMicroUsdPerHour[changed] ?? Number.NaN) / (priceMicroUsdPerHour[changed - 1] ?? Number.NaN),
      );
    } else if ((atMs[0] ?? 0) <= toMs - lengthMs) {
      agoMs[index] = lengthMs;
      logReturn[index] = 0;
    }
  }
  return { agoMs, logReturn };
}
