import { AppError } from '../../../common/errors.ts';
import { PythonObject, type PythonValue } from '../python/python-values.ts';
import { asItems, asNumber, isArray } from './attributes.ts';
import { describeBooster } from './boosting/index.ts';
import type { ClassName, Columns, Result, Scope } from './conversion.ts';
import { TextCodes } from './conversion.ts';
import { converterOf, libraryOf, passesColumnsOn } from './converters.ts';
import { GraphBuilder } from './graph/index.ts';
import { classTitle, unfitted, unsupported } from './refusals.ts';

/** Models inside models: a search around a pipeline around a stack of pipelines is eight. */
const DEEPEST_NESTING = 32;
/** Parts of one file; the same part named twice counts twice. */
const MOST_PARTS = 5_000;
const MOST_TREE_NODES = 10_000_000;
const MOST_COLUMNS = 100_000;

/** A column that the caller gives. */
export interface InputFeature {
  readonly name: string;
  readonly type: 'number' | 'text';
  /**
   * For a text column: give the position of the text in this list, -1 for any other text, NaN for a missing one.
   * Absent for numbers.
   */
  readonly categories?: readonly string[];
  /** The model drops the column, whatever it holds. */
  readonly isUnused?: true;
}

/**
 * What an output holds. All are double; `label` is an index into `classes`, for outliers -1 or 1. `value` is an output of an
 * ONNX file that was none of Python: of any type, and named by its makers.
 */
export type OutputKind = 'prediction' | 'label' | 'probabilities' | 'score' | 'transformed' | 'value';

/** A model as ONNX. Its one input is `X`, double `[N, features]`, NaN for a missing value. */
export interface Converted {
  readonly onnx: Uint8Array;
  readonly features: readonly InputFeature[];
  /** Whether the names of the features are the file's own; else they are `x0`, `x1`, …. */
  readonly isNamed: boolean;
  /** In the order of the graph: the main answer first. */
  readonly outputs: readonly { readonly name: string; readonly kind: OutputKind; readonly columns: number }[];
  /** Classes in the order of `probabilities`. */
  readonly classes?: readonly ClassName[];
  /** Class of the model, e.g. `sklearn.pipeline.Pipeline`. */
  readonly model: string;
  readonly library: string;
  /** As the file says; empty when it does not. */
  readonly libraryVersion: string;
  /** What differs from Python; sentences. */
  readonly warnings: readonly string[];
}

/** A model of a file, with its name where the file holds several. */
export interface NamedModel {
  readonly name: string | null;
  readonly model: PythonObject;
}

/** What is known besides the model. */
export interface ConvertOptions {
  /** Names of the columns, where the file gives them beside the model; the model's own come first. */
  readonly featureNames?: readonly string[] | undefined;
}

/**
 * Converts models that read the same columns to one graph. Several models must have names; the outputs of a regression are
 * called so, other outputs `name.label` and so on.
 * @throws AppError `model.rejected` naming a class or an option that cannot be converted, `model.not-a-model` for a model
 * that was not trained or is damaged
 */
