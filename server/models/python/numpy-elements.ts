import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import type { NumpyDtype } from './numpy-dtype.ts';
import { latin1Text } from './text-opcodes.ts';

/**
 * Reads number `count` elements as float64, the first at `offset`, one every `stride` bytes. The caller has checked that they lie inside.
 * @throws AppError `model.rejected` for integers beyond 2^53; times lose their last digits instead, and NaT becomes NaN
 */
export function readNumbers(
  bytes: Uint8Array,
  dtype: NumpyDtype,
  count: number,
  offset = 0,
  stride = dtype.itemsize,
): Float64Array {
  const numbers = new Float64Array(count);
  const read = reader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), dtype);
  for (let index = 0, at = offset; index < count; index++, at += stride) numbers[index] = read(at);
  return numbers;
}

function reader(view: DataView, dtype: NumpyDtype): (at: number) => number {
  const little = dtype.littleEndian;
  switch (`${dtype.kind}${dtype.itemsize}`) {
    case 'f8':
      return at => view.getFloat64(at, little);
    case 'f4':
      return at => view.getFloat32(at, little);
    case 'f2':
      return at => halfFloat(view.getUint16(at, little));
    case 'i8':
      return at => exact(view.getBigInt64(at, little));
    case 'i4':
      return at => view.getInt32(at, little);
    case 'i2':
      return at => view.getInt16(at, little);
    case 'i1':
      return at => view.getInt8(at);
    case 'u8':
      return at => exact(view.getBigUint64(at, little));
    case 'u4':
      return at => view.getUint32(at, little);
    case 'u2':
      return at => view.getUint16(at, little);
    case 'u1':
    case 'b1':
      return at => view.getUint8(at);
    case 'M8':
    case 'm8':
      return at => time(view.getBigInt64(at, little));
    default:
      throw refusedPickle(`This Python file holds numbers of the type "${dtype.kind}${dtype.itemsize}".`);
  }
}

function exact(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw refusedPickle(
    `This Python file holds an array with the integer ${value}, which float64 cannot hold exactly.`,
  );
}

function time(value: bigint): number {
  return value === -(2n ** 63n) ? Number.NaN : Number(value);
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The text of one element of dtype `U` or `S`, without the zeros that fill it up; bytes are read as Latin-1. */
export function readText(bytes: Uint8Array, dtype: NumpyDtype, offset: number): string {
  const element = bytes.subarray(offset, offset + dtype.itemsize);
  if (dtype.kind === 'S') return latin1Text(element).replace(/\0+$/, '');
  const view = new DataView(element.buffer, element.byteOffset, element.byteLength);
  let text = '';
  for (let at = 0; at < element.length; at += 4) {
    const code = view.getUint32(at, dtype.littleEndian);
    if (code > 0x10ffff) throw damagedPickle('a text array holds a character beyond Unicode');
    text += String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, '');
}
