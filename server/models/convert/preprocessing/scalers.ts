import type { PythonObject } from '../../python/python-values.ts';
import { indices, isAbove, row, scalar, sumRows } from '../arithmetic.ts';
import { flagOr, missing, numberOr, optionalVector, textOf, vectorOf } from '../attributes.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unsupported } from '../refusals.ts';

/** `(x - shift) / scale`, then `x · factor + offset`; each part may be absent. */
interface Scaling {
  readonly shift?: Float64Array | undefined;
  readonly scale?: Float64Array | undefined;
  readonly factor?: Float64Array | undefined;
  readonly offset?: Float64Array | undefined;
}

/** StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler. */
export const convertScaler: Converter = (model, input, scope) => {
  const { graph } = scope;
  const { shift, scale, factor, offset } = scalingOf(model, input.width);
  let { tensor } = input;
  if (shift) tensor = graph.add('Sub', [tensor, row(graph, shift)]);
  if (scale) tensor = graph.add('Div', [tensor, row(graph, scale)]);
  if (factor) tensor = graph.add('Mul', [tensor, row(graph, factor)]);
  if (offset) tensor = graph.add('Add', [tensor, row(graph, offset)]);
  if (model.type.name === 'MinMaxScaler' && flagOr(model, 'clip', false)) tensor = clip(model, tensor, scope);
  return { kind: 'columns', tensor, width: input.width };
};

/** What a scaler's `inverse_transform` does. */
export function invertScaler(model: PythonObject, input: Columns, { graph }: Scope): Tensor {
  const { shift, scale, factor, offset } = scalingOf(model, input.width);
  let { tensor } = input;
  if (offset) tensor = graph.add('Sub', [tensor, row(graph, offset)]);
  if (factor) tensor = graph.add('Div', [tensor, row(graph, factor)]);
  if (scale) tensor = graph.add('Mul', [tensor, row(graph, scale)]);
  if (shift) tensor = graph.add('Add', [tensor, row(graph, shift)]);
  return tensor;
}

/** Normalizer: each row divided by its norm; a row of zeros stays. */
export const convertNormalizer: Converter = (model, input, { graph }) => {
  const norm = normOf(graph, input.tensor, textOf(model, 'norm') ?? 'l2');
  const isZero = graph.add('Equal', [norm, scalar(graph, 0)]);
  const divisor = graph.add('Where', [isZero, scalar(graph, 1), norm]);
  return { kind: 'columns', tensor: graph.add('Div', [input.tensor, divisor]), width: input.width };
};

/** Binarizer: 1 above the threshold, else 0. */
export const convertBinarizer: Converter = (model, input, { graph }) => ({
  kind: 'columns',
  tensor: isAbove(graph, input.tensor, numberOr(model, 'threshold', 0)),
  width: input.width,
});

function scalingOf(model: PythonObject, width: number): Scaling {
  switch (model.type.name) {
    case 'StandardScaler':
      return {
        shift: flagOr(model, 'with_mean', true) ? vectorOf(model, 'mean_', width) : undefined,
        scale: flagOr(model, 'with_std', true) ? vectorOf(model, 'scale_', width) : undefined,
      };
    case 'MinMaxScaler':
      return { factor: vectorOf(model, 'scale_', width), offset: vectorOf(model, 'min_', width) };
    case 'MaxAbsScaler':
      return { scale: vectorOf(model, 'scale_', width) };
    case 'RobustScaler':
      return {
        shift: flagOr(model, 'with_centering', true) ? optionalVector(model, 'center_', width) : undefined,
        scale: flagOr(model, 'with_scaling', true) ? optionalVector(model, 'scale_', width) : undefined,
      };
    default:
      throw unsupported(`The inverse of ${classTitle(model.type)} cannot be imported`);
  }
}

function clip(model: PythonObject, tensor: Tensor, { graph }: Scope): Tensor {
  const [low, high] = vectorOf(model, 'feature_range', 2);
  if (low === undefined || high === undefined) throw missing(model, 'feature_range');
  const above = graph.add('Max', [tensor, scalar(graph, low)]);
  return graph.add('Min', [above, scalar(graph, high)]);
}

function normOf(graph: GraphBuilder, tensor: Tensor, norm: string): Tensor {
  const absolute = graph.add('Abs', [tensor]);
  if (norm === 'l1') return sumRows(graph, absolute);
  if (norm === 'l2') return graph.add('Sqrt', [sumRows(graph, graph.add('Mul', [tensor, tensor]))]);
  if (norm === 'max')
    return graph.add('ReduceMax', [absolute, indices(graph, [1])], { keepdims: { int: 1 } });
  throw unsupported(`Normalizer has the norm "${norm}"; l1, l2 and max can be imported`);
}
