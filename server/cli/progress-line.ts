/** Where standard error is no terminal, a line now and then is enough. */
const QUIET_EVERY_MS = 2_000;
const EVERY_MS = 100;

/** One line on standard error that says how far something is. */
export class ProgressLine {
  readonly #isTerminal = process.stderr.isTTY;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #isOpen = false;

  show(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownAtMs < (this.#isTerminal ? EVERY_MS : QUIET_EVERY_MS)) return;
    this.#shownAtMs = nowMs;
    this.#isOpen = this.#isTerminal;
    process.stderr.write(this.#isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** Clears it, so that what follows begins on a line of its own. */
  end(): void {
    if (this.#isOpen) process.stderr.write('\r\x1b[K');
    this.#isOpen = false;
  }
}
