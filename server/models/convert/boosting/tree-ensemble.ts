import type { BoostedSplit, BoostedTree } from './boosted-trees.ts';

/** `nodes_modes` of ai.onnx.ml 5. */
const MODES = { 'at-most': 0, less: 1, member: 6 } as const;

/** The columns of the attributes of `TreeEnsemble` (ai.onnx.ml 5), as plain numbers. */
export interface TreeEnsembleColumns {
  readonly treeRoots: number[];
  readonly features: number[];
  readonly modes: number[];
  readonly splits: number[];
  readonly trueIds: number[];
  readonly falseIds: number[];
  readonly trueIsLeaf: number[];
  readonly falseIsLeaf: number[];
  readonly missingIsTrue: number[];
  readonly leafTargets: number[];
  readonly leafWeights: number[];
  /** The sets of the `member` nodes in their order, each closed by NaN; empty without such nodes. */
  readonly members: number[];
}

/**
 * Lays trees out for the operator, in their order (onnxruntime adds their leaves in that order): only what is reached from a
 * root, and a tree of one leaf as a test with twice the same answer
 * (two leaves: onnxruntime 1.30 counts one that both sides share twice where other trees have sets of one member).
 * @param base added before the first tree, one per output
 */
export function treeEnsembleColumns(
  trees: readonly BoostedTree[],
  base: readonly number[] | undefined,
): TreeEnsembleColumns {
  const columns: TreeEnsembleColumns = {
    treeRoots: [],
    features: [],
    modes: [],
    splits: [],
    trueIds: [],
    falseIds: [],
    trueIsLeaf: [],
    falseIsLeaf: [],
    missingIsTrue: [],
    leafTargets: [],
    leafWeights: [],
    members: [],
  };
  base?.forEach((value, target) => {
    layTree(columns, { target, splits: [], leaves: [value] });
  });
  for (const tree of trees) layTree(columns, tree);
  return columns;
}

function layTree(columns: TreeEnsembleColumns, tree: BoostedTree): void {
  const root = tree.splits[0];
  columns.treeRoots.push(columns.features.length);
  if (root === undefined) {
    const node = layNode(columns, {
      feature: 0,
      test: 'at-most',
      threshold: 0,
      members: [],
      missingIsTrue: false,
    });
    setChild(columns, node, true, layLeaf(columns, tree, 0), true);
    setChild(columns, node, false, layLeaf(columns, tree, 0), true);
    return;
  }
  const open: { readonly split: BoostedSplit; readonly node: number }[] = [
    { split: root, node: layNode(columns, root) },
  ];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const side of [false, true]) {
      const child = side ? step.split.whenTrue : step.split.whenFalse;
      const split = child >= 0 ? tree.splits[child] : undefined;
      if (split === undefined) {
        setChild(columns, step.node, side, layLeaf(columns, tree, ~child), true);
        continue;
      }
      const node = layNode(columns, split);
      setChild(columns, step.node, side, node, false);
      open.push({ split, node });
    }
  }
}

function layNode(columns: TreeEnsembleColumns, split: Omit<BoostedSplit, 'whenTrue' | 'whenFalse'>): number {
  const node = columns.features.push(split.feature) - 1;
  // No value is in an empty set; the operator knows no empty set, but nothing is below minus infinity.
  const test = split.test === 'member' && split.members.length === 0 ? 'less' : split.test;
  columns.modes.push(MODES[test]);
  columns.splits.push(split.test === 'member' ? (test === 'less' ? -Infinity : 0) : split.threshold);
  columns.missingIsTrue.push(Number(split.missingIsTrue));
  if (test === 'member') {
    for (const member of split.members) columns.members.push(member);
    columns.members.push(Number.NaN);
  }
  return node;
}

function layLeaf(columns: TreeEnsembleColumns, tree: BoostedTree, leaf: number): number {
  columns.leafTargets.push(tree.target);
  return columns.leafWeights.push(tree.leaves[leaf] ?? 0) - 1;
}

function setChild(
  columns: TreeEnsembleColumns,
  node: number,
  side: boolean,
  child: number,
  leaf: boolean,
): void {
  (side ? columns.trueIds : columns.falseIds)[node] = child;
  (side ? columns.trueIsLeaf : columns.falseIsLeaf)[node] = Number(leaf);
}
