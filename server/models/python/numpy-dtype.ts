import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { PythonDict, PythonObject, PythonTuple, type PythonValue } from './python-values.ts';
import type { ReadBudget } from './read-budget.ts';

/** How the elements of an array lie in their bytes. */
export interface NumpyDtype {
  /** `f i u b`: numbers, `M m`: times as numbers, `U S`: text, `O`: objects, `V`: a structure. */
  readonly kind: 'f' | 'i' | 'u' | 'b' | 'M' | 'm' | 'U' | 'S' | 'O' | 'V';
  /** Bytes per element; 0 for objects. */
  readonly itemsize: number;
  readonly littleEndian: boolean;
  /** Of a structure. */
  readonly fields: readonly DtypeField[] | undefined;
}

/** A column of a structure; `offset` in bytes from the start of the element. */
export interface DtypeField {
  readonly name: string;
  readonly dtype: NumpyDtype;
  readonly offset: number;
}

const sizes: Readonly<Record<string, readonly number[]>> = {
  f: [2, 4, 8],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  b: [1],
  M: [8],
  m: [8],
};
const FIELDS_MAX = 1_000;
const ITEMSIZE_MAX = 2 ** 20;

/**
 * Reads the record of a `numpy.dtype`: its arguments `('f8', False, True)` and its state
 * `(version, byte order, subdtype, names, fields, itemsize, alignment, flags)`.
 * @param budget pays for the fields, which a small file may name again for every array
 * @throws AppError `model.not-a-model` when damaged, `model.rejected` for complex numbers, long doubles and structures in structures
 */
export function readDtype(value: PythonValue | undefined, budget: ReadBudget): NumpyDtype {
  return dtypeOf(value, budget);
}

/** @param budget absent inside of a structure, which may hold no other */
function dtypeOf(value: PythonValue | undefined, budget: ReadBudget | undefined): NumpyDtype {
  if (!(value instanceof PythonObject) || value.type.module !== 'numpy' || value.type.name !== 'dtype') {
    throw damagedPickle('an array lacks its dtype');
  }
  const [text] = value.args;
  const parts = typeof text === 'string' ? /^([<>|=]?)([a-zA-Z])(\d*)(?:\[\w+\])?$/.exec(text) : null;
  const [, prefix = '', kind = '', digits = ''] = parts ?? [];
  const state = value.state instanceof PythonTuple ? value.state.items : [];
  const order = typeof state[1] === 'string' ? state[1] : prefix;
  const littleEndian = order !== '>';
  const size = Number(digits);
  if (state[2] !== undefined && state[2] !== null) throw refusedDtype(text);
  const simple = { littleEndian, fields: undefined };
  if (kind === 'O') return { ...simple, kind, itemsize: 0 };
  if (kind === 'S' && size <= ITEMSIZE_MAX) return { ...simple, kind, itemsize: size };
  if (kind === 'U' && size <= ITEMSIZE_MAX) return { ...simple, kind, itemsize: size * 4 };
  if (kind === 'V' && size <= ITEMSIZE_MAX && budget !== undefined) {
    return structure(state, size, budget);
  }
  if (kind === 'f' || kind === 'i' || kind === 'u' || kind === 'b' || kind === 'M' || kind === 'm') {
    if (sizes[kind]?.includes(size)) return { ...simple, kind, itemsize: size };
  }
  throw refusedDtype(text);
}

function structure(state: readonly PythonValue[], size: number, budget: ReadBudget): NumpyDtype {
  const [, , , names, byName, itemsize] = state;
  if (!(names instanceof PythonTuple) || !(byName instanceof PythonDict) || itemsize !== size || size === 0) {
    throw damagedPickle('a structured dtype lacks its fields');
  }
  const count = names.items.length;
  if (count > FIELDS_MAX || byName.entries.length !== count)
    throw damagedPickle('a structured dtype has too many fields');
  budget.spendOperations(count * count);
  const fields = names.items.map(name => {
    const field = typeof name === 'string' ? byName.get(name) : undefined;
    if (typeof name !== 'string' || !(field instanceof PythonTuple)) {
      throw damagedPickle('a structured dtype lacks a field');
    }
    const dtype = dtypeOf(field.items[0], undefined);
    const offset = field.items[1];
    const inside = typeof offset === 'number' && offset >= 0 && offset + dtype.itemsize <= size;
    if (!inside || !Number.isInteger(offset) || dtype.kind === 'O') {
      throw damagedPickle(`the field "${name.slice(0, 40)}" lies outside of its element`);
    }
    return { name, dtype, offset };
  });
  return { kind: 'V', itemsize: size, littleEndian: true, fields };
}

function refusedDtype(text: PythonValue | undefined): Error {
  const name = typeof text === 'string' ? text.slice(0, 40) : 'unknown';
  return refusedPickle(
    `This Python file holds an array of the dtype "${name}", which is not supported.`,
    'Train with float64, float32, integer, boolean or text columns.',
  );
}
