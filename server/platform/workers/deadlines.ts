/** Something that has to happen before its deadline. */
export interface Deadline {
  readonly dueAtMs: number;
  readonly onMissed: () => void;
}

/**
 * Deadlines behind one timer. A timer of its own for each run would take a tenth of the time of a short one; this one goes
 * off later, looks who is late and waits on for the others.
 */
export class Deadlines {
  readonly #pending = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;
  #goesOffAtMs = 0;

  /** Calls `onMissed` once, unless the deadline is met before. */
  set(delayMs: number, onMissed: () => void): Deadline {
    const deadline = { dueAtMs: performance.now() + delayMs, onMissed };
    this.#pending.add(deadline);
    if (!this.#timer || deadline.dueAtMs < this.#goesOffAtMs) this.#arm(deadline.dueAtMs);
    return deadline;
  }

  meet(deadline: Deadline): void {
    this.#pending.delete(deadline);
  }

  /** Nothing is missed any more, and nothing keeps the process from its end. */
  clear(): void {
    this.#pending.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(atMs: number): void {
    clearTimeout(this.#timer);
    this.#goesOffAtMs = atMs;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(atMs - performance.now())));
  }

  #look(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const deadline of [...this.#pending]) {
      if (deadline.dueAtMs <= nowMs && this.#pending.delete(deadline)) deadline.onMissed();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#pending) next = Math.min(next, dueAtMs);
    if (this.#pending.size > 0) this.#arm(next);
  }
}
