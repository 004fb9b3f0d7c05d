import { FilledArray } from './numpy-array.ts';
import {
  PythonDict,
  PythonList,
  PythonObject,
  PythonSet,
  PythonTuple,
  type PythonValue,
} from './python-values.ts';

/** A value that holds other values. */
export type PythonContainer = PythonList | PythonTuple | PythonDict | PythonSet | PythonObject | FilledArray;

/** Whether a value can hold others; numbers, texts, bytes, classes and arrays of numbers cannot. */
export function isContainer(value: PythonValue | undefined): value is PythonContainer {
  return (
    value instanceof PythonObject ||
    value instanceof PythonDict ||
    value instanceof PythonList ||
    value instanceof PythonTuple ||
    value instanceof PythonSet ||
    (value instanceof FilledArray && value.objects !== undefined)
  );
}

/** The values directly inside, in the order of the file; dict keys too. */
export function childrenOf(value: PythonContainer): readonly PythonValue[] {
  if (value instanceof PythonDict) return value.entries.flat();
  if (value instanceof FilledArray) return value.objects ?? [];
  if (!(value instanceof PythonObject)) return value.items;
  const own = [value.state, value.mapping, value.sequence].filter(part => part !== undefined);
  return [...value.args, ...own];
}
