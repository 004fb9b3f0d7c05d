import { GraphBuilder } from '../graph/index.ts';
import { countTreeNodes } from './boosted-trees.ts';
import type { BoosterValue } from './booster-document.ts';
import { addBooster } from './booster-graph.ts';
import type { BoosterModel } from './booster-model.ts';
import { damagedBooster, refusedBooster } from './damaged-booster.ts';
import { readBoosterJson } from './read-booster-json.ts';
import { readLightgbmText } from './read-lightgbm-text.ts';
import { readUbjson } from './read-ubjson.ts';
import { xgboostModel } from './xgboost-model.ts';

/** Files that the libraries write themselves, without pickle. */
export type BoosterFormat = 'xgboost-json' | 'xgboost-ubj' | 'lightgbm-text';

/** How far into a file its first keys are looked for. */
const HEAD_BYTES = 4_096;
const MOST_NODES = 20_000_000;
/** Longer texts do not fit into one string; a booster of that size has hundreds of millions of nodes. */
const MOST_TEXT_BYTES = 400_000_000;

/** An output of the graph, double, N × columns; `label` is a position in `classes`. */
export interface BoosterOutput {
  readonly name: string;
  readonly kind: 'prediction' | 'label' | 'probabilities';
  readonly columns: number;
}

/** A booster as an ONNX file; has the shape of the converter's `Converted`. */
export interface ConvertedBooster {
  readonly onnx: Uint8Array;
  /** Columns of the input `X` (double, N × columns) by name; `undefined` when the file names none. */
  readonly features: readonly string[] | undefined;
  readonly columns: number;
  readonly outputs: readonly BoosterOutput[];
  /** What position 0, 1, … of `probabilities` means. */
  readonly classes: readonly (string | number)[] | undefined;
  readonly library: 'xgboost' | 'lightgbm';
  readonly libraryVersion: string;
  readonly warnings: readonly string[];
}

/** Which booster file this is, by its bytes; `undefined` when it is none. */
export function recogniseBoosterFile(bytes: Uint8Array): BoosterFormat | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES));
  if (
    /^(?:\u00ef\u00bb\u00bf)?tree\r?\n/.test(head) &&
    /\n(?:version|num_class|max_feature_idx)=/.test(head)
  ) {
    return 'lightgbm-text';
  }
  if (/^\{[iUIlL]/.test(head) && head.includes('learner')) return 'xgboost-ubj';
  return /^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(head) && head.includes('"learner"')
    ? 'xgboost-json'
    : undefined;
}

/**
 * Turns a booster's own file into an ONNX file with the input `X` and the outputs `prediction`, or `label` and
 * `probabilities`. A file that XGBoost's scikit-learn wrapper saved stops after its best round, as the wrapper does; in any
 * other all boosting rounds count, as in `Booster.predict`.
 * @throws AppError `model.not-a-model` when it is no booster or damaged, `model.rejected` naming what is not supported
 */
export function convertBoosterFile(bytes: Uint8Array): ConvertedBooster {
  const format = recogniseBoosterFile(bytes);
  if (format === undefined) throw damagedBooster('it is no file of XGBoost or LightGBM');
  return convertedBooster(
    format === 'lightgbm-text' ? readLightgbmText(textOf(bytes)) : xgboostModel(xgboostDocument(bytes)),
  );
}

/**
 * The document in the bytes of an XGBoost booster, JSON or UBJSON.
 * @throws AppError `model.rejected` for the binary format that XGBoost wrote until 1.5, `model.not-a-model` when damaged
 */
export function xgboostDocument(bytes: Uint8Array): BoosterValue {
  const format = recogniseBoosterFile(bytes);
  if (format === 'xgboost-ubj') return readUbjson(bytes);
  if (format === 'xgboost-json') return readBoosterJson(textOf(bytes));
  throw refusedBooster(
    'The XGBoost booster is in the old binary format, which only XGBoost itself can read.',
    'Load it with XGBoost 1.6 to 3.0 and save it as JSON: booster.save_model("model.json").',
  );
}

/** A booster alone in a graph. */
export function convertedBooster(model: BoosterModel): ConvertedBooster {
  if (model.body.kind === 'trees') {
    const nodes = countTreeNodes(model.body.trees);
    if (nodes > MOST_NODES) {
      throw refusedBooster(
        `The booster has ${nodes} nodes; at most ${MOST_NODES} are taken.`,
        'Train fewer or smaller trees.',
      );
    }
  }
  const graph = new GraphBuilder();
  const input = graph.input('X', model.columns);
  const result = addBooster(graph, input, model.columns, model);
  const outputs: BoosterOutput[] = [];
  let classes: readonly (string | number)[] | undefined;
  if (result.probabilities === undefined) {
    graph.output('prediction', result.prediction, 'double', model.outputs);
    outputs.push({ name: 'prediction', kind: 'prediction', columns: model.outputs });
  } else {
    classes = classesOf(model);
    graph.output('label', result.label, 'double', 1);
    graph.output('probabilities', result.probabilities, 'double', classes.length);
    outputs.push(
      { name: 'label', kind: 'label', columns: 1 },
      { name: 'probabilities', kind: 'probabilities', columns: classes.length },
    );
  }
  return {
    onnx: graph.toBytes({
      library: model.library,
      library_version: model.libraryVersion,
      model: `${model.library} booster`,
    }),
    features: model.features,
    columns: model.columns,
    outputs,
    classes,
    library: model.library,
    libraryVersion: model.libraryVersion,
    warnings: model.warnings,
  };
}

/** The classes by name, or by position where the file names none. @throws AppError when their number does not fit */
export function classesOf(model: BoosterModel): readonly (string | number)[] {
  const count = model.task === 'binary' ? 2 : model.outputs;
  if (model.classes === undefined) return Array.from({ length: count }, (_, index) => index);
  if (model.classes.length !== count) {
    throw damagedBooster(`it has ${count} classes and names ${model.classes.length}`);
  }
  return model.classes;
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > MOST_TEXT_BYTES) {
    throw refusedBooster(
      `The booster's text has ${bytes.length} bytes; at most ${MOST_TEXT_BYTES} can be read.`,
      'Train fewer or smaller trees, or save an XGBoost model as UBJSON.',
    );
  }
  return new TextDecoder('utf-8').decode(bytes);
}
