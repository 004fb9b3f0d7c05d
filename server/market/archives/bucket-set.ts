const BITS = 32;

/** A growing set of whole numbers that lie near each other: a bit for each between the first and the last. */
export class BucketSet {
  #base = 0;
  #words = new Uint32Array(0);

  /** Bits that it takes to hold a further number. */
  get capacity(): number {
    return this.#words.length * BITS;
  }

  add(bucket: number): void {
    const word = Math.floor(bucket / BITS) - this.#base;
    if (word < 0 || word >= this.#words.length) {
      this.#grow(Math.floor(bucket / BITS));
      this.add(bucket);
      return;
    }
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (bucket & (BITS - 1)));
  }

  /** In order. */
  *values(): Generator<number> {
    for (const [index, word] of this.#words.entries()) {
      if (word === 0) continue;
      for (let bit = 0; bit < BITS; bit++) if (word & (1 << bit)) yield (this.#base + index) * BITS + bit;
    }
  }

  #grow(word: number): void {
    if (this.#words.length === 0) {
      this.#base = word;
      this.#words = new Uint32Array(4);
      return;
    }
    const end = this.#base + this.#words.length;
    const spare = Math.ceil(this.#words.length / 2);
    const from = word < this.#base ? Math.min(word, this.#base - spare) : this.#base;
    const to = word >= end ? Math.max(word + 1, end + spare) : end;
    const words = new Uint32Array(to - from);
    words.set(this.#words, this.#base - from);
    [this.#base, this.#words] = [from, words];
  }
}
