import type { Pool } from '../../../common/units/index.ts';
import { type PoolFacts, type PoolPrices, PRICE_STAYS_KNOWN_MS, type PriceRecords } from './market-slice.ts';
import { type WindowFigures, windowFigures } from './window-figures.ts';
import { type WindowQuantiles, windowQuantiles } from './window-quantiles.ts';

/** The records of a window `(from, to]` of each time; both are -1 where its price is not known from start to end. */
export interface WindowEnds {
  readonly lengthMs: number;
  /** The record in force at the start of the window. */
  readonly first: Int32Array;
  /** The record in force at its end. */
  readonly last: Int32Array;
}

/** Changes of the price in a window of each time; NaN where the window is not known. */
export interface WindowCounts {
  readonly ups: Float64Array;
  readonly downs: Float64Array;
}

/** The last change of the price within a window before each time. */
export interface LastChange {
  /** Time since then; the window's length when nothing changed in it. */
  readonly agoMs: Float64Array;
  /** ln(price after / price before); 0 when nothing changed in the window. */
  readonly logReturn: Float64Array;
}

/** Pools whose prices tell something of another one's. */
export interface Neighbours {
  /** The same type in all AZs of the region: the pool itself first. */
  readonly zones: readonly PriceFrame[];
  /** All sizes of the family in the AZ: the pool itself first. */
  readonly sizes: readonly PriceFrame[];
}

/**
 * The price of one pool seen from many times at once. Every figure of a time uses records at or before that time
 * only, and within a bounded window only, so neither later nor much earlier records can change it by a single bit.
 * A window is known when its price is known from start to end: one hole of more than 24.5 h, and it is not.
 */
export class PriceFrame {
  readonly pool: Pool;
  readonly records: PriceRecords;
  /** Ascending, whole milliseconds. */
  readonly timesMs: Float64Array;
  readonly facts: PoolFacts;
  readonly #neighboursOf: (frame: PriceFrame) => Neighbours;
  readonly #kept = new Map<string, unknown>();

  constructor(
    prices: PoolPrices,
    timesMs: Float64Array,
    facts: PoolFacts,
    neighboursOf: (frame: PriceFrame) => Neighbours = frame => ({ zones: [frame], sizes: [frame] }),
  ) {
    this.pool = prices.pool;
    this.records = prices;
    this.timesMs = timesMs;
    this.facts = facts;
    this.#neighboursOf = neighboursOf;
  }

  get neighbours(): Neighbours {
    return this.#remember('neighbours', () => this.#neighboursOf(this));
  }

