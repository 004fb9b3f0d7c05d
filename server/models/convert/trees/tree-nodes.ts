import { unfitted } from '../refusals.ts';

/** onnxruntime recurses over a tree when it loads it and overflows its stack beyond some ten thousand levels. */
const DEEPEST_TREE = 5_000;

/** A tree as columns of its nodes; node 0 is the root. Everything has one value per node. */
export interface TreeNodes {
  readonly isLeaf: (node: number) => boolean;
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  /** `x <= threshold` goes left. */
  readonly threshold: ArrayLike<number>;
  /** 1 where a missing value goes left; absent: missing values go right. */
  readonly missingLeft: ArrayLike<number> | undefined;
  /** For a test of membership: the values that go left; absent: no tree of this kind tests membership. */
  readonly members?: ((node: number) => readonly number[] | undefined) | undefined;
}

/** The reachable nodes of a checked tree. */
export interface CheckedTree {
  readonly nodes: TreeNodes;
  /** Tests, parents before children. */
  readonly splits: readonly number[];
  readonly leaves: readonly number[];
  /** Depth of each leaf, the root being 0. */
  readonly leafDepths: readonly number[];
}

/**
 * Checks that a tree is one: every child exists, no node is reached twice, no column beyond the last, not deeper than 5,000.
 * @throws AppError `model.not-a-model`
 */
export function checkTree(nodes: TreeNodes, columns: number): CheckedTree {
  const count = nodes.left.length;
  const sameLength = [nodes.right, nodes.feature, nodes.threshold, nodes.missingLeft ?? nodes.left];
  if (count === 0 || sameLength.some(column => column.length !== count)) {
    throw unfitted('A tree has no nodes, or its columns differ in length');
  }
  const seen = new Uint8Array(count);
  const splits: number[] = [];
  const leaves: number[] = [];
  const leafDepths: number[] = [];
  const open: number[] = [0];
  const depths: number[] = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const depth = depths.pop() ?? 0;
    if (!(Number.isInteger(node) && node >= 0 && node < count)) {
      throw unfitted(`A tree points to node ${node} of ${count}`);
    }
    if (seen[node] === 1) throw unfitted(`A tree reaches node ${node} twice`);
    seen[node] = 1;
    if (depth > DEEPEST_TREE) throw unfitted(`A tree is deeper than ${DEEPEST_TREE} levels`);
    if (nodes.isLeaf(node)) {
      leaves.push(node);
      leafDepths.push(depth);
      continue;
    }
    const feature = nodes.feature[node] ?? -1;
    if (!(Number.isInteger(feature) && feature >= 0 && feature < columns)) {
      throw unfitted(`A tree looks at column ${feature} of ${columns}`);
    }
    if (Number.isNaN(nodes.threshold[node]))
      throw unfitted('A tree compares with a threshold that is no number');
    splits.push(node);
    open.push(nodes.right[node] ?? -1, nodes.left[node] ?? -1);
    depths.push(depth + 1, depth + 1);
  }
  return { nodes, splits, leaves, leafDepths };
}
