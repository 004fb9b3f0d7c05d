import { type BinTable, fitsEmpty } from './bin-table.ts';
import { priceCover } from './price-cover.ts';
import type { Relaxation } from './relaxation.ts';

/** Prices that prove what packing must cost at least. */
export interface DualPrices {
  /** Micro-USD an hour that one pod of each class is charged; 0 for a class that fits nowhere. */
  readonly value: Float64Array;
  /** Σ over bins of limited number: limit × what a node of the bin would be worth above its price. */
  readonly surcharge: number;
  /** `resourcePrice[t * resources + r]`, for every bin. */
  readonly resourcePrice: Float64Array;
}

/**
 * Each operation on non-negative doubles is off by at most 2⁻⁵³ of its result. A value is a sum of a few products, the bound a sum over at
 * most millions of classes: 10⁻⁹ is far above what they can add up to.
 */
const ROUNDING = 1e-9;

/**
 * Turns the prices of the linear program into prices that are feasible for the dual of the *integer* problem, without trusting the
 * solver: for each bin t a vector λ ≥ 0 with λ·capacity ≤ price + surcharge (scaled down until it holds), and for each class
 * y = min over the bins that fit it of λ·size. Any set of pods that fits a node of t then has Σ y ≤ Σ λ·size ≤ λ·capacity ≤
 * price + surcharge, so every packing costs at least Σ y·demand − Σ surcharge·limit. This is Farley's bound (Oper. Res. 38, 1990)
 * with the pricing problem relaxed to its linear form. Constraints that are not resources, labels or taints are ignored, which can only make the bound
 * lower. Bins outside `useful` need no prices: one that costs no more and holds no less is inside.
 */
export function dualPrices(table: BinTable, useful: Int32Array, relaxation: Relaxation): DualPrices {
  const { resources, capacity, price, limit, classes, bins } = table;
  const resourcePrice = new Float64Array(bins * resources);
  const priced: number[] = [];
  let surcharge = 0;
  const isActive = new Set(relaxation.active);
  relaxation.active.forEach((t, k) => {
    for (let r = 0; r < resources; r++) {
      resourcePrice[t * resources + r] = relaxation.resourcePrice[k * resources + r] as number;
    }
    surcharge += settle(t);
    priced.push(t);
  });
  const largest = largestSizes(table);
  const active = priced.slice();
  const cover = priceCover(table, relaxation);
  for (const t of useful) {
    if (isActive.has(t)) continue;
    if (limit[t] === Infinity && active.some(k => covers(k, t) && worthAt(k, t) <= (price[t] as number)))
      continue;
    copyCheapest(t);
    surcharge += settle(t);
    priced.push(t);
  }
  const value = new Float64Array(classes);
  const { size } = table;
  for (let c = 0; c < classes; c++) {
    const at = c * resources;
    let least = Infinity;
    for (let p = 0; p < priced.length; p++) {
      const t = priced[p] as number;
      const from = t * resources;
      let sum = 0;
      for (let r = 0; r < resources; r++)
        sum += (resourcePrice[from + r] as number) * (size[at + r] as number);
      if (sum < least && fitsEmpty(table, c, t)) least = sum;
    }
    value[c] = least === Infinity ? 0 : least * (1 - ROUNDING);
  }
  return { value, surcharge: surcharge * (1 + ROUNDING), resourcePrice };

  /** Makes λ·capacity ≤ price hold for a bin without limit; answers the surcharge of a limited one, all its nodes together. */
  function settle(t: number): number {
    const worth = worthAt(t, t);
    const cost = price[t] as number;
    if (limit[t] !== Infinity) return Math.max(0, worth * (1 + ROUNDING) - cost) * (limit[t] as number);
    if (worth * (1 + ROUNDING) > cost) {
      const factor = (cost / worth) * (1 - ROUNDING);
      for (let at = t * resources; at < (t + 1) * resources; at++) {
        resourcePrice[at] = (resourcePrice[at] as number) * factor;
      }
    }
    return 0;
  }

  function worthAt(k: number, t: number): number {
    let sum = 0;
    for (let r = 0; r < resources; r++) {
      sum += (resourcePrice[k * resources + r] as number) * (capacity[t * resources + r] as number);
    }
    return sum;
  }

  /** Every class that fits t fits k too, so that k's price for it already stands. */
  function covers(k: number, t: number): boolean {
    for (let r = 0; r < resources; r++) {
      const needed = Math.min(capacity[t * resources + r] as number, largest[r] as number);
      if ((capacity[k * resources + r] as number) < needed) return false;
    }
    for (let at = 0; at < table.allowed.length; at += bins) {
      if ((table.allowed[at + t] as number) > (table.allowed[at + k] as number)) return false;
    }
    return true;
  }

  /** Any λ is valid for a bin; the best lowers no value of a class and makes the bin worth least. */
  function copyCheapest(t: number): void {
    const { k, raise } = cover(t);
    for (let r = 0; r < resources; r++) {
      resourcePrice[t * resources + r] = (relaxation.resourcePrice[k * resources + r] as number) * raise;
    }
  }
}

