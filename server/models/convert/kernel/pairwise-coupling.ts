import { pick, row, scalar, sumRows, toDouble } from '../arithmetic.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { pairsOf } from './pairwise-votes.ts';

/** libsvm's bounds of the probability of a pair. */
const SMALLEST = 1e-7;
/**
 * libsvm allows 100 rounds and needs few: at most 4 for any of 42,000 random sets of pairs of 2 to 8 classes, with decisions
 * up to some hundreds.
 */
const ROUNDS = 12;

/**
 * `[N, classes]`: the probabilities of libsvm (`multiclass_probability` in svm.cpp: the second method of T.-F. Wu, C.-J. Lin
 * and R. C. Weng, 2004) out of the decisions of all pairs. It stops within a tolerance that is seen in the third digit, so it
 * is repeated here round by round; a row that has stopped stays as it is.
 * @param decisions `[N, pairs]`
 * @param slopes `probA` of each pair
 * @param offsets `probB` of each pair
 */
export function coupledProbabilities(
  graph: GraphBuilder,
  decisions: Tensor,
  slopes: Float64Array,
  offsets: Float64Array,
  classes: number,
): Tensor {
  const scaled = graph.add('Mul', [decisions, row(graph, slopes)]);
  const exponent = graph.add('Add', [scaled, row(graph, offsets)]);
  const raw = graph.add('Sigmoid', [graph.add('Neg', [exponent])]);
  const above = graph.add('Max', [raw, scalar(graph, SMALLEST)]);
  const pairs = graph.add('Min', [above, scalar(graph, 1 - SMALLEST)]);
  const matrix = quadratic(graph, pairs, classes);
  const tolerance = scalar(graph, 0.005 / classes);
  // The same for every row, with as many rows as there are.
  const zeros = graph.add('Mul', [pick(graph, pairs, [0]), scalar(graph, 0)]);
  let p = graph.add('Add', [zeros, row(graph, new Float64Array(classes).fill(1 / classes))]);
  for (let round = 0; round < ROUNDS; round++) {
    let qp = matrix.map(own => sumRows(graph, graph.add('Mul', [own.row, p])));
    let pqp = sumRows(graph, graph.add('Mul', [p, joined(graph, qp)]));
    const errors = graph.add('Abs', [graph.add('Sub', [joined(graph, qp), pqp])]);
    const isOpen = isAnyAtLeast(graph, errors, tolerance);
    let next = p;
    for (const [index, own] of matrix.entries()) {
      const now = qp[index] ?? pqp;
      const change = graph.add('Div', [graph.add('Sub', [pqp, now]), own.diagonal]);
      const growth = graph.add('Add', [scalar(graph, 1), change]);
      const moved = graph.add('Add', [next, graph.add('Mul', [change, unit(graph, index, classes)])]);
      next = graph.add('Div', [moved, growth]);
      const curve = graph.add('Add', [
        graph.add('Mul', [change, own.diagonal]),
        graph.add('Mul', [scalar(graph, 2), now]),
      ]);
      const sum = graph.add('Add', [pqp, graph.add('Mul', [change, curve])]);
      pqp = graph.add('Div', [graph.add('Div', [sum, growth]), growth]);
      qp = qp.map((other, place) => {
        const step = graph.add('Mul', [change, pick(graph, own.row, [place])]);
        return graph.add('Div', [graph.add('Add', [other, step]), growth]);
      });
    }
    p = graph.add('Where', [isOpen, next, p]);
  }
  return p;
}

/** Row `t` of the matrix Q `[N, classes]` and its diagonal element `[N, 1]`. */
function quadratic(
  graph: GraphBuilder,
  pairs: Tensor,
  classes: number,
): { readonly row: Tensor; readonly diagonal: Tensor }[] {
  const places = new Map(pairsOf(classes).map(([first, second], place) => [`${first},${second}`, place]));
  const other = graph.add('Sub', [scalar(graph, 1), pairs]);
  /** r[i][j]: how likely i is, of i and j. */
  const r = (i: number, j: number): Tensor =>
    i < j
      ? pick(graph, pairs, [places.get(`${i},${j}`) ?? 0])
      : pick(graph, other, [places.get(`${j},${i}`) ?? 0]);
  return Array.from({ length: classes }, (_, t) => {
    const others = Array.from({ length: classes }, (_own, j) => j).filter(j => j !== t);
    const squares = others.map(j => graph.add('Mul', [r(j, t), r(j, t)]));
    const diagonal = squares.reduce((sum, square) => graph.add('Add', [sum, square]));
    const cells = Array.from({ length: classes }, (_own, j) =>
      j === t ? diagonal : graph.add('Neg', [graph.add('Mul', [r(j, t), r(t, j)])]),
    );
    return { row: joined(graph, cells), diagonal };
  });
}

function joined(graph: GraphBuilder, columns: readonly Tensor[]): Tensor {
  return graph.add('Concat', columns, { axis: { int: 1 } });
}

function unit(graph: GraphBuilder, place: number, classes: number): Tensor {
  return row(
    graph,
    Array.from({ length: classes }, (_, index) => Number(index === place)),
  );
}

/** Boolean `[N, 1]`. */
function isAnyAtLeast(graph: GraphBuilder, values: Tensor, limit: Tensor): Tensor {
  const isAtLeast = toDouble(graph, graph.add('GreaterOrEqual', [values, limit]));
  return graph.add('Greater', [sumRows(graph, isAtLeast), scalar(graph, 0)]);
}
