import type { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, isAbove, row, scalar, sumRows, withComplement } from '../arithmetic.ts';
import { classesOf, textOf } from '../attributes.ts';
import type { ClassesResult, ClassName, Converter } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted } from '../refusals.ts';
import { linearScores } from './linear-regressor.ts';

/** Linear classifiers that give only labels: LinearSVC, RidgeClassifier, Perceptron, PassiveAggressiveClassifier. */
export const convertLabelClassifier: Converter = (model, input, scope) => {
  const { tensor, width } = linearScores(model, input, scope);
  return classesByScore(scope.graph, tensor, checkedClasses(model, width));
};

/** Logistic regression, also with cross-validation: multinomial (softmax) or one class against the rest. */
export const convertLogistic: Converter = (model, input, scope) => {
  const { graph } = scope;
  const { tensor, width } = linearScores(model, input, scope);
  const classes = checkedClasses(model, width);
  const byScore = classesByScore(graph, tensor, classes);
  if (isOneVersusRest(model, classes.length)) {
    return { ...byScore, probabilities: oneVersusRest(graph, tensor, width) };
  }
  const scores =
    width > 1 ? tensor : graph.add('Concat', [graph.add('Neg', [tensor]), tensor], { axis: { int: 1 } });
  return { ...byScore, probabilities: graph.add('Softmax', [scores], { axis: { int: 1 } }) };
};

/** SGDClassifier: probabilities for the losses that have them. */
export const convertSgdClassifier: Converter = (model, input, scope) => {
  const { graph } = scope;
  const { tensor, width } = linearScores(model, input, scope);
  const byScore = classesByScore(graph, tensor, checkedClasses(model, width));
  const loss = textOf(model, 'loss');
  if (loss === 'log_loss' || loss === 'log') {
    return { ...byScore, probabilities: oneVersusRest(graph, tensor, width) };
  }
  if (loss === 'modified_huber') return { ...byScore, probabilities: modifiedHuber(graph, tensor, width) };
  return byScore;
};

/** Labels by the largest score, or, for two classes with one score, by its sign. */
function classesByScore(graph: GraphBuilder, decision: Tensor, classes: readonly ClassName[]): ClassesResult {
  const label = classes.length === 2 ? isAbove(graph, decision, 0) : indexOfLargest(graph, decision);
  return { kind: 'classes', label, decision, classes };
}

function checkedClasses(model: PythonObject, scores: number): ClassName[] {
  const classes = classesOf(model);
  if (classes.length < 2 || scores !== (classes.length === 2 ? 1 : classes.length)) {
    throw unfitted(
      `${classTitle(model.type)} has ${scores} rows of coefficients for ${classes.length} classes`,
    );
  }
  return classes;
}

/** scikit-learn's rule: by parameter up to 1.7; since 1.8 only two classes or liblinear are one against the rest. */
function isOneVersusRest(model: PythonObject, classes: number): boolean {
  const mode = textOf(model, 'multi_class') ?? 'auto';
  if (mode === 'ovr' || mode === 'warn') return true;
  return mode !== 'multinomial' && (classes === 2 || textOf(model, 'solver') === 'liblinear');
}

function oneVersusRest(graph: GraphBuilder, scores: Tensor, width: number): Tensor {
  const each = graph.add('Sigmoid', [scores]);
  return width === 1 ? withComplement(graph, each) : graph.add('Div', [each, sumRows(graph, each)]);
}

function modifiedHuber(graph: GraphBuilder, scores: Tensor, width: number): Tensor {
  const lower = graph.add('Max', [scores, scalar(graph, -1)]);
  const clipped = graph.add('Min', [lower, scalar(graph, 1)]);
  const each = graph.add('Div', [graph.add('Add', [clipped, scalar(graph, 1)]), scalar(graph, 2)]);
  if (width === 1) return withComplement(graph, each);
  const sum = sumRows(graph, each);
  const isZero = graph.add('Equal', [sum, scalar(graph, 0)]);
  const even = row(graph, new Float64Array(width).fill(1 / width));
  const share = graph.add('Div', [each, graph.add('Where', [isZero, scalar(graph, 1), sum])]);
  return graph.add('Where', [isZero, even, share]);
}
