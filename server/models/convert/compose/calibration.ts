import { PythonObject } from '../../python/python-values.ts';
import {
  average,
  indexOfLargest,
  indices,
  joinColumns,
  pick,
  row,
  scalar,
  sumRows,
  toDouble,
} from '../arithmetic.ts';
import { asItems, classesOf, itemsOf, numberOf, vectorOf } from '../attributes.ts';
import type { ClassesResult, Columns, Converter, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { classesOfPart, probabilitiesOfPart } from './parts.ts';

/** CalibratedClassifierCV: the mean of calibrated models (sklearn/calibration.py, `_CalibratedClassifier.predict_proba`). */
export const convertCalibrated: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const parts = itemsOf(model, 'calibrated_classifiers_').map(part => {
    if (!(part instanceof PythonObject)) throw unfitted(`${classTitle(model.type)} holds no model`);
    return calibrated(part, classes.length, input, scope);
  });
  const probabilities = average(graph, parts, undefined);
  return { kind: 'classes', label: indexOfLargest(graph, probabilities), probabilities, classes };
};

/** `[N, classes]` of one model and its calibrators. */
function calibrated(part: PythonObject, classes: number, input: Columns, scope: Scope): Tensor {
  const { graph } = scope;
  // The name changed in 1.2.
  const inner = part.get('estimator') ?? part.get('base_estimator');
  const result = classesOfPart(scope.convert(inner, input));
  const calibrators = asItems(part.get('calibrators')) ?? [];
  if (result.classes.length !== classes || calibrators.length !== (classes === 2 ? 1 : classes)) {
    throw unsupported(
      `${classTitle(part.type)} has ${calibrators.length} calibrators for ${result.classes.length} of ${classes} classes, which cannot be imported`,
    );
  }
  const scores = scoresOf(graph, result, part);
  const columns = calibrators.map((calibrator, index) => ({
    tensor: calibrate(graph, calibrator, pick(graph, scores, [index])),
    width: 1,
  }));
  const { tensor } = joinColumns(graph, columns);
  if (classes === 2) {
    const other = graph.add('Sub', [scalar(graph, 1), tensor]);
    return graph.add('Concat', [other, tensor], { axis: { int: 1 } });
  }
  const sum = sumRows(graph, tensor);
  const isZero = graph.add('Equal', [sum, scalar(graph, 0)]);
  const share = graph.add('Div', [tensor, graph.add('Where', [isZero, scalar(graph, 1), sum])]);
  return graph.add('Where', [isZero, row(graph, new Float64Array(classes).fill(1 / classes)), share]);
}

/** What is calibrated: decisions where the model has them, else probabilities; of two classes the second. */
function scoresOf(graph: GraphBuilder, result: ClassesResult, owner: PythonObject): Tensor {
  if (result.decision !== undefined) return result.decision;
  const probabilities = probabilitiesOfPart(result, owner);
  return result.classes.length === 2 ? pick(graph, probabilities, [1]) : probabilities;
}

function calibrate(graph: GraphBuilder, calibrator: unknown, score: Tensor): Tensor {
  if (!(calibrator instanceof PythonObject)) throw unfitted('A calibrator is no object');
  const { name } = calibrator.type;
  if (name === '_SigmoidCalibration') {
    const scaled = graph.add('Mul', [scalar(graph, numberOf(calibrator, 'a_')), score]);
    const exponent = graph.add('Add', [scaled, scalar(graph, numberOf(calibrator, 'b_'))]);
    return graph.add('Sigmoid', [graph.add('Neg', [exponent])]);
  }
  if (name === 'IsotonicRegression') return isotonic(graph, calibrator, score);
  throw unsupported(
    `${classTitle(calibrator.type)} as a calibrator cannot be imported; sigmoid and isotonic can`,
  );
}

/** Straight lines between thresholds, flat outside (scipy's `interp1d`). */
function isotonic(graph: GraphBuilder, model: PythonObject, score: Tensor): Tensor {
  const xs = vectorOf(model, 'X_thresholds_');
  const ys = vectorOf(model, 'y_thresholds_', xs.length);
  if (xs.some((x, index) => !(x > (xs[index - 1] ?? -Infinity)))) {
    throw unfitted('The thresholds of an IsotonicRegression do not rise');
  }
  const [only] = ys;
  const zeros = graph.add('Mul', [score, scalar(graph, 0)]);
  if (xs.length < 2) return graph.add('Add', [zeros, scalar(graph, only ?? Number.NaN)]);
  const low = graph.add('Max', [score, scalar(graph, xs[0] ?? 0)]);
  const x = graph.add('Min', [low, scalar(graph, xs.at(-1) ?? 0)]);
  // The piece is the number of inner thresholds below: `searchsorted(...) - 1`, within the table.
  const inner = xs.subarray(1, -1);
  const piece =
    inner.length === 0
      ? graph.add('Cast', [zeros], { to: { int: 7 } })
      : graph.add('Cast', [sumRows(graph, toDouble(graph, graph.add('Greater', [x, row(graph, inner)])))], {
          to: { int: 7 },
        });
  const table = (values: Float64Array): Tensor => {
    const column = graph.add('Gather', [graph.constant(values, [values.length]), piece], {
      axis: { int: 0 },
    });
    return graph.add('Reshape', [column, indices(graph, [-1, 1])]);
  };
  const slopes = Float64Array.from({ length: xs.length - 1 }, (_, index) => {
    const [x0 = 0, x1 = 0] = xs.subarray(index, index + 2);
    const [y0 = 0, y1 = 0] = ys.subarray(index, index + 2);
    return (y1 - y0) / (x1 - x0);
  });
  const along = graph.add('Mul', [table(slopes), graph.add('Sub', [x, table(xs.slice(0, -1))])]);
  return graph.add('Add', [along, table(ys.slice(0, -1))]);
}
