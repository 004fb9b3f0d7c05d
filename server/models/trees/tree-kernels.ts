import { type Variable, WasmFunction, wasmModule } from './wasm-code.ts';
import { type WasmMemory, type WasmModule, wasm } from './web-assembly.ts';

/** Rows that one vector of 16-bit numbers holds. */
export const ROWS_PER_GROUP = 8;
/** Rows that are walked tree by tree: a tree stays in the nearest cache, and so do their ranks and sums. */
export const ROWS_PER_BLOCK = 64;
/** Trees up to this depth are answered level by level; from here on that costs more than walking from node to node. */
export const DEEPEST_LEVELS = 6;
/** Ranks begin here, so that vectors, which compare signed numbers, hold 65,536 of them. */
export const LOWEST_RANK = -32_768;
/** The rank of a missing value that fails every test; no test of a threshold has it. */
export const HIGHEST_RANK = 32_767;
/** Bytes of one rank column of a group, of a node, of a leaf's value and of a number per tree. */
export const RANK_COLUMN_BYTES = 2 * ROWS_PER_GROUP;
export const NODE_BYTES = 8;
export const VALUE_BYTES = 8;
export const WORD_BYTES = 4;

/** Which trees a kernel answers. */
export interface KernelKind {
  /** Depth of all trees, padded, answered level by level; `undefined` for trees that are walked node by node. */
  readonly levels: number | undefined;
  /** Whether each sum is rounded to 32 bits. */
  readonly isSingle: boolean;
  /** Whether there is but one row, the first of its group. */
  readonly isOneRow: boolean;
}

/** Addresses are bytes in the memory that was imported; `groups` is how many times eight rows there are. */
export interface TreeKernels {
  /**
   * Ranks of a column: how many of its thresholds are smaller than each value, from `LOWEST_RANK` on, so that `x <= t` is
   * `rank(x) <= rank(t)` exactly.
   * @param thresholds ascending; so many as `top / 4 - 1` (a power of two, less one), filled up with +Infinity
   * @param top half of that power of two times eight
   * @param twin how many bytes further the same ranks go again with the opposite of `missing`
   * @param missing the count that NaN gets: 0 or 65,535
   */
  rank(
    values: number,
    thresholds: number,
    top: number,
    ranks: number,
    twin: number,
    groups: number,
    groupBytes: number,
    missing: number,
  ): void;
  /**
   * Adds the leaves that eight rows times `groups` reach, tree after tree, to sums of 64 bits.
   * @param trees at least 1, as are `groups` and `depth`
   * @param groups not looked at where there is but one row
   */
  add(
    nodes: number,
    leaves: number,
    targets: number,
    trees: number,
    ranks: number,
    sums: number,
    groups: number,
    groupBytes: number,
    depth: number,
  ): void;
}

const modules = new Map<string, WasmModule>();

/** The kernels of a kind on a memory. @throws WebAssembly.CompileError where the machine has no vectors */
export function treeKernels(kind: KernelKind, memory: WasmMemory): TreeKernels {
  const key = JSON.stringify(kind);
  const module = modules.get(key) ?? new wasm.Module(kernelModule(kind));
  modules.set(key, module);
  return new wasm.Instance(module, { host: { memory } }).exports as unknown as TreeKernels;
}

function kernelModule({ levels, isSingle, isOneRow }: KernelKind): Uint8Array<ArrayBuffer> {
  const rows = isOneRow ? lanes.slice(0, 1) : lanes;
  const [byWalk, byLevels] = isOneRow ? [walkOneRowKernel, levelOneRowKernel] : [walkKernel, levelKernel];
  const add = levels === undefined ? byWalk(isSingle) : byLevels(levels, isSingle);
  return wasmModule({ rank: rankKernel(rows), add });
}

const lanes = Array.from({ length: ROWS_PER_GROUP }, (_, lane) => lane);

