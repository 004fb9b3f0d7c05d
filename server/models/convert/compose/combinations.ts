import type { PythonObject, PythonValue } from '../../python/python-values.ts';
import {
  average,
  columnsOf,
  indexOfLargest,
  joinColumns,
  matrixProduct,
  pick,
  pickColumns,
  row,
  toDouble,
} from '../arithmetic.ts';
import { asItems, asNumbers, classesOf, flagOr, itemsOf, missing, objectOf, textOf } from '../attributes.ts';
import type { Columns, Converter, Result, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { invertTransformer } from '../preprocessing/known-functions.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { classesOfPart, probabilitiesOfPart } from './parts.ts';

/** VotingRegressor: the (weighted) mean. */
export const convertVotingRegressor: Converter = (model, input, scope) => {
  const predictions = itemsOf(model, 'estimators_').map(part => predictionOf(scope.convert(part, input)));
  return { kind: 'prediction', tensor: average(scope.graph, predictions, votingWeights(model)), width: 1 };
};

/** VotingClassifier: the mean of probabilities (soft) or the most votes (hard). */
export const convertVotingClassifier: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const results = itemsOf(model, 'estimators_').map(part => classesOfPart(scope.convert(part, input)));
  const weights = votingWeights(model);
  if (textOf(model, 'voting') === 'soft') {
    const all = results.map(result => probabilitiesOfPart(result, model));
    const probabilities = average(graph, all, weights);
    return { kind: 'classes', label: indexOfLargest(graph, probabilities), probabilities, classes };
  }
  const votes = results.map(({ label }) => votesOf(graph, label, classes.length));
  return { kind: 'classes', label: indexOfLargest(graph, average(graph, votes, weights)), classes };
};

/** StackingRegressor and StackingClassifier: a last model reads what the others gave. */
export const convertStacking: Converter = (model, input, scope) => {
  const methods = itemsOf(model, 'stack_method_');
  const parts = itemsOf(model, 'estimators_').map((part, index) =>
    stackedColumns(scope.convert(part, input), methods[index], scope.graph, model),
  );
  if (flagOr(model, 'passthrough', false)) {
    for (const codes of input.texts ?? []) codes.markRead();
    const { tensor, width, isSparse = false } = input;
    parts.push({ tensor, width, isSparse });
  }
  const isSparse = parts.some(part => part.isSparse);
  const joined = { ...joinColumns(scope.graph, parts), isSparse };
  const result = scope.convert(objectOf(model, 'final_estimator_'), joined);
  if (result.kind !== 'classes') return result;
  const classes = classesOf(model);
  if (classes.length !== result.classes.length)
    throw unfitted('The last model of a StackingClassifier has other classes');
  return { ...result, classes };
};

/** BaggingRegressor: the mean of models that see some columns each. */
export const convertBaggingRegressor: Converter = (model, input, scope) => {
  const predictions = baggedResults(model, input, scope).map(result => {
    if (result.kind === 'prediction') return result;
    throw unfitted('A BaggingRegressor combines parts that are no regressors');
  });
  const width = predictions[0]?.width ?? 0;
  if (predictions.some(prediction => prediction.width !== width))
    throw unfitted('The parts of a BaggingRegressor differ in the number of their targets');
  const tensors = predictions.map(prediction => prediction.tensor);
  return { kind: 'prediction', tensor: average(scope.graph, tensors, undefined), width };
};

/** BaggingClassifier: the mean of probabilities; parts without them vote. */
export const convertBaggingClassifier: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const parts = baggedResults(model, input, scope).map(classesOfPart);
  const all = parts.map(part => {
    const known = part.classes.map(Number);
    if (known.some(index => !(Number.isInteger(index) && index >= 0 && index < classes.length))) {
      throw unfitted('A part of a BaggingClassifier has a class of its own');
    }
    const probabilities = part.probabilities ?? votesOf(graph, part.label, known.length);
    return known.length === classes.length
      ? probabilities
      : spread(graph, probabilities, known, classes.length);
  });
  const probabilities = average(graph, all, undefined);
  const decisions = parts.flatMap(part =>
    part.classes.length === classes.length ? (part.decision ?? []) : [],
  );
  return {
    kind: 'classes',
    label: indexOfLargest(graph, probabilities),
    probabilities,
    classes,
    ...(decisions.length === parts.length ? { decision: average(graph, decisions, undefined) } : {}),
  };
};

