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
}

/** Addresses are bytes in the memory that was imported; `groups` is how many times eight rows there are. */
export interface TreeKernels {
  /**
   * Ranks of a column: how many of its thresholds are smaller than each value, from `LOWEST_RANK` on, so that `x <= t` is
   * `rank(x) <= rank(t)` exactly.
   * @param thresholds ascending; so many as `top / 4 - 1` (a power of two, less one), filled up with +Infinity
   * @param top half of that power of two times eight
   * @param missing the count that NaN gets
   */
  rank(
    values: number,
    thresholds: number,
    top: number,
    ranks: number,
    groups: number,
    groupBytes: number,
    missing: number,
  ): void;
  /**
   * Adds the leaves that eight rows times `groups` reach, tree after tree, to sums of 64 bits.
   * @param trees at least 1, as are `groups` and `depth`
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

function kernelModule({ levels, isSingle }: KernelKind): Uint8Array<ArrayBuffer> {
  const add = levels === undefined ? walkKernel(isSingle) : levelKernel(levels, isSingle);
  return wasmModule({ rank: rankKernel(), add });
}

const lanes = Array.from({ length: ROWS_PER_GROUP }, (_, lane) => lane);

/** A binary search without branches, in eight rows side by side. */
function rankKernel(): WasmFunction {
  const f = new WasmFunction(7);
  const [values, thresholds, top, ranks, groups, groupBytes, missing] = [0, 1, 2, 3, 4, 5, 6] as const;
  const step = f.local('i32');
  const value = lanes.map(() => f.local('f64'));
  const place = lanes.map(() => f.local('i32'));
  f.repeat(() => {
    for (const lane of lanes) {
      f.get(values)
        .memory('f64.load', lane * VALUE_BYTES)
        .set(at(value, lane));
      f.get(thresholds).set(at(place, lane));
    }
    f.get(top).set(step);
    f.repeat(() => {
      for (const lane of lanes) {
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
    for (const lane of lanes) {
      f.get(ranks).get(missing);
      f.get(at(place, lane)).get(thresholds).op('i32.sub').constant(3).op('i32.shr_u');
      f.get(at(value, lane)).get(at(value, lane)).op('f64.ne', 'select');
      f.constant(LOWEST_RANK)
        .op('i32.add')
        .memory('i32.store16', 2 * lane);
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
  const left = f.local('i32');
  const moved = f.local('i32');
  const next = f.local('i32');
  const places = lanes.map(() => f.local('i32'));
  const forGroup = (): void => {
    for (const place of places) f.get(roots).memory('i32.load', 0).set(place);
    f.get(depth).set(left);
    f.repeat(() => {
      f.constant(0).set(moved);
      for (const [lane, place] of places.entries()) {
        f.get(place).memory('i32.load', WORD_BYTES);
        f.get(place)
          .memory('i32.load16_u', 0)
          .get(group)
          .op('i32.add')
          .memory('i32.load16_s', 2 * lane);
        f.get(place).memory('i32.load16_s', 2).op('i32.gt_s').constant(3).op('i32.shl', 'i32.add');
        f.tee(next).get(place).op('i32.xor').get(moved).op('i32.or').set(moved);
        f.get(next).set(place);
      }
      f.countDown(left).constant(0).op('i32.ne').get(moved).constant(0).op('i32.ne', 'i32.and');
    });
    for (const [lane, place] of places.entries()) {
      addLeaf(f, sum, lane, isSingle, () => f.get(place).get(toValue).op('i32.add'));
    }
  };
  eachGroup(f, group, sum, forGroup, () => f.advance(roots, WORD_BYTES));
  return f;
}

function at(variables: readonly Variable[], index: number): Variable {
  return variables[index] ?? 0;
}
