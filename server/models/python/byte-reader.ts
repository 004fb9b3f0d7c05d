import { damagedPickle } from './damaged-pickle.ts';

/**
 * Walks bytes from front to back. Every read is checked against the bytes that are left, before anything is allocated.
 * @throws AppError `model.not-a-model` from every method when too few bytes are left
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  /** The next `length` bytes as a view, not a copy. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A length of eight bytes; one that no file can have is damage. */
  length64(): number {
    const length = this.#view.getBigUint64(this.#advance(8), true);
    if (length > BigInt(this.left)) throw tooShort(String(length), this.left);
    return Number(length);
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The bytes up to the next line feed, which is consumed and not part of them. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw damagedPickle('it ends inside a line of text');
    const line = this.bytes.subarray(this.position, end);
    this.position = end + 1;
    return line;
  }

  #advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) throw tooShort(String(length), this.left);
    this.position = start + length;
    return start;
  }
}

function tooShort(wanted: string, left: number): Error {
  return damagedPickle(`it needs ${wanted} more bytes where ${left} are left`);
}
