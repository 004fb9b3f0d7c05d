/** Ends of the engine within this time count together. */
const WINDOW_MS = 5 * 60_000;
/** After this many, starting once more would only hide the fault. */
const MOST_ENDS = 3;

/** Says when an engine that ends again and again is to be left alone. */
export class RestartLimit {
  readonly #now: () => number;
  #ends: number[] = [];

  /** @param now in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts an unexpected end; whether the engine may be started again by itself. */
  mayRestart(): boolean {
    const now = this.#now();
    this.#ends = [...this.#ends.filter(at => now - at < WINDOW_MS), now];
    return this.#ends.length < MOST_ENDS;
  }

  /** A person starts the engine: what was before does not count. */
  reset(): void {
    this.#ends = [];
  }
}