  /** Price in micro-USD per hour at each time less `agoMs`; NaN where no record of the 24.5 h before says it. */
  priceAgo(agoMs: number): Float64Array {
    return this.#remember(`price ${agoMs}`, () => {
      const { priceMicroUsdPerHour } = this.records;
      const inForce = this.#inForce(agoMs);
      const out = new Float64Array(inForce.length);
      for (let index = 0; index < out.length; index++) {
        const record = inForce[index] ?? -1;
        // Reading at -1 is not wrong but slow.
        out[index] = record < 0 ? Number.NaN : (priceMicroUsdPerHour[record] ?? Number.NaN);
      }
      return out;
    });
  }

  /** Time-weighted mean, standard deviation and extremes over `(time − lengthMs, time]`. */
  window(lengthMs: number): WindowFigures {
    return this.#remember(`window ${lengthMs}`, () =>
      windowFigures(this.records, this.timesMs, this.#ends(lengthMs)),
    );
  }

  /** Time-weighted quantiles over `(time − lengthMs, time]`, and the share of time at the price in force. */
  quantiles(lengthMs: number): WindowQuantiles {
    return this.#remember(`quantiles ${lengthMs}`, () =>
      windowQuantiles(this.records, this.timesMs, this.#ends(lengthMs)),
    );
  }

  /** How often the price rose and fell in `(time − lengthMs, time]`; a repetition of the same price is no change. */
  counts(lengthMs: number): WindowCounts {
    return this.#remember(`counts ${lengthMs}`, () => {
      const { first, last } = this.#ends(lengthMs);
      const seen = this.#changes;
      return { ups: countsBetween(seen.ups, first, last), downs: countsBetween(seen.downs, first, last) };
    });
  }

  /** The last change within `lengthMs`; NaN where the time back to it, or else the whole window, is not known. */
  lastChange(lengthMs: number): LastChange {
    return this.#remember(`last change ${lengthMs}`, () =>
      lastChanges(this.records, this.timesMs, lengthMs, this.#inForce(0), this.#runs, this.#changes.last),
    );
  }

  /** The record in force at each time less `agoMs`; -1 where none of the 24.5 h before says the price. */
  #inForce(agoMs: number): Int32Array {
    return this.#remember(`in force ${agoMs}`, () => recordsInForce(this.records.atMs, this.timesMs, agoMs));
  }

  #ends(lengthMs: number): WindowEnds {
    return this.#remember(`ends ${lengthMs}`, () => {
      const first = this.#inForce(lengthMs).slice();
      const last = this.#inForce(0).slice();
      const runs = this.#runs;
      for (let index = 0; index < last.length; index++) {
        const end = last[index] ?? -1;
        const start = first[index] ?? -1;
        if (end >= 0 && start >= (runs[end] ?? 0)) continue;
        first[index] = -1;
        last[index] = -1;
      }
      return { lengthMs, first, last };
    });
  }

  /** The first record of the stretch without holes that each record is in. */
  get #runs(): Int32Array {
    return this.#remember('runs', () => {
      const { atMs } = this.records;
      const runs = new Int32Array(atMs.length);
      for (let place = 1; place < atMs.length; place++) {
        const gapMs = (atMs[place] ?? 0) - (atMs[place - 1] ?? 0);
        runs[place] = gapMs > PRICE_STAYS_KNOWN_MS ? place : (runs[place - 1] ?? 0);
      }
      return runs;
    });
  }

  /** Changes up to each record since the first one: rises, falls, and the place of the last; 0 for none. */
  get #changes(): { ups: Int32Array; downs: Int32Array; last: Int32Array } {
    return this.#remember('changes', () => {
      const prices = this.records.priceMicroUsdPerHour;
      const ups = new Int32Array(prices.length);
      const downs = new Int32Array(prices.length);
      const last = new Int32Array(prices.length);
      for (let place = 1; place < prices.length; place++) {
        const [price = 0, before = 0] = [prices[place], prices[place - 1]];
        ups[place] = (ups[place - 1] ?? 0) + (price > before ? 1 : 0);
        downs[place] = (downs[place - 1] ?? 0) + (price < before ? 1 : 0);
        last[place] = price === before ? (last[place - 1] ?? 0) : place;
      }
      return { ups, downs, last };
    });
  }

  #remember<Value>(key: string, make: () => Value): Value {
    const known = this.#kept.get(key);
    if (known !== undefined) return known as Value;
    const made = make();
    this.#kept.set(key, made);
    return made;
  }
}

function recordsInForce(atMs: Float64Array, timesMs: Float64Array, agoMs: number): Int32Array {
  const out = new Int32Array(timesMs.length).fill(-1);
  let next = 0;
  for (let index = 0; index < timesMs.length; index++) {
    const seenMs = (timesMs[index] ?? 0) - agoMs;
    while (next < atMs.length && (atMs[next] ?? 0) <= seenMs) next++;
    if (next > 0 && seenMs - (atMs[next - 1] ?? 0) <= PRICE_STAYS_KNOWN_MS) out[index] = next - 1;
  }
  return out;
}

/** Counts are whole, so the difference of two is exact wherever counting began. */
function countsBetween(upTo: Int32Array, first: Int32Array, last: Int32Array): Float64Array {
  const out = new Float64Array(last.length).fill(Number.NaN);
  for (let index = 0; index < out.length; index++) {
    const end = last[index] ?? -1;
    if (end >= 0) out[index] = (upTo[end] ?? 0) - (upTo[first[index] ?? 0] ?? 0);
  }
  return out;
}

function lastChanges(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  timesMs: Float64Array,
  lengthMs: number,
  inForce: Int32Array,
  runs: Int32Array,
  lastChange: Int32Array,
): LastChange {
  const agoMs = new Float64Array(timesMs.length).fill(Number.NaN);
  const logReturn = new Float64Array(timesMs.length).fill(Number.NaN);
  let knownOf = -1;
  let known = 0;
  for (let index = 0; index < timesMs.length; index++) {
    const last = inForce[index] ?? -1;
    if (last < 0) continue;
    const timeMs = timesMs[index] ?? 0;
    const changed = lastChange[last] ?? 0;
    const run = runs[last] ?? 0;
    const sinceMs = timeMs - (atMs[changed] ?? 0);
    // The first price after a hole is no change: when it changed is not known.
    if (changed > run && sinceMs < lengthMs) {
      if (changed !== knownOf) {
        known = Math.log((prices[changed] ?? Number.NaN) / (prices[changed - 1] ?? Number.NaN));
        knownOf = changed;
      }
      agoMs[index] = sinceMs;
      logReturn[index] = known;
    } else if ((atMs[run] ?? 0) <= timeMs - lengthMs) {
      agoMs[index] = lengthMs;
      logReturn[index] = 0;
    }
  }
  return { agoMs, logReturn };
}
