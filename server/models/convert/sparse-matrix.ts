import { PythonObject, PythonTuple, type PythonValue } from '../python/python-values.ts';
import { unfitted } from './refusals.ts';

/** A larger one would not be kept sparse for the coefficients of a model that can be used here. */
const MOST_VALUES = 50_000_000;

/** Whether a value is a matrix of scipy in compressed rows: coefficients after `sparsify()`. */
export function isSparseMatrix(value: PythonValue | undefined): value is PythonObject {
  return value instanceof PythonObject && /^csr_(matrix|array)$/.test(value.type.name);
}

/**
 * A `csr_matrix` with its zeros (scipy: row `r` has the entries `indptr[r] … indptr[r + 1]` of `indices` and `data`).
 * @param title how messages call it
 * @throws AppError `model.not-a-model` when its parts do not fit each other, or it has another number of columns
 */
export function denseMatrix(
  matrix: PythonObject,
  columns: number,
  title: string,
): { readonly values: Float64Array; readonly rows: number; readonly columns: number } {
  const shape = matrix.get('_shape') ?? matrix.get('shape');
  const [rows, width] = shape instanceof PythonTuple ? shape.items : [];
  const starts = numbersOf(matrix.get('indptr'));
  const places = numbersOf(matrix.get('indices'));
  const data = numbersOf(matrix.get('data'));
  if (typeof rows !== 'number' || width !== columns || !starts || !places || !data) {
    throw unfitted(`${title} is no matrix of ${columns} columns`);
  }
  const isSound =
    starts.length === rows + 1 &&
    places.length === data.length &&
    rows * columns <= MOST_VALUES &&
    starts.every((start, row) => start >= (starts[row - 1] ?? 0) && start <= data.length) &&
    places.every(place => Number.isInteger(place) && place >= 0 && place < columns);
  if (!isSound) throw unfitted(`${title} is a damaged sparse matrix`);
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let entry = starts[row] ?? 0; entry < (starts[row + 1] ?? 0); entry++) {
      const at = row * columns + (places[entry] ?? 0);
      values[at] = (values[at] ?? 0) + (data[entry] ?? 0);
    }
  }
  return { values, rows, columns };
}

function numbersOf(value: PythonValue | undefined): Float64Array | undefined {
  const isArray = typeof value === 'object' && value !== null && 'kind' in value;
  return isArray ? value.numbers : undefined;
}
