import type { PythonObject } from '../../python/python-values.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { type ConvertedBooster, classesOf, convertedBooster } from './booster-file.ts';
import { addBooster } from './booster-graph.ts';
import type { BoosterOutputs } from './booster-model.ts';
import { pickledBooster } from './pickled-booster.ts';

/** What a booster inside a pipeline gives. */
export interface AddedBooster {
  readonly outputs: BoosterOutputs;
  /** Classes by name, in the order of the probabilities; `undefined` for a regression. */
  readonly classes: readonly (string | number)[] | undefined;
  readonly libraryVersion: string;
  readonly warnings: readonly string[];
}

/**
 * Adds a pickled booster to a graph.
 * @param input a double tensor, N × columns
 * @throws AppError `model.rejected` or `model.not-a-model`, naming what is not supported or damaged
 */
export type BoostingConverter = (
  graph: GraphBuilder,
  input: Tensor,
  columns: number,
  object: PythonObject,
) => AddedBooster;

const addPickledBooster: BoostingConverter = (graph, input, columns, object) => {
  const model = pickledBooster(object);
  return {
    outputs: addBooster(graph, input, columns, model),
    classes: model.task === 'regression' ? undefined : classesOf(model),
    libraryVersion: model.libraryVersion,
    warnings: model.warnings,
  };
};

/** Converters by class name, for classes whose module begins with `xgboost.` or `lightgbm.`. */
export const boostingConverters: ReadonlyMap<string, BoostingConverter> = new Map(
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
  ].map(name => [name, addPickledBooster] as const),
);

/** A pickled booster on its own as an ONNX file. @throws AppError as the converters do */
export function convertPickledBooster(object: PythonObject): ConvertedBooster {
  return convertedBooster(pickledBooster(object));
}
