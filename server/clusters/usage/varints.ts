/** Appends whole numbers from 0 below 2⁵³ as varints: seven bits a byte, the low ones first (as Protocol Buffers do). */
export class ByteWriter {
  #bytes = new Uint8Array(512);
  #length = 0;

  put(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A copy of what was written. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what `ByteWriter` wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where the next number is read. */
  get at(): number {
    return this.#at;
  }

  /** Goes to a place among the bytes. */
  goTo(at: number): void {
    this.#at = at;
  }

  /** @throws Error past the end: the bytes are damaged */
  take(): number {
    let byte = this.#bytes[this.#at++];
    if (byte !== undefined && byte < 0x80) return byte;
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      if (byte === undefined) throw new Error('a usage record ends too early');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      byte = this.#bytes[this.#at++];
    }
  }

  /**
   * Adds the next numbers to those of an array, one after the other from a place on; returns their sum. What `take` does, in one go:
   * adding up sketches is hardly anything else.
   */
  addTo(sums: Float64Array, first: number, length: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let total = 0;
    for (let key = first; key < first + length; key++) {
      const byte = bytes[at];
      let value: number;
      if (byte !== undefined && byte < 0x80) {
        value = byte;
        at++;
      } else {
        this.#at = at;
        value = this.take();
        at = this.#at;
      }
      sums[key] = (sums[key] ?? 0) + value;
      total += value;
    }
    this.#at = at;
    return total;
  }
}
