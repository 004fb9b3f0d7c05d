import type { PythonObject } from '../../python/python-values.ts';
import { matrixProduct, pick, row } from '../arithmetic.ts';
import { asItems, asNumber, flagOr, matrixOf, numberOr, optionalVector, vectorOf } from '../attributes.ts';
import type { Converter } from '../conversion.ts';
import type { Tensor } from '../graph/index.ts';
import { unsupported } from '../refusals.ts';

/** Columns that PolynomialFeatures may make of a table. */
const MOST_COLUMNS = 100_000;

/** PCA, IncrementalPCA and TruncatedSVD: a change of basis, for PCA around the mean and perhaps whitened. */
export const convertProjection: Converter = (model, input, { graph }) => {
  const { values, rows } = matrixOf(model, 'components_', input.width);
  const transposed = new Float64Array(values.length);
  for (let component = 0; component < rows; component++) {
    for (let column = 0; column < input.width; column++) {
      transposed[column * rows + component] = values[component * input.width + column] ?? 0;
    }
  }
  const mean = optionalVector(model, 'mean_', input.width);
  const centred = mean ? graph.add('Sub', [input.tensor, row(graph, mean)]) : input.tensor;
  let tensor = matrixProduct(graph, centred, graph.constant(transposed, [input.width, rows]));
  if (flagOr(model, 'whiten', false)) {
    const variance = vectorOf(model, 'explained_variance_', rows);
    const deviations = variance.map(value => Math.max(Math.sqrt(value), Number.EPSILON));
    tensor = graph.add('Div', [tensor, row(graph, deviations)]);
  }
  return { kind: 'columns', tensor, width: rows, isSparse: false };
};

/** PolynomialFeatures: products of columns in the order of itertools.combinations(_with_replacement). */
export const convertPolynomial: Converter = (model, input, { graph }) => {
  const { lowest, highest } = degreesOf(model);
  const isInteraction = flagOr(model, 'interaction_only', false);
  const parts: Tensor[] = [];
  let width = 0;
  if (flagOr(model, 'include_bias', true)) {
    // A column of ones with as many rows as the input, also where the input is missing or infinite.
    const first = pick(graph, input.tensor, [0]);
    const isMissing = graph.add('IsNaN', [first]);
    parts.push(graph.add('Where', [isMissing, row(graph, [1]), row(graph, [1])]));
    width++;
  }
  for (let degree = Math.max(1, lowest); degree <= highest; degree++) {
    const combinations = combinationsOf(input.width, degree, isInteraction, MOST_COLUMNS - width);
    if (combinations.length === 0) continue;
    width += combinations.length;
    let product: Tensor | undefined;
    for (let position = 0; position < degree; position++) {
      const factor = pick(
        graph,
        input.tensor,
        combinations.map(combination => combination[position] ?? 0),
      );
      product = product === undefined ? factor : graph.add('Mul', [product, factor]);
    }
    if (product !== undefined) parts.push(product);
  }
  if (width === 0) throw unsupported('PolynomialFeatures gives no columns');
  return { kind: 'columns', tensor: graph.add('Concat', parts, { axis: { int: 1 } }), width };
};

function degreesOf(model: PythonObject): { readonly lowest: number; readonly highest: number } {
  const degree = model.get('degree');
  const pair = asItems(degree);
  const lowest = pair ? asNumber(pair[0]) : numberOr(model, '_min_degree', 0);
  const highest = pair ? asNumber(pair[1]) : asNumber(degree);
  if (lowest === undefined || highest === undefined || !(highest >= 0 && highest <= 20 && lowest >= 0)) {
    throw unsupported('PolynomialFeatures has a degree that is no whole number up to 20');
  }
  return { lowest, highest };
}

/** Ascending index combinations of one degree. @throws AppError when there are more than allowed */
function combinationsOf(columns: number, degree: number, isInteraction: boolean, most: number): number[][] {
  const found: number[][] = [];
  const step = isInteraction ? 1 : 0;
  const current = Array.from({ length: degree }, (_, position) => position * step);
  if ((current.at(-1) ?? 0) >= columns) return found;
  for (;;) {
    if (found.length >= most) {
      throw unsupported(`PolynomialFeatures makes more than ${MOST_COLUMNS} columns`);
    }
    found.push([...current]);
    let position = degree - 1;
    while (position >= 0 && (current[position] ?? 0) >= columns - 1 - (degree - 1 - position) * step)
      position--;
    if (position < 0) return found;
    const start = (current[position] ?? 0) + 1;
    for (let at = position; at < degree; at++) current[at] = start + (at - position) * step;
  }
}
