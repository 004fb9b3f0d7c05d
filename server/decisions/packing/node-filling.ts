import type { BinTable } from './bin-table.ts';

/** What one node of a bin could hold. */
export interface Filling {
  readonly t: number;
  /** (class, pods) pairs, flat. */
  readonly pods: readonly number[];
  /** Value of the pods per micro-USD of the node. */
  readonly yield: number;
}

/** The seed, then class after class as many as fit. */
export function fillInOrder(
  table: BinTable,
  pods: Int32Array,
  live: readonly number[],
  value: Float64Array,
  seed: number,
  t: number,
): Filling {
  const free = emptyNode(table, t);
  let worth = take(table, free, value, seed, 1);
  const filling = [seed, 1];
  for (const c of live) {
    if (!isAllowed(table, c, t)) continue;
    const taken = c === seed ? 1 : 0;
    const most = Math.min(pods[c] as number, table.perNode[c] as number) - taken;
    const count = most < 1 ? 0 : Math.min(most, room(table, free, c));
    if (count < 1) continue;
    worth += take(table, free, value, c, count);
    if (c === seed) filling[1] = 1 + count;
    else filling.push(c, count);
  }
  return { t, pods: filling, yield: worth / Math.max(1, table.price[t] as number) };
}

/** The seed, then always the class whose request points most like the free room does, and of those the larger. */
export function fillAligned(
  table: BinTable,
  pods: Int32Array,
  live: readonly number[],
  value: Float64Array,
  seed: number,
  t: number,
): Filling {
  const { resources, size, capacity } = table;
  const free = emptyNode(table, t);
  const taken = new Map<number, number>([[seed, 1]]);
  let worth = take(table, free, value, seed, 1);
  let candidates = live.filter(c => isAllowed(table, c, t));
  for (;;) {
    let best = -1;
    let bestScore = -1;
    candidates = candidates.filter(c => {
      const have = Math.min(pods[c] as number, table.perNode[c] as number) - (taken.get(c) ?? 0);
      if (have < 1 || room(table, free, c) < 1) return false;
      let dot = 0;
      let mine = 0;
      let open = 0;
      for (let r = 0; r < resources; r++) {
        const whole = capacity[t * resources + r] as number;
        if (whole === 0) continue;
        const a = (size[c * resources + r] as number) / whole;
        const b = (free[r] as number) / whole;
        dot += a * b;
        mine += a * a;
        open += b * b;
      }
      const score = (dot / Math.sqrt(mine * open)) * (mine / open) ** 0.25;
      if (score > bestScore) {
        best = c;
        bestScore = score;
      }
      return true;
    });
    if (best < 0) break;
    worth += take(table, free, value, best, 1);
    taken.set(best, (taken.get(best) ?? 0) + 1);
  }
  return { t, pods: [...taken].flat(), yield: worth / Math.max(1, table.price[t] as number) };
}

function emptyNode({ resources, capacity }: BinTable, t: number): Float64Array {
  return capacity.slice(t * resources, (t + 1) * resources);
}

function isAllowed({ allowed, groupOfClass, bins }: BinTable, c: number, t: number): boolean {
  return allowed[(groupOfClass[c] as number) * bins + t] === 1;
}

function room({ resources, size }: BinTable, free: Float64Array, c: number): number {
  let most = Infinity;
  for (let r = 0; r < resources; r++) {
    const one = size[c * resources + r] as number;
    if (one > 0) most = Math.min(most, (free[r] as number) / one);
    if (most < 1) return 0;
  }
  return Math.floor(most);
}

function take(
  { resources, size }: BinTable,
  free: Float64Array,
  value: Float64Array,
  c: number,
  count: number,
): number {
  for (let r = 0; r < resources; r++) {
    free[r] = (free[r] as number) - (size[c * resources + r] as number) * count;
  }
  return (value[c] as number) * count;
}
