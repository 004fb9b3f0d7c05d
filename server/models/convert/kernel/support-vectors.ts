import type { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, isAbove, matrixProduct, row, scalar, sumRows, toDouble } from '../arithmetic.ts';
import {
  asMatrix,
  classesOf,
  flagOr,
  isArray,
  matrixOf,
  missing,
  numberOf,
  numberOr,
  textOf,
  vectorOf,
} from '../attributes.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';

/** Coefficients of all pairs of classes. */
const MOST_COEFFICIENTS = 50_000_000;

/** SVR and NuSVR: `Σ dual_coef · K(support vector, x) + intercept`. */
export const convertSvr: Converter = (model, input, scope) => {
  const { graph } = scope;
  const kernel = kernelOf(model, input, scope);
  const coefficients = dualCoefficients(model, kernel.vectors);
  if (coefficients.rows !== 1) throw missing(model, 'dual_coef_');
  const sum = matrixProduct(graph, kernel.tensor, graph.constant(coefficients.values, [kernel.vectors, 1]));
  return {
    kind: 'prediction',
    tensor: graph.add('Add', [sum, row(graph, interceptsOf(model, 1))]),
    width: 1,
  };
};

/** SVC and NuSVC: every pair of classes votes (libsvm, `svm_predict_values`). Only labels. */
export const convertSvc: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  if (flagOr(model, 'break_ties', false) && classes.length > 2) {
    throw unsupported(`${classTitle(model.type)} has break_ties, which cannot be imported`);
  }
  if (flagOr(model, 'probability', false)) {
    scope.warn(
      `${classTitle(model.type)} gives labels only: its probabilities are an approximation that is not imported.`,
    );
  }
  const kernel = kernelOf(model, input, scope);
  const pairs = pairsOf(classes.length);
  const coefficients = pairCoefficients(model, classes.length, kernel.vectors);
  const weights = graph.constant(coefficients, [kernel.vectors, pairs.length]);
  const sums = matrixProduct(graph, kernel.tensor, weights);
  const decisions = graph.add('Add', [sums, row(graph, interceptsOf(model, pairs.length))]);
  if (classes.length === 2) {
    // libsvm's positive class is the first one; scikit-learn's the second.
    const decision = graph.add('Neg', [decisions]);
    const isFirst = isAbove(graph, decisions, 0);
    return { kind: 'classes', label: graph.add('Sub', [scalar(graph, 1), isFirst]), decision, classes };
  }
  const isFirst = toDouble(graph, graph.add('Greater', [decisions, scalar(graph, 0)]));
  const label = indexOfLargest(graph, votes(graph, isFirst, pairs, classes.length));
  return { kind: 'classes', label, classes };
};

/** `[N, vectors]`: the kernel between each row and each support vector. */
function kernelOf(
  model: PythonObject,
  input: Columns,
  scope: Scope,
): { readonly tensor: Tensor; readonly vectors: number } {
  if (flagOr(model, '_sparse', false) || !isArray(model.get('support_vectors_'))) {
    throw unsupported(`${classTitle(model.type)} was trained on a sparse matrix, which cannot be imported`);
  }
  const { values, rows: vectors } = matrixOf(model, 'support_vectors_', input.width);
  const name = textOf(model, 'kernel');
  const { graph } = scope;
  if (name === 'rbf')
    return { tensor: gaussian(graph, input, values, vectors, numberOf(model, '_gamma')), vectors };
  const dot = matrixProduct(graph, input.tensor, transposed(graph, values, vectors, input.width));
  if (name === 'linear') return { tensor: dot, vectors };
  if (name !== 'poly' && name !== 'sigmoid') {
    throw unsupported(
      `${classTitle(model.type)} has the kernel "${name ?? 'of its own'}"; linear, poly, rbf and sigmoid can be imported`,
    );
  }
  const scaled = graph.add('Mul', [dot, scalar(graph, numberOf(model, '_gamma'))]);
  const shifted = graph.add('Add', [scaled, scalar(graph, numberOr(model, 'coef0', 0))]);
  if (name === 'sigmoid') return { tensor: graph.add('Tanh', [shifted]), vectors };
  return { tensor: graph.add('Pow', [shifted, scalar(graph, numberOf(model, 'degree'))]), vectors };
}

