import type { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, matrixProduct, row } from '../arithmetic.ts';
import { asNumber, classesOf, textOf, vectorOf } from '../attributes.ts';
import type { Columns, Converter } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';

/** DummyRegressor: a constant, whatever the row. */
export const convertDummyRegressor: Converter = (model, input, { graph }) => {
  const constant = vectorOf(model, 'constant_');
  return { kind: 'prediction', tensor: sameForAll(graph, input, constant), width: constant.length };
};

/** DummyClassifier: the same shares, whatever the row; those that roll dice cannot be imported. */
export const convertDummyClassifier: Converter = (model, input, { graph }) => {
  const classes = classesOf(model);
  const shares = sharesOf(model, classes);
  const probabilities = sameForAll(graph, input, shares);
  return { kind: 'classes', label: indexOfLargest(graph, probabilities), probabilities, classes };
};

function sharesOf(model: PythonObject, classes: readonly (string | number)[]): Float64Array {
  const strategy = textOf(model, 'strategy') ?? 'prior';
  if (strategy === 'prior') return vectorOf(model, 'class_prior_', classes.length);
  if (strategy === 'most_frequent') {
    const prior = vectorOf(model, 'class_prior_', classes.length);
    const largest = prior.indexOf(Math.max(...prior));
    return prior.map((_, index) => Number(index === largest));
  }
  if (strategy === 'constant') {
    const constant = model.get('constant');
    const wanted = typeof constant === 'string' ? constant : asNumber(constant);
    const place = classes.findIndex(name => name === wanted || Number(name) === wanted);
    if (place < 0) throw unfitted(`${classTitle(model.type)} answers with a class that it does not have`);
    return Float64Array.from(classes, (_, index) => Number(index === place));
  }
  throw unsupported(`${classTitle(model.type)} has the strategy "${strategy}", which rolls dice`);
}

/** `[N, values]`. */
function sameForAll(graph: GraphBuilder, input: Columns, values: Float64Array): Tensor {
  const zeros = graph.constant(new Float64Array(input.width * values.length), [input.width, values.length]);
  // Only the number of rows is wanted; a missing value must not reach the answer.
  const rows = graph.add('Where', [graph.add('IsNaN', [input.tensor]), row(graph, [0]), input.tensor]);
  const finite = graph.add('Clip', [
    rows,
    graph.constant(Float64Array.of(-1), []),
    graph.constant(Float64Array.of(1), []),
  ]);
  return graph.add('Add', [matrixProduct(graph, finite, zeros), row(graph, values)]);
}
