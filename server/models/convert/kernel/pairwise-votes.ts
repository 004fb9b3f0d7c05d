import { matrixProduct, row, scalar, toDouble } from '../arithmetic.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';

/** The pairs of classes in the order of libsvm and scikit-learn: (0, 1), (0, 2), …, (1, 2), …. */
export function pairsOf(classes: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let first = 0; first < classes; first++) {
    for (let second = first + 1; second < classes; second++) pairs.push([first, second]);
  }
  return pairs;
}

/** `[N, classes]`: votes of all pairs; the first class of a pair wins where `isFirst` `[N, pairs]` is 1, else the second. */
export function votesOfPairs(graph: GraphBuilder, isFirst: Tensor, classes: number): Tensor {
  const pairs = pairsOf(classes);
  const base = new Float64Array(classes);
  for (const [, second] of pairs) base[second] = (base[second] ?? 0) + 1;
  const won = matrixProduct(graph, isFirst, pairMatrix(graph, classes, 1, -1));
  return graph.add('Add', [won, row(graph, base)]);
}

/**
 * `[N, classes]`: votes, and between equal ones the sum of confidences, squeezed below a third of a vote
 * (`_ovr_decision_function` of sklearn.utils.multiclass).
 * @param isSecond `[N, pairs]` 1 where the second class of the pair won
 * @param confidences `[N, pairs]` above zero for the second class
 */
export function decisionOfPairs(
  graph: GraphBuilder,
  isSecond: Tensor,
  confidences: Tensor,
  classes: number,
): Tensor {
  const isFirst = graph.add('Sub', [scalar(graph, 1), isSecond]);
  const sums = matrixProduct(graph, confidences, pairMatrix(graph, classes, -1, 1));
  const size = graph.add('Add', [graph.add('Abs', [sums]), scalar(graph, 1)]);
  const squeezed = graph.add('Div', [sums, graph.add('Mul', [size, scalar(graph, 3)])]);
  return graph.add('Add', [votesOfPairs(graph, isFirst, classes), squeezed]);
}

/** Double: 1 where the value is below zero. */
export function isBelowZero(graph: GraphBuilder, tensor: Tensor): Tensor {
  return toDouble(graph, graph.add('Less', [tensor, scalar(graph, 0)]));
}

/** `[pairs, classes]`: `first` for the first class of each pair, `second` for the second. */
function pairMatrix(graph: GraphBuilder, classes: number, first: number, second: number): Tensor {
  const pairs = pairsOf(classes);
  const values = new Float64Array(pairs.length * classes);
  for (const [pair, [one, other]] of pairs.entries()) {
    values[pair * classes + one] = first;
    values[pair * classes + other] = second;
  }
  return graph.constant(values, [pairs.length, classes]);
}
