import type { PythonObject } from '../../python/python-values.ts';
import type { Converter } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { countTreeNodes } from './boosted-trees.ts';
import { type ConvertedBooster, classesOf, convertedBooster } from './booster-file.ts';
import { addBooster } from './booster-graph.ts';
import type { BoosterModel } from './booster-model.ts';
import { pickledBooster } from './pickled-booster.ts';

const convertBooster: Converter = (object, input, scope) => {
  const model = readOnce(object);
  for (const sentence of model.warnings) scope.warn(sentence);
  if (model.body.kind === 'trees') scope.countTreeNodes(countTreeNodes(model.body.trees));
  const isZeroMissing = input.isSparse === true && model.library === 'xgboost';
  const rows = isZeroMissing ? zeroAsMissing(scope.graph, input.tensor) : input.tensor;
  const outputs = addBooster(scope.graph, rows, input.width, model);
  return outputs.probabilities === undefined
    ? { kind: 'prediction', tensor: outputs.prediction, width: model.outputs }
    : {
        kind: 'classes',
        label: outputs.label,
        probabilities: outputs.probabilities,
        classes: classesOf(model),
      };
};

/** What a sparse matrix does not hold is missing for XGBoost. */
function zeroAsMissing(graph: GraphBuilder, rows: Tensor): Tensor {
  const isZero = graph.add('Equal', [rows, graph.constant(Float64Array.of(0), [1])]);
  return graph.add('Where', [isZero, graph.constant(Float64Array.of(Number.NaN), [1]), rows]);
}

/**
 * Converters by class name, for classes whose module begins with `xgboost.` or `lightgbm.` (both call their bare model
 * `Booster`).
 */
export const boostingConverters: ReadonlyMap<string, Converter> = new Map(
  [
    'XGBRegressor',
    'XGBClassifier',
    'XGBRFRegressor',
    'XGBRFClassifier',
    'XGBRanker',
    'LGBMRegressor',
    'LGBMClassifier',
    'LGBMRanker',
    'Booster',
  ].map(name => [name, convertBooster] as const),
);

/** What a pickled booster knows of itself and its wrapper does not: columns, their names, and the library's version. */
export function describeBooster(
  object: PythonObject,
): Pick<BoosterModel, 'library' | 'libraryVersion' | 'columns' | 'features'> {
  const { library, libraryVersion, columns, features } = readOnce(object);
  return { library, libraryVersion, columns, features };
}

/** A pickled booster on its own as an ONNX file. @throws AppError as its converter does */
export function convertPickledBooster(object: PythonObject): ConvertedBooster {
  return convertedBooster(pickledBooster(object));
}

/** A file is asked for its columns first and converted then; a large booster takes seconds to read. */
const read = new WeakMap<PythonObject, BoosterModel>();

function readOnce(object: PythonObject): BoosterModel {
  const model = read.get(object) ?? pickledBooster(object);
  read.set(object, model);
  return model;
}
