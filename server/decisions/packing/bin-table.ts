/**
 * A packing problem as numbers: what the hot loops read. Resource 0 is CPU in milli-cores, 1 memory in bytes, 2 pods
 * (every pod takes one), from 3 on extended resources.
 */
export interface BinTable {
  readonly resources: number;
  readonly classes: number;
  /** `size[c * resources + r]`: request of one pod of class c. */
  readonly size: Float64Array;
  /** Pods of each class. */
  readonly demand: Int32Array;
  /** Classes of one group may use the same bins. */
  readonly groupOfClass: Int32Array;
  /** Most pods of the class on one node. */
  readonly perNode: Int32Array;
  readonly bins: number;
  /** `capacity[t * resources + r]`: what is free on one node of bin t. */
  readonly capacity: Float64Array;
  /** Micro-USD an hour of one node; 0 for a node that is kept anyway. */
  readonly price: Float64Array;
  /** How many nodes of the bin there can be; `Infinity` for what can be bought. */
  readonly limit: Float64Array;
  /** `allowed[g * bins + t]` is 1 when labels, taints and architecture let group g onto bin t. */
  readonly allowed: Uint8Array;
}

/** Whether one pod of a class can stand alone on an empty node of a bin. */
export function fitsEmpty(table: BinTable, c: number, t: number): boolean {
  const { resources, size, capacity, allowed, groupOfClass, bins } = table;
  if (allowed[(groupOfClass[c] as number) * bins + t] === 0) return false;
  for (let r = 0; r < resources; r++) {
    if ((size[c * resources + r] as number) > (capacity[t * resources + r] as number)) return false;
  }
  return true;
}

/**
 * Bins that can be part of a cheapest answer. Bin t is left out when a bin that may be bought without limit costs no more,
 * holds no less of anything, and lets in every group that t lets in.
 */
export function usefulBins(table: BinTable): Int32Array {
  const { bins, price, limit } = table;
  const byPrice = Array.from({ length: bins }, (_, t) => t).sort(
    (a, b) => (price[a] as number) - (price[b] as number) || a - b,
  );
  const kept: number[] = [];
  for (const t of byPrice) {
    if (limit[t] === 0) continue;
    const beaten = kept.some(
      better => isDearer(t, better) && limit[better] === Infinity && dominates(table, better, t),
    );
    if (!beaten) kept.push(t);
  }
  /** A bin of limited number is a node that runs: at the same price it is worth more than a new one. */
  function isDearer(t: number, other: number): boolean {
    return limit[t] === Infinity || (price[other] as number) < (price[t] as number);
  }
  return Int32Array.from(kept.sort((a, b) => a - b).filter(t => !isBeatenAtSamePrice(table, t, kept)));
}

/** Equal prices come in any order above; a smaller bin may have been met before the larger one. */
function isBeatenAtSamePrice(table: BinTable, t: number, kept: readonly number[]): boolean {
  return kept.some(
    other =>
      other !== t &&
      table.limit[t] === Infinity &&
      table.limit[other] === Infinity &&
      (table.price[other] as number) === (table.price[t] as number) &&
      dominates(table, other, t) &&
      !(dominates(table, t, other) && t < other),
  );
}

function dominates({ resources, bins, capacity, allowed }: BinTable, a: number, b: number): boolean {
  for (let r = 0; r < resources; r++) {
    if ((capacity[a * resources + r] as number) < (capacity[b * resources + r] as number)) return false;
  }
  for (let at = 0; at < allowed.length; at += bins) {
    if ((allowed[at + a] as number) < (allowed[at + b] as number)) return false;
  }
  return true;
}