/** Dual prices without a linear program: every resource of a bin is worth the same part of its price. Valid, and weak. */
export function evenPrices(table: BinTable, useful: Int32Array): DualPrices {
  const { resources, capacity, price, limit, bins, classes, size } = table;
  const resourcePrice = new Float64Array(bins * resources);
  let surcharge = 0;
  const buyable = useful.filter(t => limit[t] === Infinity);
  const cheapest = new Float64Array(resources).fill(Infinity);
  for (const t of buyable) {
    const offered = Array.from({ length: resources }, (_, r) => r).filter(
      r => (capacity[t * resources + r] as number) > 0,
    );
    for (const r of offered) {
      const each = (price[t] as number) / (capacity[t * resources + r] as number) / offered.length;
      resourcePrice[t * resources + r] = each * (1 - ROUNDING);
      cheapest[r] = Math.min(cheapest[r] as number, each);
    }
  }
  for (const t of useful) {
    if (limit[t] === Infinity) continue;
    let worth = 0;
    for (let r = 0; r < resources; r++) {
      const each = cheapest[r] === Infinity ? 0 : (cheapest[r] as number);
      resourcePrice[t * resources + r] = each;
      worth += each * (capacity[t * resources + r] as number);
    }
    surcharge += Math.max(0, worth * (1 + ROUNDING) - (price[t] as number)) * (limit[t] as number);
  }
  const value = new Float64Array(classes);
  for (let c = 0; c < classes; c++) {
    let least = Infinity;
    for (const t of useful) {
      if (!fitsEmpty(table, c, t)) continue;
      let sum = 0;
      for (let r = 0; r < resources; r++) {
        sum += (resourcePrice[t * resources + r] as number) * (size[c * resources + r] as number);
      }
      least = Math.min(least, sum);
    }
    value[c] = least === Infinity ? 0 : least * (1 - ROUNDING);
  }
  return { value, surcharge: surcharge * (1 + ROUNDING), resourcePrice };
}

/**
 * What placing these pods costs at least, micro-USD an hour.
 * @param demand pods of each class that were placed
 */
export function lowerBound({ value, surcharge }: DualPrices, demand: Int32Array): number {
  let sum = 0;
  for (let c = 0; c < demand.length; c++) sum += (value[c] as number) * (demand[c] as number);
  return Math.max(0, sum * (1 - ROUNDING) - surcharge);
}

function largestSizes({ classes, resources, size }: BinTable): Float64Array {
  const largest = new Float64Array(resources);
  for (let c = 0; c < classes; c++) {
    for (let r = 0; r < resources; r++) {
      largest[r] = Math.max(largest[r] as number, size[c * resources + r] as number);
    }
  }
  return largest;
}