/** MultiOutputRegressor: one model per target. */
export const convertMultiOutput: Converter = (model, input, scope) => {
  const parts = itemsOf(model, 'estimators_').map(part => {
    const result = scope.convert(part, input);
    return { tensor: predictionOf(result), width: 1 };
  });
  const { tensor, width } = joinColumns(scope.graph, parts);
  return { kind: 'prediction', tensor, width };
};

/** TransformedTargetRegressor: what its model predicts, turned back by the inverse of the transformation. */
export const convertTransformedTarget: Converter = (model, input, scope) => {
  const result = scope.convert(objectOf(model, 'regressor_'), input);
  if (result.kind !== 'prediction') throw unfitted(`${classTitle(model.type)} holds no regressor`);
  const tensor = invertTransformer(model.get('transformer_'), result, scope);
  return { kind: 'prediction', tensor, width: result.width };
};

function baggedResults(model: PythonObject, input: Columns, scope: Scope): Result[] {
  const subsets = asItems(model.get('estimators_features_'));
  return itemsOf(model, 'estimators_').map((part, index) => {
    const wanted = subsets && asNumbers(subsets[index]);
    return scope.convert(part, wanted ? pickColumns(scope.graph, input, wanted) : input);
  });
}

function predictionOf(result: Result): Tensor {
  if (result.kind === 'prediction' && result.width === 1) return result.tensor;
  throw unsupported('A model combines parts that do not give one number each');
}

/** Weights of the parts that were not dropped; undefined for equal ones. */
function votingWeights(model: PythonObject): Float64Array | undefined {
  const weights = asNumbers(model.get('weights') ?? undefined);
  if (weights === undefined) return undefined;
  const named = itemsOf(model, 'estimators');
  if (named.length !== weights.length) throw missing(model, 'weights');
  return weights.filter((_, index) => asItems(named[index])?.[1] !== 'drop');
}

function stackedColumns(
  result: Result,
  method: PythonValue | undefined,
  graph: GraphBuilder,
  model: PythonObject,
): Columns {
  if (result.kind !== 'classes') return columnsOf(result);
  const { length } = result.classes;
  if (method === 'predict_proba') {
    const probabilities = probabilitiesOfPart(result, model);
    // Of two probabilities the first says nothing that the second does not.
    return length === 2
      ? { tensor: pick(graph, probabilities, [1]), width: 1 }
      : { tensor: probabilities, width: length };
  }
  if (method === 'decision_function' && result.decision) {
    return { tensor: result.decision, width: length === 2 ? 1 : length };
  }
  // Labels are indices here; models that a stack trained itself have just these as their classes.
  const isIndexed = result.classes.every((name, index) => name === index);
  if (method === 'predict' && isIndexed) return { tensor: result.label, width: 1 };
  throw unsupported(`${classTitle(model.type)} reads ${String(method)} of a part, which cannot be imported`);
}

/** `[N, classes]`: 1 for the label, else 0. */
function votesOf(graph: GraphBuilder, label: Tensor, classes: number): Tensor {
  const all = Array.from({ length: classes }, (_, index) => index);
  return toDouble(graph, graph.add('Equal', [label, row(graph, all)]));
}

function spread(graph: GraphBuilder, tensor: Tensor, known: readonly number[], classes: number): Tensor {
  const places = new Float64Array(known.length * classes);
  for (const [column, place] of known.entries()) places[column * classes + place] = 1;
  return matrixProduct(graph, tensor, graph.constant(places, [known.length, classes]));
}
