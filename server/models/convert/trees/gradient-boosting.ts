import { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, pick, roundToFloat32, row, scalar, withComplement } from '../arithmetic.ts';
import { classesOf, isArray, itemsOf, missing, numberOf, textOf } from '../attributes.ts';
import type { Columns, Converter, Result, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { estimatorAt } from './forests.ts';
import { readSklearnTree } from './sklearn-tree.ts';
import { addTreeEnsemble } from './tree-ensemble.ts';

/** Shares that a start is kept away from 0 and 1 by: numpy's float32 epsilon, as scikit-learn has it. */
const FLOAT32_EPSILON = 2 ** -23;

/** GradientBoostingRegressor: a start, mostly constant, and small trees, whatever the loss. */
export const convertGradientBoostingRegressor: Converter = (model, input, scope) => {
  const start = isZeroStart(model) ? row(scope.graph, [0]) : regressorStart(model, input, scope);
  return { kind: 'prediction', tensor: boostedScores(model, input, scope, start, 1), width: 1 };
};

/** GradientBoostingClassifier: log loss for any number of classes, exponential loss for two. */
export const convertGradientBoostingClassifier: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const outputs = classes.length === 2 ? 1 : classes.length;
  const isExponential = textOf(model, 'loss') === 'exponential';
  const start = isZeroStart(model)
    ? row(graph, new Float64Array(outputs))
    : classifierStart(model, input, scope, { classes: classes.length, isExponential });
  const scores = boostedScores(model, input, scope, start, outputs);
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

/** `start + learning_rate · Σ trees`, one column per output. @param start `[1, outputs]` or `[N, outputs]` */
function boostedScores(
  model: PythonObject,
  input: Columns,
  scope: Scope,
  start: Tensor,
  outputs: number,
): Tensor {
  const { graph } = scope;
  const estimators = model.get('estimators_');
  const items = itemsOf(model, 'estimators_');
  const perStage = isArray(estimators) ? (estimators.shape[1] ?? 1) : 1;
  if (perStage !== outputs) {
    throw unfitted(`${classTitle(model.type)} has ${perStage} trees per stage for ${outputs} outputs`);
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
  return graph.add('Add', [sum, start]);
}

function isZeroStart(model: PythonObject): boolean {
  return model.get('init_') === 'zero' || model.get('init') === 'zero';
}

function regressorStart(model: PythonObject, input: Columns, scope: Scope): Tensor {
  const result = convertedStart(model, input, scope);
  if (result.kind === 'prediction' && result.width === 1) return result.tensor;
  throw unfitted(`${classTitle(model.type)} starts from a model that does not give one number`);
}

/** The scores that give the probabilities of the start (`_init_raw_predictions` of sklearn.ensemble._gb). */
function classifierStart(
  model: PythonObject,
  input: Columns,
  scope: Scope,
  { classes, isExponential }: { readonly classes: number; readonly isExponential: boolean },
): Tensor {
  const { graph } = scope;
  const result = convertedStart(model, input, scope);
  if (result.kind !== 'classes' || result.classes.length !== classes) {
    throw unfitted(`${classTitle(model.type)} starts from a model that has other classes`);
  }
  if (result.probabilities === undefined) {
    throw unsupported(`${classTitle(model.type)} starts from a model without probabilities`);
  }
  const above = graph.add('Max', [result.probabilities, scalar(graph, FLOAT32_EPSILON)]);
  const shares = graph.add('Min', [above, scalar(graph, 1 - FLOAT32_EPSILON)]);
  if (classes > 2) return graph.add('Log', [shares]);
  const share = pick(graph, shares, [1]);
  const odds = graph.add('Div', [share, graph.add('Sub', [scalar(graph, 1), share])]);
  const logOdds = graph.add('Log', [odds]);
  return isExponential ? graph.add('Mul', [logOdds, scalar(graph, 0.5)]) : logOdds;
}

/** Gradient boosting hands its rows on in float32, in which scikit-learn then also calculates some starts. */
function convertedStart(model: PythonObject, input: Columns, scope: Scope): Result {
  const start = model.get('init_');
  if (!(start instanceof PythonObject)) throw missing(model, 'init_');
  if (!start.type.name.startsWith('Dummy')) {
    scope.warn(
      `${classTitle(model.type)} starts from ${classTitle(start.type)}, which Python calculates with 7 digits and this file with 16.`,
    );
  }
  const tensor = roundToFloat32(scope.graph, input.tensor);
  return scope.convert(start, { tensor, width: input.width });
}