export function convertModels(models: readonly NamedModel[], options: ConvertOptions = {}): Converted {
  try {
    return convertAll(models, options);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unfitted(`The model is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function convertAll(models: readonly NamedModel[], options: ConvertOptions): Converted {
  const [first] = models;
  if (first === undefined) throw unfitted('The file holds no model');
  const own = featureNamesOf(first.model);
  const names = own ?? options.featureNames;
  const width = columnCountOf(first.model) ?? names?.length ?? (isDummy(first.model) ? 1 : undefined);
  if (width === undefined || !(Number.isInteger(width) && width > 0 && width <= MOST_COLUMNS)) {
    throw unfitted(
      `${classTitle(first.model.type)} does not say how many columns it takes: it was not trained`,
    );
  }
  for (const { model } of models) {
    const other = columnCountOf(model);
    if (other !== undefined && other !== width) {
      throw unsupported(`The models of the file take ${width} and ${other} columns; they must take the same`);
    }
  }
  const graph = new GraphBuilder();
  const texts = Array.from({ length: width }, () => new TextCodes());
  const input: Columns = { tensor: graph.input('X', width), width, texts };
  const warnings = new Set<string>();
  const scope = new ModelScope(graph, warnings);
  const outputs = models.flatMap(({ name, model }) => {
    const result = scope.convert(model, input);
    const prefix = models.length > 1 ? (name ?? '') : undefined;
    if (prefix === '') throw unsupported('The file holds several models without names');
    return {
      outputs: addOutputs(graph, result, prefix),
      classes: result.kind === 'classes' ? result.classes : undefined,
    };
  });
  const isNamed = names?.length === width;
  const classes = outputs.find(output => output.classes)?.classes;
  const library = libraryOf(first.model.type);
  const libraryVersion = versionOf(first.model);
  return {
    onnx: graph.toBytes({ library, library_version: libraryVersion, model: classTitle(first.model.type) }),
    features: texts.map((codes, index) => featureOf(isNamed ? names[index] : undefined, index, codes)),
    isNamed,
    outputs: outputs.flatMap(output => output.outputs),
    ...(classes ? { classes } : {}),
    model: classTitle(first.model.type),
    library,
    libraryVersion,
    warnings: [...warnings],
  };
}

class ModelScope implements Scope {
  readonly graph: GraphBuilder;
  readonly #warnings: Set<string>;
  #depth = 0;
  #parts = 0;
  #treeNodes = 0;

  constructor(graph: GraphBuilder, warnings: Set<string>) {
    this.graph = graph;
    this.#warnings = warnings;
  }

  warn(sentence: string): void {
    this.#warnings.add(sentence);
  }

  countTreeNodes(nodes: number): void {
    this.#treeNodes += nodes;
    if (this.#treeNodes > MOST_TREE_NODES) {
      throw unsupported(`The model has more than ${MOST_TREE_NODES} tree nodes`);
    }
  }

  convert(part: PythonValue | undefined, input: Columns): Result {
    if (!(part instanceof PythonObject)) throw unfitted('A part of the model is no model');
    const converter = converterOf(part.type);
    if (converter === undefined) throw unsupported(`${classTitle(part.type)} cannot be imported`);
    if (++this.#parts > MOST_PARTS) throw unsupported(`The model has more than ${MOST_PARTS} parts`);
    if (this.#depth >= DEEPEST_NESTING) {
      throw unsupported(`The model nests models more than ${DEEPEST_NESTING} deep`);
    }
    const expected = columnCountOf(part);
    if (expected !== undefined && expected !== input.width) {
      throw unfitted(`${classTitle(part.type)} takes ${expected} columns, but gets ${input.width}`);
    }
    if (!passesColumnsOn(part.type)) for (const codes of input.texts ?? []) codes.markRead();
    this.#depth++;
    try {
      const result = converter(part, input, this);
      // A transformer of a sparse matrix gives one again, unless it says otherwise.
      const isKept = input.isSparse === true && result.kind === 'columns' && result.isSparse === undefined;
      return isKept ? { ...result, isSparse: true } : result;
    } finally {
      this.#depth--;
    }
  }
}

function addOutputs(
  graph: GraphBuilder,
  result: Result,
  prefix: string | undefined,
): Converted['outputs'][number][] {
  const outputs: Converted['outputs'][number][] = [];
  const add = (kind: OutputKind, tensor: string, columns: number): void => {
    const isValue = kind === 'prediction';
    const name = prefix === undefined ? kind : isValue ? prefix : `${prefix}.${kind}`;
    graph.output(name, tensor, 'double', columns);
    outputs.push({ name, kind, columns });
  };
  if (result.kind === 'prediction') add('prediction', result.tensor, result.width);
  else if (result.kind === 'columns') add('transformed', result.tensor, result.width);
  else {
    add('label', result.label, 1);
    if (result.kind === 'outlier') add('score', result.score, 1);
    else if (result.probabilities) add('probabilities', result.probabilities, result.classes.length);
  }
  return outputs;
}

function featureOf(name: string | undefined, index: number, codes: TextCodes): InputFeature {
  const categories = codes.texts;
  const named = { name: name ?? `x${index}`, ...(codes.isRead ? {} : { isUnused: true as const }) };
  return categories.length === 0 ? { ...named, type: 'number' } : { ...named, type: 'text', categories };
}

/** The model itself, then the parts that see its columns first. */
function* outermostParts(model: PythonObject): Generator<PythonObject> {
  let part: PythonObject | undefined = model;
  for (let depth = 0; part !== undefined && depth < DEEPEST_NESTING; depth++) {
    yield part;
    part = innerPart(part);
  }
}

function innerPart(part: PythonObject): PythonObject | undefined {
  for (const name of ['best_estimator_', 'regressor_', 'estimator_']) {
    const inner = part.get(name);
    if (inner instanceof PythonObject) return inner;
  }
  for (const name of ['steps', 'transformer_list']) {
    for (const step of asItems(part.get(name)) ?? []) {
      const inner = asItems(step)?.[1];
      if (inner instanceof PythonObject) return inner;
    }
  }
  return asItems(part.get('estimators_'))?.find(item => item instanceof PythonObject);
}

function columnCountOf(model: PythonObject): number | undefined {
  for (const part of outermostParts(model)) {
    if (isBooster(part)) return describeBooster(part).columns;
    const count = asNumber(part.get('n_features_in_') ?? part.get('_n_features'));
    if (count !== undefined) return count;
    const names = asItems(part.get('feature_names_in_'));
    if (names !== undefined) return names.length;
  }
  return undefined;
}

function featureNamesOf(model: PythonObject): string[] | undefined {
  for (const part of outermostParts(model)) {
    if (isBooster(part)) return describeBooster(part).features?.slice();
    const names = part.get('feature_names_in_');
    const items = isArray(names) ? asItems(names) : undefined;
    if (items?.every(item => typeof item === 'string')) return [...items];
  }
  return undefined;
}

function versionOf(model: PythonObject): string {
  for (const part of outermostParts(model)) {
    if (isBooster(part)) return describeBooster(part).libraryVersion;
    const version = part.get('_sklearn_version');
    if (typeof version === 'string') return version;
  }
  return '';
}

/** These do not remember what they were trained on, and look at nothing. */
function isDummy(model: PythonObject): boolean {
  return model.type.name === 'DummyRegressor' || model.type.name === 'DummyClassifier';
}

/** A booster of XGBoost or LightGBM that can be imported. */
function isBooster(part: PythonObject): boolean {
  return libraryOf(part.type) !== 'sklearn' && converterOf(part.type) !== undefined;
}
