import { refusedPickle } from './damaged-pickle.ts';
import type { PythonDict, PythonValue } from './python-values.ts';

/**
 * Adds an entry of a dict.
 * @throws AppError `model.rejected` for the key `__proto__`: no library writes it, and it only aims at readers in JavaScript
 */
export function addEntry(dict: PythonDict, key: PythonValue, value: PythonValue): void {
  if (key === '__proto__') throw refusedPickle('This Python file holds the key "__proto__".');
  dict.entries.push([key, value]);
}
