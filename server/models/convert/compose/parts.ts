import type { PythonObject } from '../../python/python-values.ts';
import { pick, toDouble } from '../arithmetic.ts';
import type { ClassesResult, Result } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';

/** A part that must be a classifier. @throws AppError when it is none */
export function classesOfPart(result: Result): ClassesResult {
  if (result.kind === 'classes') return result;
  throw unfitted('A classifier combines parts that are no classifiers');
}

/** `[N, classes]` of a part. @param owner names it in messages @throws AppError for a part that gives labels only */
export function probabilitiesOfPart(result: ClassesResult, owner: PythonObject): Tensor {
  if (result.probabilities) return result.probabilities;
  throw unsupported(`${classTitle(owner.type)} needs probabilities of a part that gives labels only`);
}

/** `[N, 1]`: how likely the second of two classes is. @throws AppError for a part that gives labels only */
export function secondProbability(graph: GraphBuilder, result: ClassesResult, owner: PythonObject): Tensor {
  return pick(graph, probabilitiesOfPart(result, owner), [1]);
}

/** `[N, 1]` double: the position of the largest value of each row, the last of equal ones. */
export function indexOfLastLargest(graph: GraphBuilder, tensor: Tensor): Tensor {
  const attributes = { axis: { int: 1 }, keepdims: { int: 1 }, select_last_index: { int: 1 } };
  return toDouble(graph, graph.add('ArgMax', [tensor], attributes));
}
