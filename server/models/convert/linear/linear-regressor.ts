import type { PythonObject } from '../../python/python-values.ts';
import { matrixProduct, row } from '../arithmetic.ts';
import { matrixOf, numberOr, objectOf, textOf, vectorOf } from '../attributes.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import type { Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';

/** `x · coef + intercept`: every linear regression of scikit-learn without a link. */
export const convertLinearRegressor: Converter = (model, input, scope) => {
  const { tensor, width } = linearScores(model, input, scope);
  return { kind: 'prediction', tensor, width };
};

/** Poisson, gamma and Tweedie regression: the inverse of their link is `exp`, except for a Tweedie power of at most 0. */
export const convertGeneralizedLinear: Converter = (model, input, scope) => {
  const { tensor, width } = linearScores(model, input, scope);
  return {
    kind: 'prediction',
    tensor: linkOf(model) === 'log' ? scope.graph.add('Exp', [tensor]) : tensor,
    width,
  };
};

/** RANSAC: what was fitted to the inliers. */
export const convertRansac: Converter = (model, input, scope) =>
  scope.convert(objectOf(model, 'estimator_'), input);

/** A constant, whatever the row. */
export const convertDummyRegressor: Converter = (model, input, scope) => {
  const constant = vectorOf(model, 'constant_');
  const { graph } = scope;
  const zeros = graph.constant(new Float64Array(input.width * constant.length), [
    input.width,
    constant.length,
  ]);
  // Only the number of rows is wanted; a missing value must not reach the answer.
  const rows = graph.add('Where', [graph.add('IsNaN', [input.tensor]), row(graph, [0]), input.tensor]);
  const finite = graph.add('Clip', [
    rows,
    graph.constant(Float64Array.of(-1), []),
    graph.constant(Float64Array.of(1), []),
  ]);
  const tensor = graph.add('Add', [matrixProduct(graph, finite, zeros), row(graph, constant)]);
  return { kind: 'prediction', tensor, width: constant.length };
};

/** `[N, K]` scores of a linear model: `x · coef_ᵀ + intercept_`. @throws AppError when the coefficients do not fit */
export function linearScores(
  model: PythonObject,
  input: Columns,
  scope: Scope,
): { readonly tensor: Tensor; readonly width: number } {
  const coefficients = matrixOf(model, 'coef_', input.width);
  const width = coefficients.rows;
  const transposed = new Float64Array(coefficients.values.length);
  for (let target = 0; target < width; target++) {
    for (let column = 0; column < input.width; column++) {
      transposed[column * width + target] = coefficients.values[target * input.width + column] ?? 0;
    }
  }
  const intercepts =
    model.get('intercept_') === undefined ? Float64Array.of(0) : vectorOf(model, 'intercept_');
  if (intercepts.length !== 1 && intercepts.length !== width) {
    throw unfitted(
      `intercept_ of ${classTitle(model.type)} has ${intercepts.length} values for ${width} targets`,
    );
  }
  const { graph } = scope;
  const product = matrixProduct(graph, input.tensor, graph.constant(transposed, [input.width, width]));
  return { tensor: graph.add('Add', [product, row(graph, intercepts)]), width };
}

function linkOf(model: PythonObject): 'identity' | 'log' {
  if (model.type.name !== 'TweedieRegressor') return 'log';
  const link = textOf(model, 'link') ?? 'auto';
  if (link === 'auto') return numberOr(model, 'power', 0) <= 0 ? 'identity' : 'log';
  if (link === 'log' || link === 'identity') return link;
  throw unsupported(`TweedieRegressor has the link "${link}"; identity and log can be imported`);
}
