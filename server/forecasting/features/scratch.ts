/** Where arrays of working values come from; their contents are whatever was there before. */
export interface Memory {
  floats(length: number): Float64Array;
  integers(length: number): Int32Array;
}

/** New arrays, for values that are kept. */
export const newMemory: Memory = {
  floats: length => new Float64Array(length),
  integers: length => new Int32Array(length),
};

const LEAST_BYTES = 1 << 16;
const ALIGN = 8;

/**
 * Arrays over one buffer that is used again after each `reset`: pool after pool works in the same memory, which then stays in
 * the processor's cache, and nothing is left to collect. Arrays from before a reset must not be used after it.
 */
export class Scratch implements Memory {
  #buffer = new ArrayBuffer(LEAST_BYTES);
  #used = 0;

  reset(): void {
    this.#used = 0;
  }

  floats(length: number): Float64Array {
    const place = this.#take(length * Float64Array.BYTES_PER_ELEMENT);
    return new Float64Array(this.#buffer, place, length);
  }

  integers(length: number): Int32Array {
    const place = this.#take(length * Int32Array.BYTES_PER_ELEMENT);
    return new Int32Array(this.#buffer, place, length);
  }

  /** Place in the buffer; arrays over the former buffer stay valid when a larger one takes its place. */
  #take(bytes: number): number {
    if (this.#used + bytes > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(Math.max(2 * this.#buffer.byteLength, bytes));
      this.#used = 0;
    }
    const place = this.#used;
    this.#used = Math.ceil((place + bytes) / ALIGN) * ALIGN;
    return place;
  }
}
