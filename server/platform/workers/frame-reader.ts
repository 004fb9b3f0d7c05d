/** Cuts a stream of bytes into the pieces that are expected next, whatever the chunks that they come in. */
export class FrameReader {
  #piece: Uint8Array | undefined;
  #filled = 0;
  #then: () => void = () => undefined;

  /** Fills `piece` with what comes next, then calls `then`, which may expect another piece. */
  expect(piece: Uint8Array, then: () => void): void {
    this.#piece = piece;
    this.#filled = 0;
    this.#then = then;
    this.#advance();
  }

  /** Takes a chunk, which is not kept. @returns whether all of it was expected; what follows the first surplus is dropped */
  take(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      const piece = this.#piece;
      if (!piece) return false;
      const size = Math.min(piece.length - this.#filled, chunk.length - at);
      piece.set(size === chunk.length ? chunk : chunk.subarray(at, at + size), this.#filled);
      this.#filled += size;
      at += size;
      this.#advance();
    }
    return true;
  }

  #advance(): void {
    if (this.#filled !== this.#piece?.length) return;
    this.#piece = undefined;
    this.#then();
  }
}
