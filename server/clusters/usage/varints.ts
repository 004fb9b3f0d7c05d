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
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++];
    let value = 0;
    // Four bytes of seven bits are a small whole number, with which shifts are quicker than products are.
    for (let shift = 0; shift < 28; shift += 7) {
      if (byte === undefined) throw new Error('a usage record ends too early');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#at = at;
        return value;
      }
      byte = bytes[at++];
    }
    for (let unit = 2 ** 28; ; unit *= 0x80) {
      if (byte === undefined) throw new Error('a usage record ends too early');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        this.#at = at;
        return value;
      }
      byte = bytes[at++];
    }
  }

  /**
   * Adds the next numbers to those of an array, one after the other from a place on, all within it; returns their sum. What `take`
   * does, in one go: adding up sketches is hardly anything else, and nearly all counts have one byte or two.
   */
  addTo(sums: Float64Array, first: number, length: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    // Small whole numbers add up in a third of the time that floating ones take.
    let ofSmall = 0;
    let ofLarge = 0;
    for (let key = first; key < first + length; key++) {
      const byte = bytes[at] as number;
      const next = byte < 0x80 ? 0 : (bytes[at + 1] as number);
      // Neither is so past the end.
      if (byte < 0x80) {
        sums[key] = (sums[key] as number) + byte;
        ofSmall += byte;
        at++;
      } else if (next < 0x80) {
        const value = (byte & 0x7f) | (next << 7);
        sums[key] = (sums[key] as number) + value;
        ofSmall += value;
        at += 2;
      } else {
        this.#at = at;
        const value = this.take();
        at = this.#at;
        sums[key] = (sums[key] as number) + value;
        ofLarge += value;
      }
    }
    this.#at = at;
    return ofSmall + ofLarge;
  }
}
