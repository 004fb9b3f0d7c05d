import { AppError } from '../../../common/errors.ts';
import { refusedPickle } from './damaged-pickle.ts';
import { FilledArray } from './numpy-array.ts';
import { childrenOf, isContainer, type PythonContainer } from './python-children.ts';
import {
  PythonClass,
  PythonDict,
  PythonList,
  PythonObject,
  PythonTuple,
  type PythonValue,
} from './python-values.ts';

/** A plain value beside a model, fit for JSON. Dates and times are ISO text. */
export type MetadataValue =
  | string
  | number
  | boolean
  | readonly MetadataValue[]
  | { readonly [name: string]: MetadataValue };

/** A fitted model of a known library; never converted yet, so it may still be of an unsupported class. */
export interface FoundModel {
  /** Its key in the bundle, e.g. `p10`, when there are several; `null` for the only one. */
  readonly name: string | null;
  readonly model: PythonObject;
}

export interface FoundModels {
  /** At least one, in the order of the file. */
  readonly models: readonly FoundModel[];
  /** Texts, numbers, flags, lists and dicts of them, by key: `trained_until`, `target`, `feature_names`, `metrics`, … */
  readonly metadata: Readonly<Record<string, MetadataValue>>;
  /** Keys whose values are neither a model nor plain. */
  readonly ignored: readonly string[];
}

const DEPTH_MAX = 4;
const MODELS_MAX = 32;
const ENTRIES_MAX = 1_000;
const LIST_LENGTH_MAX = 10_000;
const TEXT_LENGTH_MAX = 10_000;
/** Values of lists in lists; one list may be named any number of times in a small file. */
const NESTED_VALUES_MAX = 10_000;

/**
 * Finds the models of a file: the file itself, or the values of a dict like `{'model': …, 'trained_until': …}` or
 * `{'models': {'p10': …, 'p90': …}}`, at most four dicts deep. It looks again at every class in the file, independent of the allow-list of the reader.
 * @throws AppError `model.not-a-model` when there is none; `model.rejected` for a bare list of models, more than 32, and a class that has no place in a model
 */
export function findModels(root: PythonValue): FoundModels {
  refuseForeignClasses(root);
  if (isModel(root)) return { models: [{ name: null, model: root }], metadata: {}, ignored: [] };
  if (root instanceof PythonTuple || root instanceof PythonList) {
    if (!root.items.some(isModel)) throw noModel(root);
    throw refusedPickle(
      'This Python file holds a bare list of models.',
      "Save a dict, e.g. {'model': model} or {'models': {'p10': low, 'p90': high}}.",
    );
  }
  const dict = root instanceof PythonObject ? root.mapping : root;
  if (!(dict instanceof PythonDict)) throw noModel(root);
  const found: Found = { models: [], ignored: [] };
  const metadata = searchDict(dict, found, '', 1);
  const [only, second] = found.models;
  if (only === undefined) throw noModel(root);
  const models = second === undefined ? [{ name: null, model: only.model }] : found.models;
  return { models, metadata, ignored: found.ignored };
}

interface Found {
  readonly models: FoundModel[];
  readonly ignored: string[];
}

function searchDict(
  dict: PythonDict,
  found: Found,
  path: string,
  depth: number,
): Record<string, MetadataValue> {
  if (dict.entries.length > ENTRIES_MAX)
    throw refusedPickle(`A dict of this Python file has more than ${ENTRIES_MAX} entries.`);
  const metadata: [string, MetadataValue][] = [];
  for (const [keyValue, value] of new Map(dict.entries)) {
    const key = typeof keyValue === 'string' || typeof keyValue === 'number' ? String(keyValue) : undefined;
    if (key === undefined) found.ignored.push(`${path}(a key that is no text)`);
    else if (isModel(value)) addModel(found, key, value);
    else if (isListOfModels(value)) {
      for (const [index, item] of value.items.entries()) {
        if (isModel(item)) addModel(found, `${key}.${index}`, item);
      }
    } else if (value instanceof PythonDict && depth < DEPTH_MAX) {
      const inner = searchDict(value, found, `${path}${key}.`, depth + 1);
      if (Object.keys(inner).length > 0) metadata.push([key, inner]);
    } else {
      const plain = plainValue(value);
      if (plain !== undefined) metadata.push([key, plain]);
      else if (value !== null) found.ignored.push(`${path}${key}`);
    }
  }
  return Object.fromEntries(metadata);
}

function addModel(found: Found, name: string, model: PythonObject): void {
  if (found.models.length >= MODELS_MAX)
    throw refusedPickle(`This Python file holds more than ${MODELS_MAX} models.`);
  found.models.push({ name, model });
}

function isListOfModels(value: PythonValue): value is PythonList | PythonTuple {
  return (value instanceof PythonList || value instanceof PythonTuple) && value.items.some(isModel);
}

