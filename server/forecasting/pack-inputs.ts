import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { AppError } from '../../common/errors.ts';

/** What a model was given in one call, and what it put out. */
export interface ModelInputs {
  readonly columns: number;
  /** Row after row: `rows × columns`. */
  readonly table: Float64Array;
  /** Row after row what the model gave: as many values for each as its manifest names outputs, else the first one. */
  readonly output: Float64Array;
}

/** Values that a row of outputs has. */
export function outputWidth({ columns, table, output }: ModelInputs): number {
  return table.length === 0 ? 1 : (output.length * columns) / table.length;
}

/** SHA-256 of the input table: its columns as a little-endian 32-bit number, then every value as float64, little-endian. */
export function dataHashOf({ columns, table }: Pick<ModelInputs, 'columns' | 'table'>): string {
  const bytes = new DataView(new ArrayBuffer(4 + table.length * BYTES));
  bytes.setUint32(0, columns, true);
  for (let index = 0; index < table.length; index++)
    bytes.setFloat64(4 + index * BYTES, table[index] ?? 0, true);
  return createHash('sha256').update(bytes).digest('hex');
}

const BYTES = Float64Array.BYTES_PER_ELEMENT;
/** `rows` and `columns` as little-endian 32-bit numbers. */
const HEADER_BYTES = 8;

/**
 * Packs inputs and outputs so that every bit comes back. Values stand column after column, the outputs last, and of all values
 * of a column first the lowest byte, then the next, up to sign and exponent: those are alike, and deflate finds that.
 */
export function packInputs(inputs: ModelInputs): Uint8Array {
  const { columns, table, output } = inputs;
  const rows = table.length / columns;
  const width = outputWidth(inputs);
  const packed = new Uint8Array(HEADER_BYTES + rows * (columns + width) * BYTES);
  const view = new DataView(new ArrayBuffer(BYTES));
  const header = new DataView(packed.buffer);
  header.setUint32(0, rows, true);
  header.setUint32(4, columns, true);
  for (let column = 0; column < columns + width; column++) {
    const start = HEADER_BYTES + column * rows * BYTES;
    for (let row = 0; row < rows; row++) {
      const value = column < columns ? table[row * columns + column] : output[row * width + column - columns];
      view.setFloat64(0, value ?? Number.NaN, true);
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
  // What is more than the columns are outputs.
  const values = (packed.length - HEADER_BYTES) / BYTES;
  const width = rows === 0 ? 1 - values : values / rows - columns;
  if (!Number.isInteger(width) || width < 1) {
    throw damaged(`${packed.length} bytes for ${rows} rows of ${columns} values`);
  }
  const table = new Float64Array(rows * columns);
  const output = new Float64Array(rows * width);
  const view = new DataView(new ArrayBuffer(BYTES));
  for (let column = 0; column < columns + width; column++) {
    const start = HEADER_BYTES + column * rows * BYTES;
    for (let row = 0; row < rows; row++) {
      for (let byte = 0; byte < BYTES; byte++) view.setUint8(byte, packed[start + byte * rows + row] ?? 0);
      if (column < columns) table[row * columns + column] = view.getFloat64(0, true);
      else output[row * width + column - columns] = view.getFloat64(0, true);
    }
  }
  return { columns, table, output };
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError('storage.damaged', `The kept inputs of a prediction are ${what}.`, { cause });
}
