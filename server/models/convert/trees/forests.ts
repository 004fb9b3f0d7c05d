import { PythonObject, type PythonValue } from '../../python/python-values.ts';
import { indexOfLargest, indices, roundToFloat32, scalar } from '../arithmetic.ts';
import { asItems, classesOf, itemsOf } from '../attributes.ts';
import type { Columns, Converter, Result, Scope } from '../conversion.ts';
import { elementNumber, type Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { readSklearnTree, type SklearnTree } from './sklearn-tree.ts';
import { addTreeEnsemble } from './tree-ensemble.ts';

/** DecisionTree and ExtraTree, for numbers. */
export const convertTreeRegressor: Converter = (model, input, scope) =>
  regression([readSklearnTree(model, input.width, scope)], input, scope);

/** DecisionTree and ExtraTree, for classes. */
export const convertTreeClassifier: Converter = (model, input, scope) =>
  classification(model, [readSklearnTree(model, input.width, scope)], input, scope);

/** RandomForest and ExtraTrees, for numbers: the mean of the trees. */
export const convertForestRegressor: Converter = (model, input, scope) =>
  regression(treesOf(model, input, scope), input, scope);

/** RandomForest and ExtraTrees, for classes: the mean of the trees' shares. */
export const convertForestClassifier: Converter = (model, input, scope) =>
  classification(model, treesOf(model, input, scope), input, scope);

/** An item of `estimators_` that must be an object. */
export function estimatorAt(items: readonly PythonValue[], index: number, owner: PythonObject): PythonObject {
  const item = items[index];
  if (item instanceof PythonObject) return item;
  throw unfitted(`Estimator ${index} of ${classTitle(owner.type)} is no model`);
}

function treesOf(model: PythonObject, input: Columns, scope: Scope): SklearnTree[] {
  const items = itemsOf(model, 'estimators_');
  return items.map((_, index) => readSklearnTree(estimatorAt(items, index, model), input.width, scope));
}

function regression(trees: readonly SklearnTree[], input: Columns, scope: Scope): Result {
  const { graph } = scope;
  const width = trees[0]?.targets ?? 0;
  if (width === 0 || trees.some(tree => tree.targets !== width || tree.valuesPerTarget !== 1)) {
    throw unfitted('The trees of a forest differ in the number of their targets');
  }
  const rounded = roundToFloat32(graph, input.tensor);
  if (width > 1) return { kind: 'prediction', tensor: meanOfLeafRows(trees, width, rounded, scope), width };
  const sum = addTreeEnsemble(
    graph,
    rounded,
    trees.map(({ tree, values }) => ({
      tree,
      target: 0,
      leafValues: tree.leaves.map(leaf => values[leaf] ?? 0),
    })),
    1,
  );
  const tensor = trees.length === 1 ? sum : graph.add('Div', [sum, scalar(graph, trees.length)]);
  return { kind: 'prediction', tensor, width: 1 };
}

function classification(
  model: PythonObject,
  trees: readonly SklearnTree[],
  input: Columns,
  scope: Scope,
): Result {
  if (trees.some(tree => tree.targets !== 1) || asItems(model.get('classes_'))?.some(asItems)) {
    throw unsupported(`${classTitle(model.type)} has several targets of classes, which cannot be imported`);
  }
  const classes = classesOf(model);
  if (trees.length === 0 || trees.some(tree => tree.valuesPerTarget !== classes.length)) {
    throw unfitted(`The trees of ${classTitle(model.type)} do not have ${classes.length} classes`);
  }
  const { graph } = scope;
  const rounded = roundToFloat32(graph, input.tensor);
  const probabilities = meanOfLeafRows(trees.map(normalised), classes.length, rounded, scope);
  return { kind: 'classes', label: indexOfLargest(graph, probabilities), probabilities, classes };
}

/** Older versions keep counts in the leaves, newer ones shares: as shares they are the same. */
function normalised(tree: SklearnTree): SklearnTree {
  const values = new Float64Array(tree.values.length);
  const width = tree.valuesPerTarget;
  for (const leaf of tree.tree.leaves) {
    const row = tree.values.subarray(leaf * width, (leaf + 1) * width);
    const sum = row.reduce((total, value) => total + value, 0);
    // sklearn divides by 1 where a leaf is empty.
    values.set(
      row.map(value => value / (sum === 0 ? 1 : sum)),
      leaf * width,
    );
  }
  return { ...tree, values };
}

/**
 * `[N, width]`: the mean over trees of the row of values of the leaf that was reached. Each tree has a target of its own
 * that gives the number of the leaf; the values come out of one table.
 */
function meanOfLeafRows(
  trees: readonly SklearnTree[],
  width: number,
  rounded: Tensor,
  { graph }: Scope,
): Tensor {
  const count = trees.reduce((sum, { tree }) => sum + tree.leaves.length, 0);
  const table = new Float64Array(count * width);
  let next = 0;
  const numbered = trees.map(({ tree, values }, target) => {
    const leafValues = tree.leaves.map(leaf => {
      table.set(values.subarray(leaf * width, (leaf + 1) * width), next * width);
      return next++;
    });
    return { tree, target, leafValues };
  });
  const numbers = addTreeEnsemble(graph, rounded, numbered, trees.length);
  const leaves = graph.add('Cast', [numbers], { to: { int: elementNumber('int64') } });
  const rows = graph.add('Gather', [graph.constant(table, [count, width]), leaves], { axis: { int: 0 } });
  if (trees.length === 1) return graph.add('Squeeze', [rows, indices(graph, [1])]);
  const sum = graph.add('ReduceSum', [rows, indices(graph, [1])], { keepdims: { int: 0 } });
  return graph.add('Div', [sum, scalar(graph, trees.length)]);
}
