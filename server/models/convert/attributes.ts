import {
  type NumpyArray,
  PythonDict,
  PythonList,
  PythonObject,
  PythonTuple,
  type PythonValue,
} from '../python/python-values.ts';
import type { ClassName } from './conversion.ts';
import { floatText } from './float-text.ts';
import { classTitle, unfitted } from './refusals.ts';
import { denseMatrix, isSparseMatrix } from './sparse-matrix.ts';

/** An array of numbers with its shape, row after row. */
export interface Matrix {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Whether a value is an array of numpy. */
export function isArray(value: PythonValue | undefined): value is NumpyArray {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'numpy-array';
}

/** A number, also out of a numpy scalar or an array of one; booleans are 0 and 1. */
export function asNumber(value: PythonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return Number(value);
  if (isArray(value) && value.numbers?.length === 1) return value.numbers[0];
  return undefined;
}

/** Numbers out of an array, a list or a single number, whatever the shape. */
export function asNumbers(value: PythonValue | undefined): Float64Array | undefined {
  if (isArray(value) && value.numbers) return value.numbers;
  const items = asItems(value);
  if (items === undefined) {
    const single = asNumber(value);
    return single === undefined ? undefined : Float64Array.of(single);
  }
  const numbers = new Float64Array(items.length);
  for (const [index, item] of items.entries()) {
    const number = asNumber(item);
    if (number === undefined) return undefined;
    numbers[index] = number;
  }
  return numbers;
}

/** The items of a list, a tuple or an array. */
export function asItems(value: PythonValue | undefined): readonly PythonValue[] | undefined {
  if (value instanceof PythonList || value instanceof PythonTuple) return value.items;
  if (isArray(value)) return value.objects ?? (value.numbers ? [...value.numbers] : undefined);
  return undefined;
}

/** A number that must be there. @throws AppError naming the attribute */
export function numberOf(model: PythonObject, name: string): number {
  const number = asNumber(model.get(name));
  if (number === undefined) throw missing(model, name);
  return number;
}

/** A number, or the fallback where the attribute is absent or None. */
export function numberOr(model: PythonObject, name: string, fallback: number): number {
  return asNumber(model.get(name)) ?? fallback;
}

/** A flag, or the fallback where the attribute is absent. */
export function flagOr(model: PythonObject, name: string, fallback: boolean): boolean {
  const value = model.get(name);
  return value === undefined ? fallback : value !== null && value !== false && value !== 0;
}

/** A text; `undefined` for anything else. */
export function textOf(model: PythonObject, name: string): string | undefined {
  const value = model.get(name);
  return typeof value === 'string' ? value : undefined;
}

/**
 * Numbers that must be there.
 * @param length how many; any count when absent
 * @throws AppError naming the attribute
 */
export function vectorOf(model: PythonObject, name: string, length?: number): Float64Array {
  const numbers = asNumbers(model.get(name));
  if (numbers === undefined) throw missing(model, name);
  if (length !== undefined && numbers.length !== length) {
    throw unfitted(`${name} of ${classTitle(model.type)} has ${numbers.length} values instead of ${length}`);
  }
  return numbers;
}

/** A vector, or `undefined` where the attribute is absent or None. */
export function optionalVector(model: PythonObject, name: string, length: number): Float64Array | undefined {
  const value = model.get(name);
  return value === undefined || value === null ? undefined : vectorOf(model, name, length);
}

/** A matrix with the given number of columns; one dimension is one row. @throws AppError naming the attribute */
export function matrixOf(model: PythonObject, name: string, columns: number): Matrix {
  const value = model.get(name);
  if (isSparseMatrix(value)) return denseMatrix(value, columns, `${name} of ${classTitle(model.type)}`);
  if (!isArray(value) || value.numbers === undefined) throw missing(model, name);
  return asMatrix(value, columns, `${name} of ${classTitle(model.type)}`);
}

/** An array as a matrix with the given number of columns. @param title how messages call it */
export function asMatrix(value: PythonValue | undefined, columns: number, title: string): Matrix {
  if (!isArray(value) || value.numbers === undefined) throw unfitted(`${title} is no array of numbers`);
  const [first = 1, second] = value.shape;
  const rows = second === undefined ? 1 : first;
  const width = second ?? first;
  if (value.shape.length > 2 || width !== columns || value.numbers.length !== rows * columns) {
    throw unfitted(`${title} has the shape (${value.shape.join(', ')}); ${columns} columns are expected`);
  }
  return { values: value.numbers, rows, columns };
}

/** The items of a list that must be there. @throws AppError naming the attribute */
export function itemsOf(model: PythonObject, name: string): readonly PythonValue[] {
  const items = asItems(model.get(name));
  if (items === undefined) throw missing(model, name);
  return items;
}

/** An object that must be there. @throws AppError naming the attribute */
export function objectOf(model: PythonObject, name: string): PythonObject {
  const value = model.get(name);
  if (!(value instanceof PythonObject)) throw missing(model, name);
  return value;
}

/** A dict that must be there. @throws AppError naming the attribute */
export function dictOf(model: PythonObject, name: string): PythonDict {
  const value = model.get(name);
  if (!(value instanceof PythonDict)) throw missing(model, name);
  return value;
}

/** Names of classes, in the order of the probabilities. @throws AppError when there are none, or several targets */
export function classesOf(model: PythonObject): ClassName[] {
  const encoders = ['_label_binarizer', '_label_encoder', 'le_'].map(name => model.get(name));
  const encoder = encoders.find(
    value => value instanceof PythonObject && value.get('classes_') !== undefined,
  );
  const own =
    model.get('classes_') ?? (encoder instanceof PythonObject ? encoder.get('classes_') : undefined);
  const items = asItems(own);
  if (items === undefined) throw missing(model, 'classes_');
  const isFlags = isArray(own) && own.dtype === 'b1';
  const isFloats = isArray(own) && own.dtype.startsWith('f');
  return items.map(item => {
    if (isFlags) return item === 1 ? 'True' : 'False';
    if (typeof item === 'number') return isFloats ? floatText(item) : item;
    if (typeof item === 'string') return item;
    if (typeof item === 'boolean') return item ? 'True' : 'False';
    throw unfitted(
      `The classes of ${classTitle(model.type)} are neither texts nor numbers, or there are several targets`,
    );
  });
}

/** The error for an attribute that a trained model has. */
export function missing(model: PythonObject, name: string): Error {
  return unfitted(
    `${classTitle(model.type)} has no usable ${name}: it was not trained, or the file is damaged`,
  );
}
