import { damagedBooster } from './damaged-booster.ts';

/** onnxruntime recurses over a tree when it loads it and overflows its stack beyond some ten thousand levels. */
const DEEPEST_TREE = 5_000;

/** How a value is compared: `x < t`, `x <= t`, or `x` is one of the members. True goes to `whenTrue`. */
export type SplitTest = 'less' | 'at-most' | 'member';

/** A test in a tree. Children: 0 and above is a split of the same tree, below is a leaf, `~child`. */
export interface BoostedSplit {
  /** Column of the graph's tree input. */
  readonly feature: number;
  readonly test: SplitTest;
  readonly threshold: number;
  /** Sorted, only for `member`. */
  readonly members: readonly number[];
  /** Where a missing value (NaN) goes. */
  readonly missingIsTrue: boolean;
  readonly whenTrue: number;
  readonly whenFalse: number;
}

/** A tree of a boosted ensemble; split 0 is its root, and without splits leaf 0 is its answer. */
export interface BoostedTree {
  /** The output (class, target) to which its leaves are added. */
  readonly target: number;
  readonly splits: readonly BoostedSplit[];
  readonly leaves: ArrayLike<number>;
}

/**
 * Checks that a tree is one: every child exists, nothing is reached twice, no column beyond the last, not deeper than 5,000.
 * @param name how messages call the tree
 * @throws AppError `model.not-a-model`
 */
export function checkTree(tree: BoostedTree, columns: number, name: string): void {
  if (tree.leaves.length === 0) throw damagedBooster(`${name} has no leaf`);
  if (tree.splits.length === 0) return;
  const seenSplits = new Uint8Array(tree.splits.length);
  const seenLeaves = new Uint8Array(tree.leaves.length);
  const open: { readonly child: number; readonly depth: number }[] = [{ child: 0, depth: 1 }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { child, depth } = step;
    const seen = child >= 0 ? seenSplits : seenLeaves;
    const index = child >= 0 ? child : ~child;
    if (index >= seen.length) throw damagedBooster(`${name} points to node ${index}, which does not exist`);
    if (seen[index] === 1) throw damagedBooster(`${name} reaches node ${index} twice`);
    seen[index] = 1;
    if (depth > DEEPEST_TREE) throw damagedBooster(`${name} is deeper than ${DEEPEST_TREE} levels`);
    const split = child >= 0 ? tree.splits[index] : undefined;
    if (split === undefined) continue;
    if (!(split.feature >= 0 && split.feature < columns)) {
      throw damagedBooster(`${name} looks at column ${split.feature} of ${columns}`);
    }
    if (Number.isNaN(split.threshold))
      throw damagedBooster(`${name} compares with a threshold that is no number`);
    open.push({ child: split.whenTrue, depth: depth + 1 }, { child: split.whenFalse, depth: depth + 1 });
  }
}

/** Nodes that trees become: tests, leaves, and one test for each member of a set. */
export function countTreeNodes(trees: readonly BoostedTree[]): number {
  let count = 0;
  for (const { splits, leaves } of trees) {
    count += splits.length + leaves.length;
    for (const { members } of splits) count += members.length;
  }
  return count;
}
