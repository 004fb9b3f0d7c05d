import { ROWS_PER_GROUP, VALUE_BYTES, WORD_BYTES } from './kernel-layout.ts';
import type { Variable, WasmFunction } from './wasm-code.ts';

/** Parameters of the kernels that add leaves, in the order of `TreeKernels.add`. */
export const addParameters = {
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
export function eachGroup(
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
export function addLeaf(
  f: WasmFunction,
  sum: Variable,
  lane: number,
  isSingle: boolean,
  address: () => void,
): void {
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
/** Eight trees after the other: finds their leaves, and adds these to the one row's sums. */
export function eachEightTrees(
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
