import type { PriceRecords } from './market-slice.ts';
import type { WindowEnds } from './price-frame.ts';
import type { Memory } from './scratch.ts';

/** Time-weighted quantiles of the price over a window of each time; NaN where the window is not known. */
export interface WindowQuantiles {
  /** The lowest price at or below which the price was for at least a tenth of the window; so for the others. */
  readonly p10: Float64Array;
  readonly median: Float64Array;
  readonly p90: Float64Array;
  /** Part of the window at the very price that is in force at its end: 0…1. */
  readonly shareAtPrice: Float64Array;
}

/**
 * Quantiles of a step function over `(time − length, time]`. The time at each price of the window is kept in a Fenwick tree
 * over the ranks of prices (Fenwick, Software: Practice and Experience 24, 1994): whole milliseconds, added and taken away
 * without rounding, so that a window's answer does not depend on those before it. Two pointers move over the records once.
 */
export function windowQuantiles(
  { atMs, priceMicroUsdPerHour: prices }: PriceRecords,
  timesMs: Float64Array,
  { lengthMs, first: firsts, last: lasts, runs }: WindowEnds,
  memory: Memory,
): WindowQuantiles {
  const empty = () => memory.floats(timesMs.length).fill(Number.NaN);
  const quantiles = { p10: empty(), median: empty(), p90: empty(), shareAtPrice: empty() };
  const { p10, median, p90, shareAtPrice } = quantiles;
  const distinct = Float64Array.from(new Set(prices)).sort();
  const rankOf = new Map(Array.from(distinct, (price, rank) => [price, rank]));
  const ranks = Int32Array.from(prices, price => rankOf.get(price) ?? 0);
  const times = new TimesByRank(distinct.length);
  // What is in the tree: `(startMs, endMs]`, whose ends lie in these records.
  let start = 0;
  let end = 0;
  let startMs = Number.NEGATIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < timesMs.length; index++) {
    const last = lasts[index] as number;
    const first = firsts[index] as number;
    if (last < 0 || first < (runs[last] as number)) continue;
    const toMs = timesMs[index] as number;
    const fromMs = toMs - lengthMs;
    if (fromMs >= endMs) {
      times.clear();
      start = first;
      end = first;
      startMs = fromMs;
      endMs = fromMs;
    }
    for (; end < last; end++) {
      const nextMs = atMs[end + 1] as number;
      times.add(ranks[end] as number, nextMs - endMs);
      endMs = nextMs;
    }
    times.add(ranks[last] as number, toMs - endMs);
    endMs = toMs;
    for (; start < first; start++) {
      const nextMs = atMs[start + 1] as number;
      times.add(ranks[start] as number, startMs - nextMs);
      startMs = nextMs;
    }
    times.add(ranks[first] as number, startMs - fromMs);
    startMs = fromMs;
    // Lengths are whole minutes, so these are whole too.
    p10[index] = distinct[times.rankReaching(lengthMs / 10)] as number;
    median[index] = distinct[times.rankReaching(lengthMs / 2)] as number;
    p90[index] = distinct[times.rankReaching((lengthMs / 10) * 9)] as number;
    shareAtPrice[index] = times.at(ranks[last] as number) / lengthMs;
  }
  return quantiles;
}

class TimesByRank {
  readonly #times: Float64Array;
  /** Place `i` holds the sum of as many ranks up to `i` as the lowest bit of `i` says; places begin at 1. */
  readonly #tree: Float64Array;
  readonly #highestBit: number;

  constructor(ranks: number) {
    this.#times = new Float64Array(ranks);
    this.#tree = new Float64Array(ranks + 1);
    this.#highestBit = ranks === 0 ? 0 : 1 << (31 - Math.clz32(ranks));
  }

  clear(): void {
    this.#times.fill(0);
    this.#tree.fill(0);
  }

  add(rank: number, ms: number): void {
    if (ms === 0) return;
    const tree = this.#tree;
    (this.#times[rank] as number) += ms;
    for (let place = rank + 1; place < tree.length; place += place & -place) (tree[place] as number) += ms;
  }

  at(rank: number): number {
    return this.#times[rank] as number;
  }

  /** The lowest rank with at least so much time up to it. */
  rankReaching(ms: number): number {
    const tree = this.#tree;
    let place = 0;
    let missing = ms;
    for (let bit = this.#highestBit; bit > 0; bit >>= 1) {
      const next = place + bit;
      if (next >= tree.length || (tree[next] as number) >= missing) continue;
      place = next;
      missing -= tree[next] as number;
    }
    return place;
  }
}