/** A binary search without branches, in eight rows side by side. */
function rankKernel(rows: readonly number[]): WasmFunction {
  const f = new WasmFunction(8);
  const [values, thresholds, top, ranks, twin, groups, groupBytes, missing] = [
    0, 1, 2, 3, 4, 5, 6, 7,
  ] as const;
  const step = f.local('i32');
  const value = rows.map(() => f.local('f64'));
  const place = rows.map(() => f.local('i32'));
  f.repeat(() => {
    for (const lane of rows) {
      f.get(values)
        .memory('f64.load', lane * VALUE_BYTES)
        .set(at(value, lane));
      f.get(thresholds).set(at(place, lane));
    }
    f.get(top).set(step);
    f.repeat(() => {
      for (const lane of rows) {
        const own = at(place, lane);
        // The last threshold of this step: when it is smaller, so are all before it.
        f.get(own).constant(0);
        f.get(own).get(step).op('i32.add').constant(VALUE_BYTES).op('i32.sub').memory('f64.load', 0);
        f.get(at(value, lane)).op('f64.lt', 'i32.sub').get(step).op('i32.and', 'i32.add').set(own);
      }
      f.get(step)
        .constant(1)
        .op('i32.shr_u')
        .tee(step)
        .constant(VALUE_BYTES - 1)
        .op('i32.gt_u');
    });
    for (const lane of rows) {
      const own = at(value, lane);
      const store = () =>
        f
          .constant(LOWEST_RANK)
          .op('i32.add')
          .memory('i32.store16', 2 * lane);
      f.get(at(place, lane)).get(thresholds).op('i32.sub').constant(3).op('i32.shr_u').set(step);
      // The twin first: where there is none, the ranks themselves come over it.
      f.get(ranks).get(twin).op('i32.add');
      f.constant(HIGHEST_RANK - LOWEST_RANK)
        .get(missing)
        .op('i32.sub');
      f.get(step).get(own).get(own).op('f64.ne', 'select');
      store();
      f.get(ranks).get(missing).get(step).get(own).get(own).op('f64.ne', 'select');
      store();
    }
    f.advance(values, ROWS_PER_GROUP * VALUE_BYTES);
    f.get(ranks).get(groupBytes).op('i32.add').set(ranks);
    f.countDown(groups);
  });
  return f;
}

const addParameters = {
  nodes: 0,
  leaves: 1,
  targets: 2,
  trees: 3,
  ranks: 4,
  sums: 5,
  groups: 6,
  groupBytes: 7,
  depth: 8,
} as const;

/** What both ways of answering trees have around them: each tree in turn, and in it each group of rows. */
function eachGroup(
  f: WasmFunction,
  group: Variable,
  sum: Variable,
  forGroup: () => void,
  nextTree: () => unknown,
): void {
  const { targets, trees, ranks, sums, groups, groupBytes } = addParameters;
  const left = f.local('i32');
  f.repeat(() => {
    f.get(ranks).set(group);
    f.get(targets).memory('i32.load', 0).get(sums).op('i32.add').set(sum);
    f.get(groups).set(left);
    f.repeat(() => {
      forGroup();
      f.advance(sum, ROWS_PER_GROUP * VALUE_BYTES);
      f.get(group).get(groupBytes).op('i32.add').set(group);
      f.countDown(left);
    });
    nextTree();
    f.advance(targets, WORD_BYTES);
    f.countDown(trees);
  });
}

/** Adds the value at an address to the sum of a row. */
function addLeaf(f: WasmFunction, sum: Variable, lane: number, isSingle: boolean, address: () => void): void {
  f.get(sum);
  address();
  f.memory('f64.load', 0)
    .get(sum)
    .memory('f64.load', lane * VALUE_BYTES)
    .op('f64.add');
  // The sum of two numbers of 32 bits, rounded once to 64 and then to 32 bits, is what 32 bits give.
  if (isSingle) f.op('f32.demote_f64', 'f64.promote_f32');
  f.memory('f64.store', lane * VALUE_BYTES);
}

