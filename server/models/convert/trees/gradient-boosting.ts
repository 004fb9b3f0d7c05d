import { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, roundToFloat32, row, scalar, withComplement } from '../arithmetic.ts';
import {
  asNumbers,
  classesOf,
  isArray,
  itemsOf,
  missing,
  numberOf,
  textOf,
  vectorOf,
} from '../attributes.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { estimatorAt } from './forests.ts';
import { readSklearnTree } from './sklearn-tree.ts';
import { addTreeEnsemble } from './tree-ensemble.ts';

/** Shares that a start is kept away from 0 and 1 by: numpy's float32 epsilon, as scikit-learn has it. */
const FLOAT32_EPSILON = 2 ** -23;

/** GradientBoostingRegressor: a constant start and small trees, whatever the loss. */
export const convertGradientBoostingRegressor: Converter = (model, input, scope) => {
  const start = isZeroStart(model) ? [0] : constantStart(startOf(model), 1);
  return { kind: 'prediction', tensor: boostedScores(model, input, scope, start), width: 1 };
};

/** GradientBoostingClassifier: log loss for any number of classes, exponential loss for two. */
export const convertGradientBoostingClassifier: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const outputs = classes.length === 2 ? 1 : classes.length;
  const isExponential = textOf(model, 'loss') === 'exponential';
  const scores = boostedScores(model, input, scope, classStart(model, classes.length, isExponential));
  const scaled = isExponential ? graph.add('Mul', [scores, scalar(graph, 2)]) : scores;
  const probabilities = probabilitiesOf(graph, scaled, outputs);
  return {
    kind: 'classes',
    label: indexOfLargest(graph, probabilities),
    probabilities,
    decision: scores,
    classes,
  };
};

/** Probabilities of boosted scores: the logistic function of one score, or softmax of several. */
export function probabilitiesOf(graph: GraphBuilder, scores: Tensor, outputs: number): Tensor {
  if (outputs === 1) return withComplement(graph, graph.add('Sigmoid', [scores]));
  return graph.add('Softmax', [scores], { axis: { int: 1 } });
}

/** `start + learning_rate · Σ trees`, one column per output. */
function boostedScores(model: PythonObject, input: Columns, scope: Scope, start: readonly number[]): Tensor {
  const { graph } = scope;
  const estimators = model.get('estimators_');
  const items = itemsOf(model, 'estimators_');
  const outputs = isArray(estimators) ? (estimators.shape[1] ?? 1) : 1;
  if (outputs !== start.length) {
    throw unfitted(`${classTitle(model.type)} has ${outputs} trees per stage for ${start.length} outputs`);
  }
  const rate = numberOf(model, 'learning_rate');
  const trees = items.map((_, index) => {
    const { tree, values, targets, valuesPerTarget } = readSklearnTree(
      estimatorAt(items, index, model),
      input.width,
      scope,
    );
    if (targets !== 1 || valuesPerTarget !== 1) throw unfitted('A boosted tree has several values per leaf');
    const leafValues = tree.leaves.map(leaf => rate * (values[leaf] ?? 0));
    return { tree, target: index % outputs, leafValues };
  });
  const sum = addTreeEnsemble(graph, roundToFloat32(graph, input.tensor), trees, outputs);
  return graph.add('Add', [sum, row(graph, start)]);
}

function isZeroStart(model: PythonObject): boolean {
  return model.get('init_') === 'zero' || model.get('init') === 'zero';
}

function startOf(model: PythonObject): PythonObject {
  const start = model.get('init_');
  if (!(start instanceof PythonObject)) throw missing(model, 'init_');
  if (start.type.name === 'DummyRegressor' || start.type.name === 'DummyClassifier') return start;
  throw unsupported(
    `${classTitle(model.type)} starts from ${classTitle(start.type)}; only a constant start can be imported`,
  );
}

function constantStart(start: PythonObject, outputs: number): number[] {
  const constant = vectorOf(start, 'constant_');
  if (constant.length !== outputs) throw unfitted('The start of gradient boosting has several values');
  return [...constant];
}

function classStart(model: PythonObject, classes: number, isExponential: boolean): number[] {
  if (isZeroStart(model)) return new Array<number>(classes === 2 ? 1 : classes).fill(0);
  const start = startOf(model);
  const prior = priorOf(start);
  if (prior?.length !== classes) throw missing(start, 'class_prior_');
  const shares = Array.from(prior, share => Math.min(Math.max(share, FLOAT32_EPSILON), 1 - FLOAT32_EPSILON));
  if (classes > 2) return shares.map(Math.log);
  const share = shares[1] ?? 0;
  return [Math.log(share / (1 - share)) * (isExponential ? 0.5 : 1)];
}

function priorOf(start: PythonObject): Float64Array | undefined {
  const strategy = textOf(start, 'strategy') ?? 'prior';
  if (strategy !== 'prior') {
    throw unsupported(`Gradient boosting starts from a DummyClassifier with the strategy "${strategy}"`);
  }
  return asNumbers(start.get('class_prior_'));
}
