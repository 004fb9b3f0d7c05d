import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { dataBytes, FilledArray, readShape } from './numpy-array.ts';
import { readDtype } from './numpy-dtype.ts';
import { addEntry } from './python-entries.ts';
import { dateText, datetimeText, timestampText } from './python-time.ts';
import {
  PythonClass,
  PythonDict,
  PythonList,
  PythonObject,
  PythonSet,
  PythonTuple,
  type PythonValue,
} from './python-values.ts';
import type { ReadBudget } from './read-budget.ts';
import { latin1Bytes } from './text-bytes.ts';

type Constructor = (args: readonly PythonValue[], budget: ReadBudget) => PythonValue;

/**
 * Makes the value that one of the allowed constructors stands for. None of them calls anything, and every copy is paid from the budget.
 * @throws AppError `model.not-a-model` for impossible arguments; `model.rejected` for a name without constructor
 */
export function constructValue(
  { module, name }: PythonClass,
  args: readonly PythonValue[],
  budget: ReadBudget,
): PythonValue {
  // numpy 2 moved its inner modules to `_core`, Python 3 renamed two of its own.
  const home = module.replace(/^numpy\._core\b/, 'numpy.core').replace('__builtin__', 'builtins');
  const construct = constructors.get(`${home.replace('copy_reg', 'copyreg')}.${name}`);
  if (construct === undefined)
    throw refusedPickle(`This Python file calls ${module}.${name}, which is not let in.`);
  return construct(args, budget);
}

const constructors: ReadonlyMap<string, Constructor> = new Map<string, Constructor>([
  ['_codecs.encode', ([text, encoding], budget) => encode(text, encoding, budget)],
  ['builtins.bytearray', (args, budget) => bytesOf(args, budget)],
  ['builtins.bytes', (args, budget) => bytesOf(args, budget)],
  ['builtins.dict', ([source], budget) => dictOf(source, budget)],
  ['builtins.frozenset', ([source], budget) => setOf(source, budget)],
  ['builtins.list', ([source], budget) => listOf(copyOf(source, budget))],
  ['builtins.set', ([source], budget) => setOf(source, budget)],
  ['builtins.tuple', ([source], budget) => new PythonTuple(copyOf(source, budget))],
  ['collections.OrderedDict', ([source], budget) => dictOf(source, budget)],
  ['collections.defaultdict', ([, source], budget) => dictOf(source, budget)],
  ['copyreg._reconstructor', ([type]) => bareObject(type)],
  ['datetime.date', ([bytes], budget) => dateText(dataBytes(bytes, budget))],
  ['datetime.datetime', ([bytes, zone], budget) => datetimeText(dataBytes(bytes, budget), zone)],
  ['numpy.core.multiarray._reconstruct', ([type]) => emptyArray(type)],
  ['numpy.core.multiarray.scalar', (args, budget) => scalar(args, budget)],
  ['numpy.core.numeric._frombuffer', (args, budget) => arrayFromBuffer(args, budget)],
  [
    'pandas._libs.tslibs.timestamps._unpickle_timestamp',
    ([value, , zone, unit]) => timestampText(value, zone, unit),
  ],
  ['pandas.core.indexes.base._new_Index', ([type, content], budget) => index(type, content, budget)],
]);

function encode(
  text: PythonValue | undefined,
  encoding: PythonValue | undefined,
  budget: ReadBudget,
): Uint8Array {
  if (typeof text !== 'string' || typeof encoding !== 'string' || !/^latin-?1$/.test(encoding)) {
    throw refusedPickle('This Python file calls _codecs.encode for something else than Latin-1 text.');
  }
  budget.spendBytes(text.length);
  return latin1Bytes(text);
}

function bytesOf([source, encoding]: readonly PythonValue[], budget: ReadBudget): Uint8Array {
  if (source === undefined) return new Uint8Array(0);
  if (source instanceof Uint8Array) return source;
  return encode(source, encoding, budget);
}

function copyOf(source: PythonValue | undefined, budget: ReadBudget): PythonValue[] {
  if (source === undefined) return [];
  if (!(source instanceof PythonList || source instanceof PythonTuple || source instanceof PythonSet)) {
    throw damagedPickle('a list is made from what is none');
  }
  budget.spendBytes(source.items.length * 8);
  return [...source.items];
}