/** `exp(-gamma |x - v|²)`, around the mean of the vectors so that large values do not cancel. */
function gaussian(
  graph: GraphBuilder,
  input: Columns,
  values: Float64Array,
  vectors: number,
  gamma: number,
): Tensor {
  const { width } = input;
  const mean = new Float64Array(width);
  for (const [index, value] of values.entries())
    mean[index % width] = (mean[index % width] ?? 0) + value / vectors;
  const centred = values.map((value, index) => value - (mean[index % width] ?? 0));
  const squares = new Float64Array(vectors);
  for (const [index, value] of centred.entries()) {
    const vector = Math.floor(index / width);
    squares[vector] = (squares[vector] ?? 0) + value * value;
  }
  const x = graph.add('Sub', [input.tensor, row(graph, mean)]);
  const dot = matrixProduct(graph, x, transposed(graph, centred, vectors, width));
  const lengths = graph.add('Add', [sumRows(graph, graph.add('Mul', [x, x])), row(graph, squares)]);
  const distance = graph.add('Sub', [lengths, graph.add('Mul', [dot, scalar(graph, 2)])]);
  const positive = graph.add('Max', [distance, scalar(graph, 0)]);
  return graph.add('Exp', [graph.add('Mul', [positive, scalar(graph, -gamma)])]);
}

function transposed(graph: GraphBuilder, values: Float64Array, vectors: number, width: number): Tensor {
  const turned = new Float64Array(values.length);
  for (let vector = 0; vector < vectors; vector++) {
    for (let column = 0; column < width; column++) {
      turned[column * vectors + vector] = values[vector * width + column] ?? 0;
    }
  }
  return graph.constant(turned, [width, vectors]);
}

/** As libsvm has them: `_dual_coef_` keeps the sign that `dual_coef_` loses for two classes. */
function dualCoefficients(model: PythonObject, vectors: number) {
  const own = model.get('_dual_coef_') ?? model.get('dual_coef_');
  return asMatrix(own, vectors, `dual_coef_ of ${classTitle(model.type)}`);
}

function interceptsOf(model: PythonObject, count: number): Float64Array {
  return vectorOf(model, model.get('_intercept_') === undefined ? 'intercept_' : '_intercept_', count);
}

function pairsOf(classes: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let first = 0; first < classes; first++) {
    for (let second = first + 1; second < classes; second++) pairs.push([first, second]);
  }
  return pairs;
}

/** `[vectors, pairs]`: a support vector takes part in the pairs of its own class. */
function pairCoefficients(model: PythonObject, classes: number, vectors: number): Float64Array {
  const dual = dualCoefficients(model, vectors);
  const counts = vectorOf(
    model,
    model.get('_n_support') === undefined ? 'n_support_' : '_n_support',
    classes,
  );
  const pairs = pairsOf(classes);
  if (classes < 2 || dual.rows !== classes - 1 || counts.reduce((sum, count) => sum + count, 0) !== vectors) {
    throw unfitted(`The support vectors of ${classTitle(model.type)} do not fit its ${classes} classes`);
  }
  if (pairs.length * vectors > MOST_COEFFICIENTS) {
    throw unsupported(`${classTitle(model.type)} has too many pairs of classes and support vectors`);
  }
  const starts = Array.from(counts, (_, index) =>
    counts.subarray(0, index).reduce((sum, count) => sum + count, 0),
  );
  const coefficients = new Float64Array(vectors * pairs.length);
  for (const [pair, [first, second]] of pairs.entries()) {
    for (const [own, other] of [
      [first, second - 1],
      [second, first],
    ] as const) {
      const start = starts[own] ?? 0;
      for (let vector = start; vector < start + (counts[own] ?? 0); vector++) {
        coefficients[vector * pairs.length + pair] = dual.values[other * vectors + vector] ?? 0;
      }
    }
  }
  return coefficients;
}

/** `[N, classes]`: the first class of a pair wins where its decision is above zero, else the second. */
function votes(
  graph: GraphBuilder,
  isFirst: Tensor,
  pairs: readonly (readonly [number, number])[],
  classes: number,
): Tensor {
  const gain = new Float64Array(pairs.length * classes);
  const base = new Float64Array(classes);
  for (const [pair, [first, second]] of pairs.entries()) {
    gain[pair * classes + first] = 1;
    gain[pair * classes + second] = -1;
    base[second] = (base[second] ?? 0) + 1;
  }
  const won = matrixProduct(graph, isFirst, graph.constant(gain, [pairs.length, classes]));
  return graph.add('Add', [won, row(graph, base)]);
}