/** Parts and tools of scikit-learn that predict nothing. */
const noModels =
  /^sklearn\.(_loss|metrics|utils|model_selection\._split|gaussian_process\.kernels|tree\._tree|ensemble\._gb_losses)(\.|$)/;

function isModel(value: PythonValue): value is PythonObject {
  if (!(value instanceof PythonObject) || !/^_?[A-Z]\w*$/.test(value.type.name)) return false;
  return /^(sklearn|xgboost|lightgbm)(\.|$)/.test(value.type.module) && !noModels.test(value.type.module);
}

function plainValue(value: PythonValue): MetadataValue | undefined {
  const items = listItems(value);
  if (items === undefined) return plainScalar(value);
  if (items.length > LIST_LENGTH_MAX) return undefined;
  if (items.every(item => typeof item === 'string' && item.length <= TEXT_LENGTH_MAX))
    return items as string[];
  if (items.every(item => typeof item === 'number' && Number.isFinite(item))) return items as number[];
  const isNested = items.every(item => item instanceof PythonDict || listItems(item) !== undefined);
  return isNested ? nestedValue(value, { left: NESTED_VALUES_MAX }, 1) : undefined;
}

function plainScalar(value: PythonValue): string | number | boolean | undefined {
  if (typeof value === 'string') return value.length <= TEXT_LENGTH_MAX ? value : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? value.toString() : undefined;
}

/** Lists of lists and of dicts, such as golden rows; `undefined` when anything in them is not plain, or there is too much. */
function nestedValue(value: PythonValue, budget: { left: number }, depth: number): MetadataValue | undefined {
  if (--budget.left < 0 || depth > DEPTH_MAX) return undefined;
  const scalar = plainScalar(value);
  if (scalar !== undefined) return scalar;
  const items = listItems(value);
  if (items) {
    const list: MetadataValue[] = [];
    for (const item of items) {
      const plain = nestedValue(item, budget, depth + 1);
      if (plain === undefined) return undefined;
      list.push(plain);
    }
    return list;
  }
  if (!(value instanceof PythonDict)) return undefined;
  const entries: [string, MetadataValue][] = [];
  for (const [key, item] of new Map(value.entries)) {
    const plain = typeof key === 'string' ? nestedValue(item, budget, depth + 1) : undefined;
    if (plain === undefined) return undefined;
    entries.push([String(key), plain]);
  }
  return Object.fromEntries(entries);
}

function listItems(value: PythonValue): readonly PythonValue[] | undefined {
  if (value instanceof PythonList || value instanceof PythonTuple) return value.items;
  if (!(value instanceof FilledArray) || value.shape.length !== 1) return undefined;
  return (
    value.objects ??
    (value.numbers === undefined ? undefined : [...value.numbers.subarray(0, LIST_LENGTH_MAX + 1)])
  );
}

const knownFamilies = /^(sklearn|xgboost|lightgbm|numpy|pandas|scipy|_loss)(\.|$)/;
const knownNames = new Set([
  ...[
    'bool',
    'complex',
    'float',
    'int',
    'object',
    'range',
    'slice',
    'str',
    'dict',
    'list',
    'set',
    'tuple',
  ].flatMap(name => [`builtins.${name}`, `__builtin__.${name}`]),
  '__builtin__.long',
  '__builtin__.unicode',
  '__builtin__.xrange',
  'collections.OrderedDict',
  'collections.defaultdict',
  'datetime.timedelta',
  'datetime.timezone',
  'functools.partial',
  'joblib.numpy_pickle.NumpyArrayWrapper',
  'pytz._UTC',
]);

/** A second wall: even a reader that lets everything in yields no model beside `os.system`. */
function refuseForeignClasses(root: PythonValue): void {
  const seen = new Set<PythonContainer>();
  const waiting: PythonValue[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const type =
      value instanceof PythonObject ? value.type : value instanceof PythonClass ? value : undefined;
    if (type !== undefined && !isKnown(type)) {
      throw refusedPickle(
        `This Python file holds ${type.module}.${type.name}, which has no place in a model.`,
      );
    }
    if (!isContainer(value) || seen.has(value)) continue;
    seen.add(value);
    for (const child of childrenOf(value)) waiting.push(child);
  }
}

function isKnown({ module, name }: PythonClass): boolean {
  return /^\w+$/.test(name) && (knownFamilies.test(module) || knownNames.has(`${module}.${name}`));
}

function noModel(root: PythonValue): AppError {
  const what =
    root instanceof PythonObject
      ? `an object of the class ${root.type.module}.${root.type.name}`
      : 'other values';
  return new AppError('model.not-a-model', `This Python file holds no model, only ${what}.`, {
    hint: "Save the fitted scikit-learn, XGBoost or LightGBM model itself, or a dict like {'model': model}.",
  });
}