/**
 * Trees of one depth: every test of a tree for eight rows at once, and from the answers of each level, chosen by those
 * above it, one bit of the leaf's number. A node is its rank column's bytes (32 bits) and its threshold's rank, twice.
 */
function levelKernel(depth: number, isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes, leaves } = addParameters;
  const group = f.local('i32');
  const sum = f.local('i32');
  const leaf = f.local('v128');
  const answers = Array.from({ length: depth }, () => f.local('v128'));
  const test = (node: number): void => {
    f.get(nodes)
      .memory('i32.load', node * NODE_BYTES)
      .get(group)
      .op('i32.add')
      .vectorMemory('v128.load', 0);
    f.get(nodes)
      .vectorMemory('v128.load32_splat', node * NODE_BYTES + WORD_BYTES)
      .vector('i16x8.gt_s');
  };
  /** Of the nodes `level` levels below this one, that one's answer to which the levels from `from` on lead. */
  const answer = (node: number, from: number, level: number): void => {
    if (from === level) {
      test(node);
      return;
    }
    answer(2 * node + 2, from + 1, level);
    answer(2 * node + 1, from + 1, level);
    f.get(at(answers, from)).vector('v128.bitselect');
  };
  const forGroup = (): void => {
    for (const [level, own] of answers.entries()) {
      answer(0, 0, level);
      f.set(own);
    }
    for (const [level, own] of answers.entries()) {
      f.get(own)
        .constant(VALUE_BYTES << (depth - 1 - level))
        .vector('i16x8.splat', 'v128.and');
      if (level > 0) f.vector('v128.or');
    }
    f.set(leaf);
    for (const lane of lanes) {
      addLeaf(f, sum, lane, isSingle, () => f.get(leaf).lane(lane).get(leaves).op('i32.add'));
    }
  };
  eachGroup(f, group, sum, forGroup, () => {
    f.advance(nodes, (2 ** depth - 1) * NODE_BYTES);
    f.advance(leaves, 2 ** depth * VALUE_BYTES);
  });
  return f;
}

/**
 * Deeper trees: eight rows go down side by side, so that one's wait for memory is another's time. A node is its rank column's
 * bytes and its threshold's rank (16 bits each) and the address of its two children, which lie together; a leaf fails no test
 * and is its own child. The loop is bounded by `depth`, that of the deepest tree, whatever the nodes say. `nodes` has each root's address,
 * `leaves` the distance from a node to its value.
 */
function walkKernel(isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes: roots, leaves: toValue, depth } = addParameters;
  const group = f.local('i32');
  const sum = f.local('i32');
  const walk = new WalkLoop(f);
  const forGroup = (): void => {
    walk.goDown(depth, group, lane => ({ root: 0, rank: 2 * lane }), roots);
    for (const [lane, place] of walk.places.entries()) {
      addLeaf(f, sum, lane, isSingle, () => f.get(place).get(toValue).op('i32.add'));
    }
  };
  eachGroup(f, group, sum, forGroup, () => f.advance(roots, WORD_BYTES));
  return f;
}

/**
 * Deep trees for one row: eight trees side by side, whose leaves are added in their order. The trees are a multiple of eight,
 * filled up with such as add nothing.
 */
function walkOneRowKernel(isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes: roots, leaves: toValue, ranks, depth } = addParameters;
  const walk = new WalkLoop(f);
  eachEightTrees(f, isSingle, walk.places, {
    find: () => walk.goDown(depth, ranks, lane => ({ root: lane * WORD_BYTES, rank: 0 }), roots),
    addressOf: lane => f.get(at(walk.places, lane)).get(toValue).op('i32.add'),
    next: () => f.advance(roots, ROWS_PER_GROUP * WORD_BYTES),
  });
  return f;
}

