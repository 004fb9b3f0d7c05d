import type { NumpyArray, PythonObject } from '../../python/python-values.ts';
import { asNumber, isArray, objectOf } from '../attributes.ts';
import type { Scope } from '../conversion.ts';
import { classTitle, unfitted } from '../refusals.ts';
import { type CheckedTree, checkTree } from './tree-nodes.ts';

/** A fitted tree of scikit-learn. */
export interface SklearnTree {
  readonly tree: CheckedTree;
  /** Targets the tree was trained for. */
  readonly targets: number;
  /** Values per target: 1 for regression, or the number of classes. */
  readonly valuesPerTarget: number;
  /** `[nodes, targets, valuesPerTarget]`. */
  readonly values: Float64Array;
  /** Training rows in each node. */
  readonly samples: Float64Array;
}

/**
 * Reads and checks `tree_` of an estimator (sklearn/tree/_tree.pyx, `Tree.__getstate__`).
 * @param columns columns the tree may look at
 * @param features of which column of the input each column of the tree is; the same when absent
 */
export function readSklearnTree(
  estimator: PythonObject,
  columns: number,
  scope: Scope,
  features?: ArrayLike<number>,
): SklearnTree {
  const tree = objectOf(estimator, 'tree_');
  const nodes = tree.get('nodes');
  const values = tree.get('values');
  if (!isArray(nodes) || !isArray(values) || values.numbers === undefined || values.shape.length !== 3) {
    throw unfitted(
      `The tree of ${classTitle(estimator.type)} has no nodes: it was not trained, or the file is damaged`,
    );
  }
  const [rows = 0, targets = 0, valuesPerTarget = 0] = values.shape;
  const left = columnOf(nodes, 'left_child');
  if (
    rows !== left.length ||
    asNumber(tree.get('node_count')) !== rows ||
    targets < 1 ||
    valuesPerTarget < 1
  ) {
    throw unfitted(
      `A tree of ${classTitle(estimator.type)} has ${left.length} nodes, but values for ${rows}`,
    );
  }
  scope.countTreeNodes(rows);
  const feature = columnOf(nodes, 'feature');
  const checked = checkTree(
    {
      isLeaf: node => left[node] === -1,
      left,
      right: columnOf(nodes, 'right_child'),
      feature: features ? feature.map(column => features[column] ?? -1) : feature,
      threshold: columnOf(nodes, 'threshold'),
      missingLeft: nodes.column('missing_go_to_left'),
    },
    columns,
  );
  const samples = columnOf(nodes, 'n_node_samples');
  return { tree: checked, targets, valuesPerTarget, values: values.numbers, samples };
}

function columnOf(nodes: NumpyArray, name: string): Float64Array {
  const column = nodes.column(name);
  if (column === undefined) throw unfitted(`The nodes of a tree have no ${name}`);
  return column;
}