function listOf(items: readonly PythonValue[]): PythonList {
  const list = new PythonList();
  for (const item of items) list.items.push(item);
  return list;
}

function setOf(source: PythonValue | undefined, budget: ReadBudget): PythonSet {
  const set = new PythonSet();
  for (const item of copyOf(source, budget)) set.items.push(item);
  return set;
}

function dictOf(source: PythonValue | undefined, budget: ReadBudget): PythonDict {
  const dict = new PythonDict();
  if (source instanceof PythonDict) {
    budget.spendBytes(source.entries.length * 32);
    for (const [key, value] of source.entries) addEntry(dict, key, value);
    return dict;
  }
  for (const pair of copyOf(source, budget)) {
    const [key, value] = pair instanceof PythonTuple || pair instanceof PythonList ? pair.items : [];
    if (key === undefined || value === undefined)
      throw damagedPickle('a dict is made from what are no pairs');
    addEntry(dict, key, value);
  }
  return dict;
}

function bareObject(type: PythonValue | undefined): PythonObject {
  if (!(type instanceof PythonClass)) throw damagedPickle('an object lacks its class');
  return new PythonObject(type, []);
}

function emptyArray(type: PythonValue | undefined): FilledArray {
  if (type instanceof PythonClass && `${type.module}.${type.name}` === 'numpy.ndarray')
    return new FilledArray();
  const name = type instanceof PythonClass ? `${type.module}.${type.name}` : 'no class';
  throw refusedPickle(
    `This Python file holds an array of the class ${name}; only numpy.ndarray is supported.`,
  );
}

function scalar([dtypeValue, content]: readonly PythonValue[], budget: ReadBudget): PythonValue {
  const dtype = readDtype(dtypeValue, budget);
  if (dtype.kind === 'O') return content ?? null;
  const array = new FilledArray().fill(
    {
      shape: [],
      dtype,
      data: content === undefined ? new Uint8Array(0) : dataBytes(content, budget),
      order: 'C',
    },
    budget,
  );
  if (dtype.kind === 'b') return array.numbers?.[0] !== 0;
  return array.numbers?.[0] ?? array.objects?.[0] ?? array;
}

function arrayFromBuffer(args: readonly PythonValue[], budget: ReadBudget): FilledArray {
  const [buffer, dtype, shapeValue, order, axesValue] = args;
  const shape = readShape(shapeValue);
  const content = { shape, dtype: readDtype(dtype, budget), data: dataBytes(buffer, budget) };
  if (order === 'C' || order === 'F') return new FilledArray().fill({ ...content, order }, budget);
  const axes = axesValue === undefined || axesValue === null ? undefined : readShape(axesValue);
  const isPermutation = axes?.length === shape.length && shape.every((_, axis) => axes.includes(axis));
  if (order !== 'K' || axes === undefined || !isPermutation)
    throw damagedPickle('an array has an unknown order');
  return new FilledArray().fill({ ...content, order: { axes } }, budget);
}

/** Labels of a pandas Index become a list; an index without labels (`RangeIndex`) stays a record. */
function index(
  type: PythonValue | undefined,
  content: PythonValue | undefined,
  budget: ReadBudget,
): PythonValue {
  if (!(type instanceof PythonClass) || !(content instanceof PythonDict))
    throw damagedPickle('an index lacks its data');
  budget.spendOperations(content.entries.length);
  let data = content.get('data');
  // A StringArray keeps its array in the state, (array, dtype, {}) in either order.
  if (data instanceof PythonObject && data.state instanceof PythonTuple) {
    budget.spendOperations(data.state.items.length);
    data = data.state.items.find(item => item instanceof FilledArray) ?? data;
  }
  const items =
    data instanceof FilledArray
      ? (data.objects ?? data.numbers)
      : data instanceof PythonList
        ? data.items
        : undefined;
  if (items === undefined) return new PythonObject(type, [content]);
  budget.spendBytes(items.length * 8);
  return listOf(Array.from<PythonValue>(items));
}
