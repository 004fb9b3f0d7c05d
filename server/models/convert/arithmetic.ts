import type { Columns, Result } from './conversion.ts';
import { elementNumber, type GraphBuilder, type Tensor } from './graph/index.ts';
import { unfitted } from './refusals.ts';

/** A double constant of one value. */
export function scalar(graph: GraphBuilder, value: number): Tensor {
  return graph.constant(Float64Array.of(value), [1]);
}

/** A double constant `[1, n]`. */
export function row(graph: GraphBuilder, values: ArrayLike<number>): Tensor {
  return graph.constant(Float64Array.from(values), [1, values.length]);
}

/** Axes or indices as an int64 constant. */
export function indices(graph: GraphBuilder, values: ArrayLike<number>): Tensor {
  return graph.constant(BigInt64Array.from(Array.from(values), BigInt), [values.length]);
}

/** A tensor as double. */
export function toDouble(graph: GraphBuilder, tensor: Tensor): Tensor {
  return graph.add('Cast', [tensor], { to: { int: elementNumber('double') } });
}

/** A double tensor rounded to float32 and back: scikit-learn's trees see their input so. */
export function roundToFloat32(graph: GraphBuilder, tensor: Tensor): Tensor {
  return toDouble(graph, graph.add('Cast', [tensor], { to: { int: elementNumber('float') } }));
}

/** Some columns of a table. @throws AppError when one does not exist */
export function pickColumns(graph: GraphBuilder, from: Columns, wanted: ArrayLike<number>): Columns {
  const list = Array.from(wanted);
  for (const index of list) {
    if (!(Number.isInteger(index) && index >= 0 && index < from.width)) {
      throw unfitted(`The model reads column ${index} of ${from.width}`);
    }
  }
  const { texts } = from;
  const picked = texts && list.flatMap(index => texts[index] ?? []);
  const isAll = list.length === from.width && list.every((index, position) => index === position);
  const tensor = isAll ? from.tensor : pick(graph, from.tensor, list);
  const { isSparse = false } = from;
  return { tensor, width: list.length, isSparse, ...(picked ? { texts: picked } : {}) };
}

/** Some columns of a tensor. */
export function pick(graph: GraphBuilder, tensor: Tensor, wanted: ArrayLike<number>): Tensor {
  return graph.add('Gather', [tensor, indices(graph, wanted)], { axis: { int: 1 } });
}

/** Columns side by side. Texts survive where every part has them. */
export function joinColumns(graph: GraphBuilder, parts: readonly Columns[]): Columns {
  const filled = parts.filter(part => part.width > 0);
  const [first] = filled;
  if (first === undefined) throw unfitted('A part of the model gives no columns');
  if (filled.length === 1) return first;
  const tensor = graph.add(
    'Concat',
    filled.map(part => part.tensor),
    { axis: { int: 1 } },
  );
  const width = filled.reduce((sum, part) => sum + part.width, 0);
  const texts = filled.flatMap(part => part.texts ?? []);
  return texts.length === width ? { tensor, width, texts } : { tensor, width };
}

/**
 * `[N, K]`: rows times a matrix `[width, K]`. As `Gemm`: onnxruntime folds a constant before or behind a `MatMul` into it as
 * a float32 (MatMulScaleFusion), which costs half of the digits.
 */
export function matrixProduct(graph: GraphBuilder, rows: Tensor, matrix: Tensor): Tensor {
  return graph.add('Gemm', [rows, matrix]);
}

/** `[N, 1]`: the sum of each row. */
export function sumRows(graph: GraphBuilder, tensor: Tensor): Tensor {
  return graph.add('ReduceSum', [tensor, indices(graph, [1])], { keepdims: { int: 1 } });
}

/** `[N, 1]` double: the position of the largest value of each row, the first of equal ones. */
export function indexOfLargest(graph: GraphBuilder, tensor: Tensor): Tensor {
  return toDouble(graph, graph.add('ArgMax', [tensor], { axis: { int: 1 }, keepdims: { int: 1 } }));
}

/** `[N, 1]` double: 1 where the value is above the limit, else 0. */
export function isAbove(graph: GraphBuilder, tensor: Tensor, limit: number): Tensor {
  return toDouble(graph, graph.add('Greater', [tensor, scalar(graph, limit)]));
}

/** `[N, 2]`: `1 - p` and `p`. */
export function withComplement(graph: GraphBuilder, probability: Tensor): Tensor {
  const other = graph.add('Sub', [scalar(graph, 1), probability]);
  return graph.add('Concat', [other, probability], { axis: { int: 1 } });
}

/** Mean or weighted mean of tensors of one shape. */
export function average(
  graph: GraphBuilder,
  tensors: readonly Tensor[],
  weights: ArrayLike<number> | undefined,
): Tensor {
  if (tensors.length === 0) throw unfitted('A part of the model averages nothing');
  if (weights !== undefined && weights.length !== tensors.length) {
    throw unfitted(`The model has ${weights.length} weights for ${tensors.length} parts`);
  }
  const weighted = weights
    ? tensors.map((tensor, index) => graph.add('Mul', [tensor, scalar(graph, weights[index] ?? 0)]))
    : tensors;
  const total = weights ? Array.from(weights).reduce((sum, weight) => sum + weight, 0) : tensors.length;
  return graph.add('Div', [addAll(graph, weighted), scalar(graph, total)]);
}

/** The sum of tensors of one shape, in their order. */
export function addAll(graph: GraphBuilder, tensors: readonly Tensor[]): Tensor {
  const [first, ...others] = tensors;
  if (first === undefined) throw unfitted('A part of the model adds nothing');
  return others.reduce((sum, tensor) => graph.add('Add', [sum, tensor]), first);
}

/** A part's numbers for the next part: its columns or its predictions. @throws AppError when it gives classes */
export function columnsOf(result: Result): Columns {
  if (result.kind === 'columns' || result.kind === 'prediction') return result;
  throw unfitted('A part of the model gives classes or outliers where numbers are expected');
}