/** Trees of one depth for one row: eight of them side by side, from node to node in the layout of the levels. */
function levelOneRowKernel(depth: number, isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes, leaves, ranks } = addParameters;
  const treeBytes = (2 ** depth - 1) * NODE_BYTES;
  const leafBytes = 2 ** depth * VALUE_BYTES;
  const places = lanes.map(() => f.local('i32'));
  const address = f.local('i32');
  eachEightTrees(f, isSingle, places, {
    find: () => {
      for (const place of places) f.constant(0).set(place);
      for (let level = 0; level < depth; level++) {
        for (const [lane, place] of places.entries()) {
          f.get(nodes).get(place).op('i32.add').set(address);
          f.get(address)
            .memory('i32.load', lane * treeBytes)
            .get(ranks)
            .op('i32.add')
            .memory('i32.load16_s', 0);
          f.get(address)
            .memory('i32.load16_s', lane * treeBytes + WORD_BYTES)
            .op('i32.gt_s');
          // Of node n the children are 2n + 1 and 2n + 2, here in bytes.
          f.constant(3).op('i32.shl').get(place).constant(1).op('i32.shl', 'i32.add');
          f.constant(NODE_BYTES).op('i32.add').set(place);
        }
      }
    },
    addressOf: lane =>
      f
        .get(leaves)
        .get(at(places, lane))
        .op('i32.add')
        .constant(lane * leafBytes - treeBytes)
        .op('i32.add'),
    next: () => {
      f.advance(nodes, ROWS_PER_GROUP * treeBytes);
      f.advance(leaves, ROWS_PER_GROUP * leafBytes);
    },
  });
  return f;
}

/** Eight trees after the other: finds their leaves, and adds these to the one row's sums. */
function eachEightTrees(
  f: WasmFunction,
  isSingle: boolean,
  places: readonly Variable[],
  each: { find: () => void; addressOf: (lane: number) => unknown; next: () => unknown },
): void {
  const { targets, trees, sums } = addParameters;
  const sum = f.local('i32');
  f.repeat(() => {
    each.find();
    for (const lane of places.keys()) {
      f.get(targets)
        .memory('i32.load', lane * WORD_BYTES)
        .get(sums)
        .op('i32.add')
        .set(sum);
      addLeaf(f, sum, 0, isSingle, () => each.addressOf(lane));
    }
    each.next();
    f.advance(targets, ROWS_PER_GROUP * WORD_BYTES);
    f.get(trees).constant(ROWS_PER_GROUP).op('i32.sub').tee(trees).constant(0).op('i32.gt_s');
  });
}

/** Eight ways down side by side. */
class WalkLoop {
  readonly places: readonly Variable[];
  readonly #f: WasmFunction;
  readonly #left: Variable;
  readonly #moved: Variable;
  readonly #next: Variable;

  constructor(f: WasmFunction) {
    this.#f = f;
    this.places = lanes.map(() => f.local('i32'));
    this.#left = f.local('i32');
    this.#moved = f.local('i32');
    this.#next = f.local('i32');
  }

  /** @param at where each finds its root behind `roots`, and its row's rank in a column behind `group` */
  goDown(
    depth: Variable,
    group: Variable,
    at: (lane: number) => { readonly root: number; readonly rank: number },
    roots: Variable,
  ): void {
    const f = this.#f;
    for (const [lane, place] of this.places.entries())
      f.get(roots).memory('i32.load', at(lane).root).set(place);
    f.get(depth).set(this.#left);
    f.repeat(() => {
      f.constant(0).set(this.#moved);
      for (const [lane, place] of this.places.entries()) {
        f.get(place).memory('i32.load', WORD_BYTES);
        f.get(place).memory('i32.load16_u', 0).get(group).op('i32.add').memory('i32.load16_s', at(lane).rank);
        f.get(place).memory('i32.load16_s', 2).op('i32.gt_s').constant(3).op('i32.shl', 'i32.add');
        f.tee(this.#next).get(place).op('i32.xor').get(this.#moved).op('i32.or').set(this.#moved);
        f.get(this.#next).set(place);
      }
      f.countDown(this.#left).constant(0).op('i32.ne');
      f.get(this.#moved).constant(0).op('i32.ne', 'i32.and');
    });
  }
}

function at(variables: readonly Variable[], index: number): Variable {
  return variables[index] ?? 0;
}
