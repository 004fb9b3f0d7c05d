import { deflateSync, inflateSync } from 'node:zlib';
import { AppError } from '../../common/errors.ts';

/** What a model was given in one call, and what its first output was. */
export interface ModelInputs {
  readonly columns: number;
  /** Row after row: `rows × columns`. */
  readonly table: Float64Array;
  /** The first output for each row, as the model gave it. */
  readonly output: Float64Array;
}

const BYTES = Float64Array.BYTES_PER_ELEMENT;
/** `rows` and `columns` as little-endian 32-bit numbers. */
const HEADER_BYTES = 8;

/**
 * Packs inputs and output so that every bit comes back. Values stand column after column, the output last, and of all values
 * of a column first the lowest byte, then the next, up to sign and exponent: those are alike, and deflate finds that.
 */
export function packInputs({ columns, table, output }: ModelInputs): Uint8Array {
  const rows = output.length;
  const packed = new Uint8Array(HEADER_BYTES + rows * (columns + 1) * BYTES);
  const view = new DataView(new ArrayBuffer(BYTES));
  const header = new DataView(packed.buffer);
  header.setUint32(0, rows, true);
  header.setUint32(4, columns, true);
  for (let column = 0; column <= columns; column++) {
    const start = HEADER_BYTES + column * rows * BYTES;
    for (let row = 0; row < rows; row++) {
      view.setFloat64(
        0,
        (column === columns ? output[row] : table[row * columns + column]) ?? Number.NaN,
        true,
      );
      for (let byte = 0; byte < BYTES; byte++) packed[start + byte * rows + row] = view.getUint8(byte);
    }
  }
  return deflateSync(packed);
}

/** What was packed. @throws AppError `storage.damaged` when the bytes are not what `packInputs` gives. */
export function unpackInputs(bytes: Uint8Array): ModelInputs {
  let packed: Uint8Array;
  try {
    packed = inflateSync(bytes);
  } catch (error) {
    throw damaged(`${bytes.length} bytes that cannot be unpacked`, error);
  }
  if (packed.length < HEADER_BYTES) throw damaged(`${packed.length} bytes`);
  const header = new DataView(packed.buffer, packed.byteOffset);
  const rows = header.getUint32(0, true);
  const columns = header.getUint32(4, true);
  if (packed.length !== HEADER_BYTES + rows * (columns + 1) * BYTES) {
    throw damaged(`${packed.length} bytes for ${rows} rows of ${columns} values`);
  }
  const table = new Float64Array(rows * columns);
  const output = new Float64Array(rows);
  const view = new DataView(new ArrayBuffer(BYTES));
  for (let column = 0; column <= columns; column++) {
    const start = HEADER_BYTES + column * rows * BYTES;
    for (let row = 0; row < rows; row++) {
      for (let byte = 0; byte < BYTES; byte++) view.setUint8(byte, packed[start + byte * rows + row] ?? 0);
      if (column === columns) output[row] = view.getFloat64(0, true);
      else table[row * columns + column] = view.getFloat64(0, true);
    }
  }
  return { columns, table, output };
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError('storage.damaged', `The kept inputs of a prediction are ${what}.`, { cause });
}
