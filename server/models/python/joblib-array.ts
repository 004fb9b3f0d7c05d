import type { ByteReader } from './byte-reader.ts';
import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { FilledArray, readShape } from './numpy-array.ts';
import { readDtype } from './numpy-dtype.ts';
import { PythonClass, type PythonDict, type PythonValue } from './python-values.ts';
import type { ReadBudget } from './read-budget.ts';

const ENTRIES_MAX = 20;

/**
 * Reads an array that joblib wrote into the stream behind its description (`NumpyArrayWrapper`). Since joblib 1.1 one byte says how many bytes of
 * padding follow it; arrays of objects are a pickle of their own.
 * @param readNested reads a pickle from the reader's position on
 * @throws AppError `model.not-a-model` when damaged, `model.rejected` for other classes than numpy.ndarray
 */
export function readJoblibArray(
  description: PythonDict,
  reader: ByteReader,
  budget: ReadBudget,
  readNested: () => PythonValue,
): PythonValue {
  if (description.entries.length > ENTRIES_MAX)
    throw damagedPickle('an array of joblib has a strange description');
  const type = description.get('subclass');
  if (!(type instanceof PythonClass) || type.module !== 'numpy' || type.name !== 'ndarray') {
    throw refusedPickle('This joblib file holds an array of another class than numpy.ndarray.');
  }
  const dtype = readDtype(description.get('dtype'), budget);
  if (dtype.kind === 'O') return readNested();
  const shape = readShape(description.get('shape'));
  const order = description.get('order');
  if (order !== 'C' && order !== 'F') throw damagedPickle('an array of joblib has an unknown order');
  const alignment = description.get('numpy_array_alignment_bytes');
  if (alignment !== undefined && alignment !== null) reader.take(reader.uint8());
  const length = shape.reduce((product, own) => product * own, dtype.itemsize);
  if (!Number.isSafeInteger(length)) throw damagedPickle('an array of joblib has an impossible shape');
  return new FilledArray().fill({ shape, dtype, data: reader.take(length), order }, budget);
}
