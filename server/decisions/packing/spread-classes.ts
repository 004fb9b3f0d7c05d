import type { BinTable } from './bin-table.ts';
import type { NodeGroups } from './node-groups.ts';

/** Groups that are looked at for one class; more would cost more time than they save money. */
const MOST_GROUPS = 1_024;
const FEW_GROUPS = 256;
const GROUPS_PER_POD = 24;
const FEW_PODS = 4;

/**
 * Spreads pods over nodes of one bin that are there already, largest classes first: what goes onto every node goes onto every node, and
 * each of the rest goes where request and free room point the same way (dot product, Panigrahy et al., "Heuristics for vector bin packing",
 * 2011), so that no node runs out of one resource long before the other.
 * @param pods pods of each class to place; reduced by what was placed
 * @param order classes to place, largest first
 * @param from,to groups `from … to-1`, and those split from them
 */
export function spreadClasses(
  groups: NodeGroups,
  pods: Int32Array,
  order: Iterable<number>,
  from: number,
): void {
  const all = nodesFrom(groups, from);
  for (const c of order) {
    let left = pods[c] as number;
    if (left === 0) continue;
    if (left >= all) left -= placeEverywhere(groups, c, Math.floor(left / all), from);
    while (left > 0) {
      const placed = placeOnBest(groups, c, left, from);
      if (placed === 0) break;
      left -= placed;
    }
    pods[c] = left;
  }
}

function nodesFrom(groups: NodeGroups, from: number): number {
  let nodes = 0;
  for (let g = from; g < groups.size; g++) nodes += groups.nodes[g] as number;
  return nodes;
}

function placeEverywhere(groups: NodeGroups, c: number, each: number, from: number): number {
  let placed = 0;
  for (let g = groups.size - 1; g >= from; g--) {
    const count = Math.min(each, groups.room(g, c));
    if (count <= 0) continue;
    const nodes = groups.nodes[g] as number;
    groups.place(g, c, count, nodes);
    placed += count * nodes;
  }
  return placed;
}

/** One pod on each of the best nodes. */
function placeOnBest(groups: NodeGroups, c: number, left: number, from: number): number {
  const all = groups.size - from;
  // Few pods need no long search: among a hundred nodes there is a good one.
  const window = Math.min(all, MOST_GROUPS, Math.max(FEW_GROUPS, GROUPS_PER_POD * left));
  const start = all > window ? (c * 7_919) % all : 0;
  const found: number[] = [];
  const scores: number[] = [];
  for (let i = 0; i < window; i++) {
    const g = from + ((start + i) % all);
    if (groups.room(g, c) < 1) continue;
    found.push(g);
    scores.push(alignment(groups.table, groups, c, g));
  }
  let placed = 0;
  if (left <= FEW_PODS) {
    while (placed < left && found.length > 0) {
      let best = 0;
      for (let i = 1; i < found.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
      const g = found[best] as number;
      const nodes = Math.min(groups.nodes[g] as number, left - placed);
      groups.place(g, c, 1, nodes);
      placed += nodes;
      scores[best] = scores[scores.length - 1] as number;
      found[best] = found[found.length - 1] as number;
      scores.pop();
      found.pop();
    }
    return placed;
  }
  const order = found.map((_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  for (const i of order) {
    const g = found[i] as number;
    const nodes = Math.min(groups.nodes[g] as number, left - placed);
    groups.place(g, c, 1, nodes);
    placed += nodes;
    if (placed === left) break;
  }
  return placed;
}

/** Cosine between request and free room; requests are the same for all groups compared, so their length does not matter. */
function alignment(
  { resources, size, capacity }: BinTable,
  groups: NodeGroups,
  c: number,
  g: number,
): number {
  const t = groups.bin[g] as number;
  let dot = 0;
  let length = 0;
  for (let r = 0; r < resources; r++) {
    const whole = capacity[t * resources + r] as number;
    if (whole === 0) continue;
    const open = (groups.free[g * resources + r] as number) / whole;
    dot += ((size[c * resources + r] as number) / whole) * open;
    length += open * open;
  }
  return dot / Math.sqrt(length);
}
