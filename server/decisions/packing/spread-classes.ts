import type { NodeGroups } from './node-groups.ts';

/** Groups that are looked at for one class; more would cost more time than they save money. */
const MOST_GROUPS = 1_024;
const FEW_GROUPS = 256;
const GROUPS_PER_POD = 24;
const FEW_PODS = 4;
/** Scores are told apart by this many steps between the least and the best. */
const STEPS = 1_024;

/** Written and read within one class. */
interface Scratch {
  readonly found: Int32Array;
  readonly scores: Float64Array;
  readonly steps: Int32Array;
  readonly nodesAt: Float64Array;
  /** By resource: what a pod needs, and weights of free room for dot product and length. */
  readonly one: Float64Array;
  readonly pull: Float64Array;
  readonly weight: Float64Array;
}

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
  const { resources } = groups.table;
  const scratch: Scratch = {
    found: new Int32Array(MOST_GROUPS),
    scores: new Float64Array(MOST_GROUPS),
    steps: new Int32Array(MOST_GROUPS),
    nodesAt: new Float64Array(STEPS),
    one: new Float64Array(resources),
    pull: new Float64Array(resources),
    weight: new Float64Array(resources),
  };
  for (const c of order) {
    let left = pods[c] as number;
    if (left === 0) continue;
    if (left >= all) left -= placeEverywhere(groups, c, Math.floor(left / all), from);
    while (left > 0) {
      const placed = placeOnBest(groups, c, left, from, scratch);
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

/**
 * One pod on each of the best nodes: of those looked at, the ones whose alignment is above a threshold that so many nodes pass. Which of the nodes
 * within the last step of the threshold are taken makes no difference that could be measured.
 */
function placeOnBest(groups: NodeGroups, c: number, left: number, from: number, scratch: Scratch): number {
  const { found, scores, steps } = scratch;
  const all = groups.size - from;
  // Few pods need no long search: among a hundred nodes there is a good one.
  const window = Math.min(all, MOST_GROUPS, Math.max(FEW_GROUPS, GROUPS_PER_POD * left));
  const start = all > window ? (c * 7_919) % all : 0;
  const count = rate(groups, c, from, all, window, start, scratch);
  let placed = 0;
  if (left <= FEW_PODS) {
    for (let rest = count; placed < left && rest > 0; rest--) {
      let best = 0;
      for (let i = 1; i < rest; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
      placed += placeOne(groups, c, found[best] as number, left - placed);
      scores[best] = scores[rest - 1] as number;
      found[best] = found[rest - 1] as number;
    }
    return placed;
  }
  const threshold = thresholdFor(groups, count, left, scratch);
  for (let i = 0; i < count && placed < left; i++) {
    if ((steps[i] as number) > threshold) placed += placeOne(groups, c, found[i] as number, left - placed);
  }
  for (let i = 0; i < count && placed < left; i++) {
    if (steps[i] === threshold) placed += placeOne(groups, c, found[i] as number, left - placed);
  }
  return placed;
}

function placeOne(groups: NodeGroups, c: number, g: number, most: number): number {
  const nodes = Math.min(groups.nodes[g] as number, most);
  groups.place(g, c, 1, nodes);
  return nodes;
}

/**
 * Writes down the groups of the window that have room for one more, with the square of the cosine between request and free room, in parts of a node;
 * the request is the same for all, so its length does not matter.
 * @returns how many there are
 */
function rate(
  groups: NodeGroups,
  c: number,
  from: number,
  all: number,
  window: number,
  start: number,
  { found, scores, one, pull, weight }: Scratch,
): number {
  const { free, table, bin } = groups;
  const { resources, size, capacity, perNode } = table;
  const t = bin[from] as number;
  const isCapped = (perNode[c] as number) < 2 ** 31 - 1;
  for (let r = 0; r < resources; r++) {
    const whole = capacity[t * resources + r] as number;
    one[r] = size[c * resources + r] as number;
    pull[r] = whole > 0 ? (one[r] as number) / (whole * whole) : 0;
    weight[r] = whole > 0 ? 1 / (whole * whole) : 0;
  }
  let count = 0;
  for (let i = 0, g = from + start; i < window; i++, g++) {
    if (g === from + all) g = from;
    const at = g * resources;
    let dot = 0;
    let length = 0;
    let fits = true;
    for (let r = 0; r < resources; r++) {
      const open = free[at + r] as number;
      if (open < (one[r] as number)) {
        fits = false;
        break;
      }
      dot += (pull[r] as number) * open;
      length += (weight[r] as number) * open * open;
    }
    if (!fits || (isCapped && groups.room(g, c) < 1)) continue;
    found[count] = g;
    scores[count++] = length > 0 ? (dot * dot) / length : 0;
  }
  return count;
}

/** Sorts scores into steps. @returns the step in which the number of nodes, best first, reaches `wanted`; -1 when all are wanted */
function thresholdFor(
  { nodes }: NodeGroups,
  count: number,
  wanted: number,
  { found, scores, steps, nodesAt }: Scratch,
): number {
  let low = Infinity;
  let high = 0;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, scores[i] as number);
    high = Math.max(high, scores[i] as number);
  }
  const scale = high > low ? (STEPS - 1) / (high - low) : 0;
  nodesAt.fill(0);
  for (let i = 0; i < count; i++) {
    const step = Math.floor(((scores[i] as number) - low) * scale);
    steps[i] = step;
    nodesAt[step] = (nodesAt[step] as number) + (nodes[found[i] as number] as number);
  }
  let sum = 0;
  for (let step = STEPS - 1; step >= 0; step--) {
    sum += nodesAt[step] as number;
    if (sum >= wanted) return step;
  }
  return -1;
}
