import type { Child, Ensemble } from './ensemble.ts';
import {
  DEEPEST_LEVELS,
  HIGHEST_RANK,
  LOWEST_RANK,
  NODE_BYTES,
  RANK_COLUMN_BYTES,
  ROWS_PER_BLOCK,
  ROWS_PER_GROUP,
  VALUE_BYTES,
  WORD_BYTES,
} from './kernel-layout.ts';
import type { PlanMemory } from './plan-memory.ts';
import type { Place, RankColumn, TreeStep } from './tree-plan.ts';
import { Unread } from './unread.ts';

/** Ranks are 16 bits; the two highest stand for missing values and for tests that nothing fails. */
const MOST_THRESHOLDS = 65_534;
/** A node names the byte of its rank column in 16 bits. */
const MOST_RANK_COLUMNS = 4_095;
const MOST_DEPTH = 5_000;
const MOST_NODES = 4_000_000;

type TreesStep = Extract<TreeStep, { kind: 'trees' }>;

/**
 * Lays trees out in memory as the kernels read them, values replaced by ranks among the thresholds of their column.
 * @param features the columns that the trees look at
 * @throws Unread for trees that are none, and for more of anything than fits
 */
export function layOutTrees(ensemble: Ensemble, features: readonly Place[], memory: PlanMemory): TreesStep {
  const shape = shapeOf(ensemble);
  const ranks = new Ranks(ensemble, shape.splits, features);
  const isShallow = shape.depth <= DEEPEST_LEVELS;
  const laid = isShallow
    ? layLevels(ensemble, shape, ranks, memory)
    : layNodes(ensemble, shape, ranks, memory);
  return {
    kind: 'trees',
    ...laid,
    isSingle: ensemble.isSingle,
    trees: ensemble.roots.length,
    depth: Math.max(1, shape.depth),
    targets: ensemble.targets,
    to: memory.columns(ensemble.targets),
    targetsAt: memory.place(targetsOf(shape)),
    ranks: memory.reserve((ROWS_PER_BLOCK / ROWS_PER_GROUP) * ranks.width * RANK_COLUMN_BYTES),
    groupBytes: ranks.width * RANK_COLUMN_BYTES,
    rankColumns: ranks.columns.map(column => column.laidOut(memory)),
  };
}

/** Where in the block's sums each tree adds; trees that fill up add nothing to the first. */
function targetsOf({ targets }: Shape): Uint32Array {
  const addresses = new Uint32Array(filledUp(targets.length));
  addresses.set(targets.map(target => target * ROWS_PER_BLOCK * VALUE_BYTES));
  return addresses;
}

interface Shape {
  /** Splits that are reached. */
  readonly splits: readonly number[];
  /** Of each tree. */
  readonly targets: readonly number[];
  /** Of the deepest tree; a tree that is a leaf has none. */
  readonly depth: number;
}

/** Checks that every tree is one, and adds to one target alone. */
function shapeOf({ roots, whenTrue, whenFalse, leafTarget, targets }: Ensemble): Shape {
  const seen = new Uint8Array(whenTrue.length);
  const splits: number[] = [];
  let deepest = 0;
  const targetOf = (root: Child): number => {
    const open: Child[] = [root];
    const depths: number[] = [0];
    let target = -1;
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const depth = depths.pop() ?? 0;
      if (node < 0) {
        const own = leafTarget[~node] ?? -1;
        if (own < 0 || own >= targets) throw new Unread('a leaf has no value of a target');
        if (target !== -1 && own !== target) throw new Unread('a tree adds to several targets');
        target = own;
        deepest = Math.max(deepest, depth);
        continue;
      }
      if (seen[node] !== 0) throw new Unread(`node ${node} is reached twice`);
      seen[node] = 1;
      splits.push(node);
      if (depth > MOST_DEPTH || splits.length > MOST_NODES) throw new Unread('its trees are too large');
      open.push(whenFalse[node] ?? -1, whenTrue[node] ?? -1);
      depths.push(depth + 1, depth + 1);
    }
    return target;
  };
  if (roots.length === 0) throw new Unread('it has no trees');
  return { targets: Array.from(roots, targetOf), splits, depth: deepest };
}

/** The columns of an ensemble's input that its trees look at, and where their ranks lie in a group. */
class Ranks {
  readonly columns: readonly RankedColumn[];
  /** Of all ranks of a row. */
  readonly width: number;
  readonly #columnOf = new Map<number, RankedColumn>();
  readonly #ensemble: Ensemble;

  constructor(ensemble: Ensemble, splits: readonly number[], features: readonly Place[]) {
    this.#ensemble = ensemble;
    for (const node of splits) {
      const feature = ensemble.feature[node] ?? -1;
      let column = this.#columnOf.get(feature);
      if (column === undefined) {
        const from = features[feature];
        if (from === undefined) throw new Unread(`a tree looks at column ${feature} of ${features.length}`);
        column = new RankedColumn(from);
        this.#columnOf.set(feature, column);
      }
      column.take(ensemble.threshold[node] ?? Number.NaN, ensemble.missingIsTrue[node] === 1);
    }
    this.columns = [...this.#columnOf.values()];
    this.width = this.columns.reduce((place, column) => place + column.close(place), 0);
    if (this.width > MOST_RANK_COLUMNS) throw new Unread('its trees look at too many columns');
  }

  /** Where a node finds its column in a group, and its threshold's rank as 16 bits. */
  of(node: number): { bytes: number; rank: number } {
    const { feature, threshold, missingIsTrue } = this.#ensemble;
    const column = this.#columnOf.get(feature[node] ?? -1);
    const place = column?.placeOf(missingIsTrue[node] === 1) ?? 0;
    const rank = column?.rankOf(threshold[node] ?? Number.NaN) ?? HIGHEST_RANK;
    return { bytes: place * RANK_COLUMN_BYTES, rank: rank & 0xffff };
  }
}

/** A column's thresholds; its ranks lie twice where some tests let a missing value pass and others do not. */
class RankedColumn {
  readonly #from: Place;
  #thresholds: number[] | Float64Array = [];
  #passes = false;
  #fails = false;
  #place = 0;

