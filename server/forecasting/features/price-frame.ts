import type { Pool } from '../../../common/units/index.ts';
import { lastChanges, type RecordPasts, recordPasts, recordsInForce, returnsOf } from './frame-sweeps.ts';
import type { PoolFacts, PoolPrices, PriceRecords } from './market-slice.ts';
import { type Memory, newMemory } from './scratch.ts';
import { medianAcross, type Spread, spreadOf } from './spread.ts';
import { fillWindow, type WindowPlaces } from './window-figures.ts';
import { type WindowQuantiles, windowQuantiles } from './window-quantiles.ts';

/** The same type in other AZs of the region; or other sizes of the family in the AZ. */
export type NeighbourKind = 'zones' | 'sizes';

/**
 * The records of a window `(time − length, time]` of each time. It is known when `first >= runs[last]`: the price is known
 * at its start, at its end, and there is no hole in between.
 */
export interface WindowEnds {
  readonly lengthMs: number;
  /** The record in force at the start of the window; -1 for none. */
  readonly first: Int32Array;
  /** The record in force at its end; -1 for none. */
  readonly last: Int32Array;
  /** The first record of the stretch without holes that each record is in. */
  readonly runs: Int32Array;
}

/**
 * The price of one pool seen from many times at once. Every figure of a time uses records at or before that time
 * only, and within a bounded window only, so neither later nor much earlier records can change it by a single bit.
 * A window is known when its price is known from start to end: one hole of more than 24.5 h, and it is not.
 * What is handed out is kept and handed out again: it must not be changed.
 */
export class PriceFrame {
  readonly pool: Pool;
  readonly records: PriceRecords;
  /** Ascending, whole milliseconds. */
  readonly timesMs: Float64Array;
  readonly facts: PoolFacts;
  readonly #memory: Memory;
  readonly #neighboursOf: (kind: NeighbourKind) => readonly PriceFrame[];
  readonly #kept = new Map<string, unknown>();

  constructor(
    prices: PoolPrices,
    timesMs: Float64Array,
    facts: PoolFacts,
    memory: Memory = newMemory,
    neighboursOf: (kind: NeighbourKind) => readonly PriceFrame[] = () => [],
  ) {
    this.pool = prices.pool;
    this.records = prices;
    this.timesMs = timesMs;
    this.facts = facts;
    this.#memory = memory;
    this.#neighboursOf = neighboursOf;
  }

  /**
   * Price in micro-USD per hour at each time less `agoMs`, which is below 0 for what came later; NaN where no record of the
   * 24.5 h before says it.
   */
  priceAgo(agoMs: number): Float64Array {
    return this.#remember('price', agoMs, () => {
      const { priceMicroUsdPerHour } = this.records;
      const inForce = this.#inForce(agoMs);
      const out = this.#memory.floats(inForce.length);
      for (let index = 0; index < out.length; index++) {
        const record = inForce[index] as number;
        out[index] = record < 0 ? Number.NaN : (priceMicroUsdPerHour[record] as number);
      }
      return out;
    });
  }

  /** ln(price in force / price `agoMs` before). */
  returnOver(agoMs: number): Float64Array {
    return this.#remember('return', agoMs, () =>
      returnsOf(this.priceAgo(0), this.priceAgo(agoMs), this.#memory),
    );
  }

  /** Writes figures over `(time − lengthMs, time]` to their places in a table of rows of `step` values. */
  fillWindow(lengthMs: number, places: WindowPlaces, values: Float64Array, step: number): void {
    const window = { lengthMs, last: this.#inForce(0), pasts: this.#pasts() };
    fillWindow(this.records, this.timesMs, window, { places, values, step }, this.#memory);
  }

  /** Time-weighted quantiles over `(time − lengthMs, time]`, and the share of time at the price in force. */
  quantiles(lengthMs: number): WindowQuantiles {
    return this.#remember('quantiles', lengthMs, () =>
      windowQuantiles(this.records, this.timesMs, this.#ends(lengthMs), this.#memory),
    );
  }

  /**
   * The record of the last change within `lengthMs`; `NO_CHANGE`, and `UNKNOWN_CHANGE` where the time back to it, or else
   * the whole window, is not known.
   */
  lastChange(lengthMs: number): Int32Array {
    return this.#remember('last change', lengthMs, () => {
      const window = { lengthMs, last: this.#inForce(0), pasts: this.#pasts() };
      return lastChanges(this.records.atMs, this.timesMs, window, this.#memory);
    });
  }

  /** The price in force among those of all AZs; or the price per vCPU among those of all sizes of the family. */
  beside(kind: NeighbourKind): Spread {
    return this.#remember(kind, 0, () => {
      const valuesOf = (frame: PriceFrame) => (kind === 'zones' ? frame.priceAgo(0) : frame.perVcpu());
      const own = valuesOf(this);
      return spreadOf(own, [own, ...this.#neighboursOf(kind).map(valuesOf)], this.#memory);
    });
  }

  /** The median of the neighbours' `returnOver`, without its own. */
  returnBeside(kind: NeighbourKind, agoMs: number): Float64Array {
    const columns = this.#neighboursOf(kind).map(frame => frame.returnOver(agoMs));
    return medianAcross(columns, this.timesMs.length, this.#memory);
  }

  /** Price in force in micro-USD per hour and vCPU; NaN where either is unknown. */
  perVcpu(): Float64Array {
    return this.#remember('per vCPU', 0, () => {
      const vcpu = this.facts.vcpu ?? Number.NaN;
      return this.priceAgo(0).map(price => price / vcpu);
    });
  }

  /** The record in force at each time less `agoMs`; -1 where none of the 24.5 h before says the price. */
  #inForce(agoMs: number): Int32Array {
    return this.#remember('in force', agoMs, () =>
      recordsInForce(this.records.atMs, this.timesMs, agoMs, this.#memory),
    );
  }

  #ends(lengthMs: number): WindowEnds {
    return { lengthMs, first: this.#inForce(lengthMs), last: this.#inForce(0), runs: this.#pasts().runs };
  }

  #pasts(): RecordPasts {
    return this.#remember('pasts', 0, () => recordPasts(this.records, this.#memory));
  }

  #remember<Value>(what: string, of: number, make: () => Value): Value {
    const key = of === 0 ? what : `${what} ${of}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known as Value;
    const made = make();
    this.#kept.set(key, made);
    return made;
  }
}
