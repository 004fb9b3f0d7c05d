import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { unfitted } from '../refusals.ts';
import type { CheckedTree } from './tree-nodes.ts';

/** Modes of ai.onnx.ml 5 `TreeEnsemble`. */
const AT_MOST = 0;
const MEMBER = 6;

/** A tree with what its leaves give. */
export interface EnsembleTree {
  readonly tree: CheckedTree;
  /** To which sum its leaves are added. */
  readonly target: number;
  /** One value per leaf, in the order of `tree.leaves`. */
  readonly leafValues: ArrayLike<number>;
}

/**
 * Adds trees as one `TreeEnsemble` (ai.onnx.ml 5) that compares and adds in float64.
 * @returns `[N, targets]` sums of leaves
 */
export function addTreeEnsemble(
  graph: GraphBuilder,
  input: Tensor,
  trees: readonly EnsembleTree[],
  targets: number,
): Tensor {
  // A tree that is one leaf still needs a test, with the leaf twice: onnxruntime 1.30 counts one that both branches share
  // twice where other trees have sets of one member.
  const splitCount = trees.reduce((sum, { tree }) => sum + Math.max(1, tree.splits.length), 0);
  const leafCount = trees.reduce((sum, { tree }) => sum + Math.max(2, tree.leaves.length), 0);
  if (splitCount === 0) throw unfitted('An ensemble has no trees');
  const table = new EnsembleTable(splitCount, leafCount);
  for (const tree of trees) table.addTree(tree);
  return graph.add('TreeEnsemble', [input], table.attributes(targets), { domain: 'ai.onnx.ml' });
}

class EnsembleTable {
  readonly #feature: Int32Array;
  readonly #threshold: Float64Array;
  readonly #mode: Uint8Array;
  readonly #missingTrue: Uint8Array;
  readonly #whenTrue: Int32Array;
  readonly #whenFalse: Int32Array;
  readonly #isTrueLeaf: Uint8Array;
  readonly #isFalseLeaf: Uint8Array;
  readonly #leafTarget: Int32Array;
  readonly #leafValue: Float64Array;
  readonly #members: number[] = [];
  readonly #roots: number[] = [];
  #splits = 0;
  #leaves = 0;

  constructor(splits: number, leaves: number) {
    this.#feature = new Int32Array(splits);
    this.#threshold = new Float64Array(splits);
    this.#mode = new Uint8Array(splits);
    this.#missingTrue = new Uint8Array(splits);
    this.#whenTrue = new Int32Array(splits);
    this.#whenFalse = new Int32Array(splits);
    this.#isTrueLeaf = new Uint8Array(splits);
    this.#isFalseLeaf = new Uint8Array(splits);
    this.#leafTarget = new Int32Array(leaves);
    this.#leafValue = new Float64Array(leaves);
  }

  addTree({ tree, target, leafValues }: EnsembleTree): void {
    const { nodes, splits, leaves } = tree;
    const firstSplit = this.#splits;
    this.#roots.push(firstSplit);
    /** Of each node its place among all tests, or `~` its place among all leaves. */
    const places = new Int32Array(nodes.left.length);
    for (const [index, node] of splits.entries()) places[node] = firstSplit + index;
    for (const [index, node] of leaves.entries())
      places[node] = ~this.#addLeaf(target, leafValues[index] ?? 0);
    if (splits.length === 0) {
      this.#addSplit(~(this.#leaves - 1), ~this.#addLeaf(target, leafValues[0] ?? 0));
    }
    for (const node of splits) {
      const at = this.#addSplit(places[nodes.left[node] ?? 0] ?? 0, places[nodes.right[node] ?? 0] ?? 0);
      this.#feature[at] = nodes.feature[node] ?? 0;
      this.#missingTrue[at] = nodes.missingLeft?.[node] === 1 ? 1 : 0;
      const members = nodes.members?.(node);
      if (members === undefined) this.#threshold[at] = nodes.threshold[node] ?? 0;
      else {
        this.#mode[at] = MEMBER;
        for (const member of members) this.#members.push(member);
        this.#members.push(Number.NaN);
      }
    }
  }

  attributes(targets: number) {
    const splits = this.#splits;
    return {
      n_targets: { int: targets },
      aggregate_function: { int: 1 },
      post_transform: { int: 0 },
      tree_roots: { ints: this.#roots },
      nodes_featureids: { ints: this.#feature },
      nodes_splits: { tensor: { values: this.#threshold, shape: [splits] } },
      nodes_modes: { tensor: { values: this.#mode, shape: [splits] } },
      nodes_missing_value_tracks_true: { ints: this.#missingTrue },
      nodes_truenodeids: { ints: this.#whenTrue },
      nodes_falsenodeids: { ints: this.#whenFalse },
      nodes_trueleafs: { ints: this.#isTrueLeaf },
      nodes_falseleafs: { ints: this.#isFalseLeaf },
      leaf_targetids: { ints: this.#leafTarget },
      leaf_weights: { tensor: { values: this.#leafValue, shape: [this.#leaves] } },
      ...(this.#members.length > 0
        ? {
            membership_values: {
              tensor: { values: Float64Array.from(this.#members), shape: [this.#members.length] },
            },
          }
        : {}),
    };
  }

  #addLeaf(target: number, value: number): number {
    this.#leafTarget[this.#leaves] = target;
    this.#leafValue[this.#leaves] = value;
    return this.#leaves++;
  }

  #addSplit(whenTrue: number, whenFalse: number): number {
    const at = this.#splits++;
    this.#mode[at] = AT_MOST;
    this.#isTrueLeaf[at] = whenTrue < 0 ? 1 : 0;
    this.#whenTrue[at] = whenTrue < 0 ? ~whenTrue : whenTrue;
    this.#isFalseLeaf[at] = whenFalse < 0 ? 1 : 0;
    this.#whenFalse[at] = whenFalse < 0 ? ~whenFalse : whenFalse;
    return at;
  }
}
