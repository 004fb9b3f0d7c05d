const encoder = new TextEncoder();

/**
 * Writes the fields of one protobuf message. A message inside another keeps its own pieces, so that large arrays are
 * copied only once, by `toBytes`. Wire format: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtoWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** A whole number within ±2^53, as int64 or enum. */
  int(field: number, value: number): this {
    const bytes: number[] = [];
    pushVarint(bytes, field * 8);
    pushVarint(bytes, value);
    return this.#append(Uint8Array.from(bytes));
  }

  /** A 32-bit floating-point number. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#tag(field, 5).#append(bytes);
  }

  /** Whole numbers, packed. */
  ints(field: number, values: ArrayLike<number>): this {
    const bytes: number[] = [];
    const packed = new ProtoWriter();
    for (let index = 0; index < values.length; index++) {
      pushVarint(bytes, values[index] ?? 0);
      if (bytes.length >= 4_096) packed.#append(Uint8Array.from(bytes.splice(0)));
    }
    packed.#append(Uint8Array.from(bytes));
    return this.message(field, packed);
  }

  /** 32-bit floating-point numbers, packed. */
  floats(field: number, values: ArrayLike<number>): this {
    return this.bytes(field, littleEndian(Float32Array.from(values)));
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, 2).#size(value.length).#append(value);
  }

  /** A finished message inside this one. */
  message(field: number, inner: ProtoWriter): this {
    this.#tag(field, 2).#size(inner.#length);
    for (const piece of inner.#pieces) this.#append(piece);
    return this;
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  #tag(field: number, wire: number): this {
    return this.#size(field * 8 + wire);
  }

  #size(value: number): this {
    const bytes: number[] = [];
    pushVarint(bytes, value);
    return this.#append(Uint8Array.from(bytes));
  }

  #append(piece: Uint8Array): this {
    if (piece.length === 0) return this;
    this.#pieces.push(piece);
    this.#length += piece.length;
    return this;
  }
}

/** The bytes of a typed array, lowest byte first whatever the machine. */
export function littleEndian(values: Float64Array | Float32Array | Int32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += values.BYTES_PER_ELEMENT) {
    swapped.subarray(at, at + values.BYTES_PER_ELEMENT).reverse();
  }
  return swapped;
}

function pushVarint(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number within 2^53`);
  if (value < 0) {
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      if (rest < 0x80n) {
        bytes.push(Number(rest));
        return;
      }
      bytes.push(Number(rest & 0x7fn) | 0x80);
    }
  }
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
