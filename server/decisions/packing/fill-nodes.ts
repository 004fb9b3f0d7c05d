import { type BinTable, fitsEmpty } from './bin-table.ts';
import type { NodeGroups } from './node-groups.ts';

interface Filling {
  readonly t: number;
  /** (class, pods) pairs, flat. */
  readonly pods: readonly number[];
  /** Value of the pods per micro-USD of the node. */
  readonly yield: number;
}

/** Bins whose quick filling is redone with care. */
const CAREFUL_BINS = 4;
/** Of more classes than this, a filling chooses among evenly chosen ones. */
const MOST_CLASSES = 1_500;

/**
 * Opens nodes one after the other until nothing is left: each time for the most valuable class, on the bin whose filling brings most value
 * for its price. A filling that demand allows several times is opened so often.
 * @param pods pods of each class; reduced to what no bin could take
 * @param order classes, most valuable first
 * @param value worth of one pod of each class, micro-USD an hour
 * @param bins bins to choose from; one with a limit as long as there are nodes of it left
 */
export function fillNodes(
  groups: NodeGroups,
  pods: Int32Array,
  order: readonly number[],
  value: Float64Array,
  bins: Int32Array,
): void {
  const { table } = groups;
  const stock = groups.unused();
  let live = order.filter(c => (pods[c] as number) > 0);
  for (const seed of order) {
    while ((pods[seed] as number) > 0) {
      live = live.filter(c => (pods[c] as number) > 0);
      const best = bestFilling(
        table,
        pods,
        live,
        value,
        bins.filter(t => (stock[t] as number) > 0),
        seed,
      );
      if (!best) break;
      let times = stock[best.t] as number;
      for (let i = 0; i < best.pods.length; i += 2) {
        times = Math.min(
          times,
          Math.floor((pods[best.pods[i] as number] as number) / (best.pods[i + 1] as number)),
        );
      }
      const group = groups.open(best.t, times);
      stock[best.t] = (stock[best.t] as number) - times;
      for (let i = 0; i < best.pods.length; i += 2) {
        const c = best.pods[i] as number;
        const each = best.pods[i + 1] as number;
        groups.place(group, c, each, times);
        pods[c] = (pods[c] as number) - each * times;
      }
    }
  }
}

function bestFilling(
  table: BinTable,
  pods: Int32Array,
  all: readonly number[],
  value: Float64Array,
  bins: Int32Array,
  seed: number,
): Filling | undefined {
  const stride = Math.ceil(all.length / MOST_CLASSES);
  const live = stride > 1 ? all.filter((_, i) => i % stride === 0) : all;
  const quick: Filling[] = [];
  for (const t of bins)
    if (fitsEmpty(table, seed, t)) quick.push(fillInOrder(table, pods, live, value, seed, t));
  quick.sort((a, b) => b.yield - a.yield || a.t - b.t);
  const careful = quick.slice(0, CAREFUL_BINS).map(({ t }) => fillAligned(table, pods, live, value, seed, t));
  return [...careful, ...quick.slice(0, 1)].sort((a, b) => b.yield - a.yield || a.t - b.t)[0];
}

/** The seed, then class after class as many as fit. */
function fillInOrder(
  table: BinTable,
  pods: Int32Array,
  live: readonly number[],
  value: Float64Array,
  seed: number,
  t: number,
): Filling {
  const free = emptyNode(table, t);
  const filling: number[] = [];
  let worth = take(table, free, filling, value, seed, 1);
  for (const c of live) {
    if (!isAllowed(table, c, t)) continue;
    const have = (pods[c] as number) - (c === seed ? 1 : 0);
    const count = Math.min(have, (table.perNode[c] as number) - (c === seed ? 1 : 0), room(table, free, c));
    if (count > 0) worth += take(table, free, filling, value, c, count);
  }
  return { t, pods: merged(filling), yield: worth / Math.max(1, table.price[t] as number) };
}

/** The seed, then always the class whose request points most like the free room does, and of those the larger. */
function fillAligned(
  table: BinTable,
  pods: Int32Array,
  live: readonly number[],
  value: Float64Array,
  seed: number,
  t: number,
): Filling {
  const { resources, size, capacity } = table;
  const free = emptyNode(table, t);
  const filling: number[] = [];
  const taken = new Map<number, number>([[seed, 1]]);
  let worth = take(table, free, filling, value, seed, 1);
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
    worth += take(table, free, filling, value, best, 1);
    taken.set(best, (taken.get(best) ?? 0) + 1);
  }
  return { t, pods: merged(filling), yield: worth / Math.max(1, table.price[t] as number) };
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
  filling: number[],
  value: Float64Array,
  c: number,
  count: number,
): number {
  for (let r = 0; r < resources; r++) {
    free[r] = (free[r] as number) - (size[c * resources + r] as number) * count;
  }
  filling.push(c, count);
  return (value[c] as number) * count;
}

function merged(filling: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < filling.length; i += 2) {
    const c = filling[i] as number;
    counts.set(c, (counts.get(c) ?? 0) + (filling[i + 1] as number));
  }
  return [...counts].flat();
}
