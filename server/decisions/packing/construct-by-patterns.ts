import { type BinTable, fitsEmpty } from './bin-table.ts';
import type { Guidance } from './construct-packing.ts';
import { downsize } from './downsize.ts';
import { fillNodes } from './fill-nodes.ts';
import type { LinearModel, LinearSolver } from './linear-solver.ts';
import { NodeGroups } from './node-groups.ts';
import { mostValuablePattern, type Pattern } from './pattern-pool.ts';
import { topUp } from './top-up.ts';

/** More classes than this make the linear program slow. */
export const MOST_PATTERN_CLASSES = 64;
const MOST_ROUNDS = 25;
const PATTERNS_PER_ROUND = 24;

/**
 * Packs few classes by whole nodes: a linear program over patterns, each the contents of one node, grown by the patterns that are worth more than
 * their node costs (Gilmore and Gomory, Oper. Res. 9, 1961); as many nodes of each pattern are opened as its value rounded down, the rest is filled node
 * by node. Where few large pods make up a node, this sees the room that must stay empty, as cutting pods to pieces does not.
 * @param pods pods of each class; reduced to what found no place
 */
export function constructByPatterns(
  table: BinTable,
  pods: Int32Array,
  guidance: Guidance & { solve: LinearSolver },
): NodeGroups {
  const { useful, solve } = guidance;
  const groups = new NodeGroups(table);
  for (let t = 0; t < table.bins; t++) {
    if (table.price[t] === 0 && table.limit[t] !== Infinity) groups.open(t, table.limit[t] as number);
  }
  const byValue = (value: Float64Array) =>
    Array.from({ length: table.classes }, (_, c) => c).sort(
      (a, b) => (value[b] as number) - (value[a] as number) || a - b,
    );
  const alone = Float64Array.from({ length: table.classes }, (_, c) => costAlone(table, c, useful));
  if (groups.size > 0) topUp(groups, pods, byValue(alone));
  const stock = groups.unused();
  const bins = [...useful].filter(t => (stock[t] as number) > 0);
  const rows = byValue(alone).filter(c => (pods[c] as number) > 0 && bins.some(t => fitsEmpty(table, c, t)));
  const value = alone.slice();
  if (rows.length > 0 && rows.length <= MOST_PATTERN_CLASSES) {
    const { patterns, counts, duals } = generate(table, rows, pods, bins, stock, alone, solve);
    rows.forEach((c, row) => {
      value[c] = Math.max(duals[row] as number, 1);
    });
    patterns.forEach(({ t, pods: each }, p) => {
      open(t, each, Math.floor((counts[p] as number) + 1e-6));
    });
  }
  const order = byValue(value);
  topUp(groups, pods, order);
  fillNodes(groups, pods, { ...guidance, order, value });
  downsize(groups, useful);
  return groups;

  function open(t: number, each: Int32Array, wanted: number): void {
    let nodes = wanted;
    rows.forEach((c, row) => {
      const count = each[row] as number;
      if (count > 0) nodes = Math.min(nodes, Math.floor((pods[c] as number) / count));
    });
    if (nodes < 1) return;
    const group = groups.open(t, nodes);
    rows.forEach((c, row) => {
      const count = each[row] as number;
      if (count === 0) return;
      groups.place(group, c, count, nodes);
      pods[c] = (pods[c] as number) - count * nodes;
    });
  }
}

/** What a pod costs on nodes that hold nothing but its like. */
function costAlone(table: BinTable, c: number, useful: Int32Array): number {
  const { resources, size, capacity, price, perNode } = table;
  let least = Infinity;
  for (const t of useful) {
    if (!fitsEmpty(table, c, t)) continue;
    let count = perNode[c] as number;
    for (let r = 0; r < resources; r++) {
      const one = size[c * resources + r] as number;
      if (one > 0) count = Math.min(count, Math.floor((capacity[t * resources + r] as number) / one));
    }
    least = Math.min(least, (price[t] as number) / count);
  }
  return least === Infinity ? 0 : least;
}

function generate(
  table: BinTable,
  rows: readonly number[],
  pods: Int32Array,
  bins: readonly number[],
  stock: Float64Array,
  alone: Float64Array,
  solve: LinearSolver,
): { patterns: Pattern[]; counts: Float64Array; duals: Float64Array } {
  const most = Int32Array.from(rows, c => pods[c] as number);
  const limited = bins.filter(t => stock[t] !== Infinity);
  const patterns: Pattern[] = [];
  const known = new Set<string>();
  const add = (pattern: Pattern): boolean => {
    const key = `${pattern.t}:${pattern.pods}`;
    if (known.has(key)) return false;
    known.add(key);
    patterns.push(pattern);
    return true;
  };
  let duals = Float64Array.from(rows, c => alone[c] as number);
  let surcharge = new Float64Array(limited.length);
  let counts = new Float64Array(0);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = bins
      .flatMap(t => {
        const price = (table.price[t] as number) + (surcharge[limited.indexOf(t)] ?? 0);
        const best = mostValuablePattern(table, t, rows, duals, most);
        return best && (round === 0 || best.worth > price * (1 + 1e-6) + 1e-6)
          ? [{ ...best, gain: best.worth / Math.max(1, price) }]
          : [];
      })
      .sort((a, b) => b.gain - a.gain || a.pattern.t - b.pattern.t);
    let added = 0;
    for (const { pattern } of found) {
      if (round > 0 && added >= PATTERNS_PER_ROUND) break;
      if (add(pattern)) added++;
    }
    if (added === 0) break;
    const solution = solve(masterModel(table, rows, most, limited, stock, patterns, alone));
    if (!solution) break;
    counts = solution.primal.slice(0, patterns.length);
    duals = Float64Array.from(rows, (_, row) => Math.max(0, solution.rowDual[row] as number));
    surcharge = Float64Array.from(limited, (_, i) =>
      Math.max(0, -(solution.rowDual[rows.length + i] as number)),
    );
  }
  return { patterns: patterns.slice(0, counts.length), counts, duals };
}

/** Columns: nodes of each pattern, then for each row pods left to stand alone, at more than they would cost. */
function masterModel(
  table: BinTable,
  rows: readonly number[],
  most: Int32Array,
  limited: readonly number[],
  stock: Float64Array,
  patterns: readonly Pattern[],
  alone: Float64Array,
): LinearModel {
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const { t, pods } of patterns) {
    pods.forEach((count, row) => {
      if (count === 0) return;
      indices.push(row);
      values.push(count);
    });
    const limit = limited.indexOf(t);
    if (limit >= 0) {
      indices.push(rows.length + limit);
      values.push(1);
    }
    starts.push(indices.length);
  }
  rows.forEach((_, row) => {
    indices.push(row);
    values.push(1);
    starts.push(indices.length);
  });
  return {
    columns: patterns.length + rows.length,
    rows: rows.length + limited.length,
    cost: Float64Array.from([
      ...patterns.map(({ t }) => table.price[t] as number),
      ...rows.map(c => 2 * (alone[c] as number)),
    ]),
    upper: new Float64Array(patterns.length + rows.length).fill(Infinity),
    rowLower: Float64Array.from([...most, ...limited.map(() => -Infinity)]),
    rowUpper: Float64Array.from([...rows.map(() => Infinity), ...limited.map(t => stock[t] as number)]),
    starts: Int32Array.from(starts),
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
}
