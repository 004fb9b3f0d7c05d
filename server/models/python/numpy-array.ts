import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { type DtypeField, type NumpyDtype, readDtype } from './numpy-dtype.ts';
import { readNumbers, readText } from './numpy-elements.ts';
import {
  type NumpyArray,
  type NumpyField,
  PythonList,
  PythonTuple,
  type PythonValue,
} from './python-values.ts';
import type { ReadBudget } from './read-budget.ts';
import { latin1Bytes } from './text-bytes.ts';

const DIMENSIONS_MAX = 64;

/** Where the elements of an array are found. */
export interface ArrayContent {
  readonly shape: readonly number[];
  readonly dtype: NumpyDtype;
  /** Bytes of exactly all elements, or the objects in C order. */
  readonly data: Uint8Array | readonly PythonValue[];
  /** The order of the bytes in the file; `axes` is a permutation that is applied to an array in C order. */
  readonly order: 'C' | 'F' | { readonly axes: readonly number[] };
}

/**
 * An array while and after it is read: numpy's pickles make it empty first and fill it later.
 * @see NumpyArray
 */
export class FilledArray implements NumpyArray {
  readonly kind = 'numpy-array';
  shape: readonly number[] = [0];
  dtype = 'f8';
  numbers: Float64Array | undefined = new Float64Array(0);
  objects: readonly PythonValue[] | undefined;
  fields: readonly NumpyField[] | undefined;
  #records:
    | { readonly bytes: Uint8Array; readonly size: number; readonly fields: readonly DtypeField[] }
    | undefined;

  column(name: string): Float64Array | undefined {
    const field = this.#records?.fields.find(own => own.name === name);
    if (this.#records === undefined || field === undefined) return undefined;
    const { bytes, size } = this.#records;
    return readNumbers(bytes, field.dtype, bytes.length / size, field.offset, size);
  }

  /**
   * Decodes the elements into C order. Lengths are checked before anything is allocated.
   * @throws AppError `model.not-a-model` when the data has not exactly the length that shape and dtype demand
   */
  fill(content: ArrayContent, budget: ReadBudget): this {
    const { shape, dtype, data, order } = content;
    const count = shape.reduce((product, length) => product * length, 1);
    this.shape = typeof order === 'object' ? order.axes.map(axis => shape[axis] ?? 0) : shape;
    this.dtype =
      dtype.kind === 'O' || dtype.kind === 'U' || dtype.kind === 'S' || dtype.kind === 'V'
        ? dtype.kind
        : `${dtype.kind}${dtype.itemsize}`;
    this.numbers = undefined;
    if (!(data instanceof Uint8Array)) {
      if (dtype.kind !== 'O' || data.length !== count) throw wrongLength(count, data.length);
      budget.spendBytes(count * 8);
      this.objects = [...data];
      return this;
    }
    if (dtype.kind === 'O' || count * dtype.itemsize !== data.length) {
      throw wrongLength(count * dtype.itemsize, data.length);
    }
    if (dtype.kind === 'V') {
      if (order !== 'C' && shape.length > 1) {
        throw refusedPickle('This Python file holds a structured array in Fortran order.');
      }
      this.#records = { bytes: data, size: dtype.itemsize, fields: dtype.fields ?? [] };
      this.fields = this.#records.fields.map(({ name, offset, dtype: own }) => ({
        name,
        type: `${own.kind}${own.itemsize}`,
        offset,
      }));
      return this;
    }
    const isText = dtype.kind === 'U' || dtype.kind === 'S';
    budget.spendBytes(count * (isText ? dtype.itemsize + 32 : 8));
    if (isText) {
      const texts = Array.from({ length: count }, (_, index) =>
        readText(data, dtype, index * dtype.itemsize),
      );
      this.objects = Array.from(inRowOrder(texts, shape, order, budget));
    } else {
      const numbers = readNumbers(data, dtype, count);
      const ordered = inRowOrder(numbers, shape, order, budget);
      this.numbers = ordered === numbers ? numbers : Float64Array.from(ordered);
    }
    return this;
  }
}

/**
 * The state that BUILD gives an array: `(version, shape, dtype, is Fortran, data)`, without version in old files.
 * @throws AppError `model.not-a-model`
 */
export function arrayState(state: PythonValue, budget: ReadBudget): ArrayContent {
  const items = state instanceof PythonTuple ? state.items : [];
  const [shape, dtype, fortran, data] = items.length === 5 ? items.slice(1) : items;
  if (items.length < 4 || items.length > 5) throw damagedPickle('an array lacks its state');
  return {
    shape: readShape(shape),
    dtype: readDtype(dtype, budget),
    data: data instanceof PythonList ? data.items : dataBytes(data, budget),
    // The objects of an array in Fortran order are written in C order all the same.
    order: fortran === true || fortran === 1 ? 'F' : 'C',
  };
}

/** A tuple of lengths. @throws AppError `model.not-a-model` for negative, fractional or too many lengths */
export function readShape(value: PythonValue | undefined): number[] {
  const lengths =
    value instanceof PythonTuple ? value.items : typeof value === 'number' ? [value] : undefined;
  if (lengths === undefined || lengths.length > DIMENSIONS_MAX)
    throw damagedPickle('an array lacks its shape');
  return lengths.map(length => {
    if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) return length;
    throw damagedPickle(
      `an array has the length ${typeof length === 'object' ? 'of an object' : String(length)}`,
    );
  });
}

/** Bytes, or the text of one character per byte that Python 2 wrote. @throws AppError `model.not-a-model` */
export function dataBytes(value: PythonValue | undefined, budget: ReadBudget): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') {
    budget.spendBytes(value.length);
    return latin1Bytes(value);
  }
  throw damagedPickle('an array lacks its data');
}

function wrongLength(wanted: number, found: number): Error {
  return damagedPickle(`an array needs ${wanted} bytes or objects by its shape and dtype, and has ${found}`);
}

function inRowOrder<T>(
  flat: ArrayLike<T>,
  shape: readonly number[],
  order: ArrayContent['order'],
  budget: ReadBudget,
): ArrayLike<T> {
  if (order === 'C' || shape.length < 2) return flat;
  budget.spendBytes(flat.length * 16);
  const all = typeof order === 'object' ? order.axes : shape.map((_, axis) => axis);
  // Axes of length 1 move nothing, and would be walked for every element.
  const axes = all.filter(axis => shape[axis] !== 1);
  const strides = order === 'F' ? columnStrides(shape) : rowStrides(shape);
  const lengths = axes.map(axis => shape[axis] ?? 0);
  const steps = axes.map(axis => strides[axis] ?? 0);
  const position = new Array<number>(lengths.length).fill(0);
  const ordered: T[] = [];
  let from = 0;
  for (let index = 0; index < flat.length; index++) {
    ordered.push(flat[from] as T);
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      from += steps[axis] ?? 0;
      position[axis] = next;
      if (next < (lengths[axis] ?? 0)) break;
      from -= next * (steps[axis] ?? 0);
      position[axis] = 0;
    }
  }
  return ordered;
}

function columnStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map(length => {
    const own = stride;
    stride *= length;
    return own;
  });
}

function rowStrides(shape: readonly number[]): number[] {
  return columnStrides(shape.toReversed()).reverse();
}
