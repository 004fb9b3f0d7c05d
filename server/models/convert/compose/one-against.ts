import type { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, isAbove, joinColumns, pick, sumRows, withComplement } from '../arithmetic.ts';
import { classesOf, itemsOf, objectOf, textOf } from '../attributes.ts';
import type { ClassesResult, Columns, Converter, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { decisionOfPairs } from '../kernel/pairwise-votes.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { classesOfPart, indexOfLastLargest, secondProbability } from './parts.ts';

/** OneVsRestClassifier: a model for each class against all others. */
export const convertOneVersusRest: Converter = (model, input, scope) => {
  const { graph } = scope;
  const binarizer = objectOf(model, 'label_binarizer_');
  if (textOf(binarizer, 'y_type_')?.startsWith('multilabel')) {
    throw unsupported(`${classTitle(model.type)} gives several labels at once, which cannot be imported`);
  }
  const classes = classesOf(binarizer);
  const parts = partsOf(model, input, scope);
  if (parts.length !== (classes.length === 2 ? 1 : classes.length)) {
    throw unfitted(`${classTitle(model.type)} has ${parts.length} models for ${classes.length} classes`);
  }
  const scores = joinColumns(
    graph,
    parts.map(part => ({ tensor: scoreOf(graph, part, model), width: 1 })),
  ).tensor;
  const [first] = parts;
  const isDecided = parts.every(part => part.decision !== undefined);
  const isTwo = classes.length === 2;
  const threshold = first?.decision === undefined ? 0.5 : 0;
  const result: ClassesResult = {
    kind: 'classes',
    // Of equal scores scikit-learn takes the last class here.
    label: isTwo ? isAbove(graph, scores, threshold) : indexOfLastLargest(graph, scores),
    classes,
    ...(isDecided ? { decision: scores } : {}),
  };
  if (!parts.every(part => part.probabilities !== undefined)) return result;
  const shares = joinColumns(
    graph,
    parts.map(part => ({ tensor: secondProbability(graph, part, model), width: 1 })),
  ).tensor;
  const probabilities = isTwo
    ? withComplement(graph, shares)
    : graph.add('Div', [shares, sumRows(graph, shares)]);
  return { ...result, probabilities };
};

/** OneVsOneClassifier: a model for each pair of classes; they vote. */
export const convertOneVersusOne: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const parts = partsOf(model, input, scope);
  if (parts.length !== (classes.length * (classes.length - 1)) / 2 || parts.length === 0) {
    throw unfitted(`${classTitle(model.type)} has ${parts.length} models for ${classes.length} classes`);
  }
  const join = (tensors: readonly Tensor[]): Tensor =>
    joinColumns(
      graph,
      tensors.map(tensor => ({ tensor, width: 1 })),
    ).tensor;
  const isSecond = join(parts.map(({ label }) => label));
  const confidences = join(parts.map(part => scoreOf(graph, part, model)));
  const all = decisionOfPairs(graph, isSecond, confidences, classes.length);
  if (classes.length > 2) {
    return { kind: 'classes', label: indexOfLargest(graph, all), decision: all, classes };
  }
  const decision = pick(graph, all, [1]);
  const threshold = parts[0]?.decision === undefined ? 0.5 : 0;
  return { kind: 'classes', label: isAbove(graph, decision, threshold), decision, classes };
};

function partsOf(model: PythonObject, input: Columns, scope: Scope): ClassesResult[] {
  return itemsOf(model, 'estimators_').map(part => {
    const result = classesOfPart(scope.convert(part, input));
    if (result.classes.length === 2) return result;
    throw unfitted(`A model of ${classTitle(model.type)} does not decide between two classes`);
  });
}

/** `[N, 1]`: the decision where the model has one, else the probability of its second class. */
function scoreOf(graph: GraphBuilder, part: ClassesResult, model: PythonObject): Tensor {
  return part.decision ?? secondProbability(graph, part, model);
}