  constructor(from: Place) {
    this.#from = from;
  }

  take(threshold: number, missingIsTrue: boolean): void {
    (this.#thresholds as number[]).push(threshold);
    if (missingIsTrue) this.#passes = true;
    else this.#fails = true;
  }

  /** Once all have been taken. @returns how many times its ranks lie in a group, from `place` on */
  close(place: number): number {
    this.#place = place;
    const sorted = Float64Array.from(this.#thresholds).sort();
    // -0 and 0 are one threshold: no test tells them apart.
    this.#thresholds = sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
    if (this.#thresholds.length > MOST_THRESHOLDS) {
      throw new Unread(`a column has more than ${MOST_THRESHOLDS} thresholds`);
    }
    return this.#passes && this.#fails ? 2 : 1;
  }

  placeOf(missingIsTrue: boolean): number {
    return this.#place + (this.#passes && !missingIsTrue ? 1 : 0);
  }

  rankOf(threshold: number): number {
    let [low, high] = [0, this.#thresholds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#thresholds[middle] ?? 0) < threshold) low = middle + 1;
      else high = middle;
    }
    return LOWEST_RANK + low;
  }

  laidOut(memory: PlanMemory): RankColumn {
    const count = this.#thresholds.length;
    const steps = Math.ceil(Math.log2(count + 1));
    const table = new Float64Array(2 ** steps - 1).fill(Infinity);
    table.set(this.#thresholds);
    return {
      from: this.#from,
      to: this.#place * RANK_COLUMN_BYTES,
      twin: this.#passes && this.#fails ? RANK_COLUMN_BYTES : 0,
      thresholds: memory.place(table),
      steps,
      missing: this.#passes ? 0 : HIGHEST_RANK - LOWEST_RANK,
    };
  }
}

/** One row is answered by eight trees at once: trees that add nothing fill the last eight up. */
function filledUp(trees: number): number {
  return Math.ceil(trees / ROWS_PER_GROUP) * ROWS_PER_GROUP;
}

type Laid = Pick<TreesStep, 'levels' | 'nodes' | 'leaves'>;

/** Full trees of one depth, the nodes of each level after those of the one above; what ends earlier goes on to the left. */
function layLevels(ensemble: Ensemble, { depth }: Shape, ranks: Ranks, memory: PlanMemory): Laid {
  const { roots, whenTrue, whenFalse, leafValue } = ensemble;
  const inner = 2 ** depth - 1;
  const filled = filledUp(roots.length);
  const nodes = new Uint32Array((filled * inner * NODE_BYTES) / WORD_BYTES);
  const leaves = new Float64Array(filled * (inner + 1));
  for (const [tree, root] of roots.entries()) {
    const lay = (node: Child, place: number): void => {
      if (place >= inner) {
        leaves[tree * (inner + 1) + place - inner] = leafValue[~node] ?? Number.NaN;
        return;
      }
      const { bytes, rank } = node < 0 ? { bytes: 0, rank: HIGHEST_RANK } : ranks.of(node);
      const at = (tree * inner + place) * 2;
      nodes[at] = bytes;
      nodes[at + 1] = rank | (rank << 16);
      lay(node < 0 ? node : (whenTrue[node] ?? -1), 2 * place + 1);
      lay(node < 0 ? node : (whenFalse[node] ?? -1), 2 * place + 2);
    };
    lay(root, 0);
  }
  return { levels: depth, nodes: memory.place(nodes), leaves: memory.place(leaves) };
}

/** Nodes in the order of their depth, two siblings together; beside each its value, should it be a leaf. */
function layNodes(ensemble: Ensemble, { splits }: Shape, ranks: Ranks, memory: PlanMemory): Laid {
  const { roots, whenTrue, whenFalse, leafValue } = ensemble;
  const count = roots.length + 1 + 2 * splits.length;
  const nodes = new Uint32Array((count * NODE_BYTES) / WORD_BYTES);
  const values = new Float64Array(count);
  const base = memory.place(nodes);
  const starts = new Uint32Array(filledUp(roots.length)).fill(base);
  nodes.set([HIGHEST_RANK << 16, base]);
  let next = 1;
  for (const [tree, root] of roots.entries()) {
    starts[tree] = base + next * NODE_BYTES;
    const queue: { node: Child; place: number }[] = [{ node: root, place: next++ }];
    for (const { node, place } of queue) {
      if (node < 0) {
        nodes[2 * place] = HIGHEST_RANK << 16;
        nodes[2 * place + 1] = base + place * NODE_BYTES;
        values[place] = leafValue[~node] ?? Number.NaN;
        continue;
      }
      const { bytes, rank } = ranks.of(node);
      nodes[2 * place] = bytes | (rank << 16);
      nodes[2 * place + 1] = base + next * NODE_BYTES;
      queue.push(
        { node: whenTrue[node] ?? -1, place: next++ },
        { node: whenFalse[node] ?? -1, place: next++ },
      );
    }
  }
  // From a node to its value is the same way for all of them.
  return { nodes: memory.place(starts), leaves: memory.place(values) - base };
}
