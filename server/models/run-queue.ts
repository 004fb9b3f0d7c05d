import type { Outputs } from '../platform/index.ts';

/** What became of some rows. */
export type RunResult =
  | { readonly kind: 'answer'; readonly outputs: Outputs }
  /** `isOfRows`: the rows themselves may be why, so that fewer of them may still succeed. */
  | { readonly kind: 'failed'; readonly error: Error; readonly isOfRows: boolean };

interface Waiting {
  readonly rows: Float64Array;
  readonly settle: (result: RunResult) => void;
  /** Was in a run that failed, and so goes by itself. */
  isAlone: boolean;
}

/**
 * One run at a time. What is asked for while a run is under way gathers and travels as the next one; nothing waits for
 * others that may come. Rows stay independent: when a gathered run fails, each request of it is run by itself.
 */
export class RunQueue {
  readonly #columns: number;
  readonly #mostRows: number;
  readonly #run: (rows: Float64Array) => Promise<RunResult>;
  readonly #waiting: Waiting[] = [];
  #isBusy = false;
  /** Whether the last run carried several requests, so that others may lie in sockets already. */
  #areMany = false;

  /**
   * @param options.columns values of one row
   * @param options.mostRows that travel as one run, unless one request alone has more
   * @param options.run may not reject
   */
  constructor(options: {
    columns: number;
    mostRows: number;
    run: (rows: Float64Array) => Promise<RunResult>;
  }) {
    this.#columns = options.columns;
    this.#mostRows = options.mostRows;
    this.#run = options.run;
  }

  /** Runs at least one row; `rows` may not change before the result. */
  add(rows: Float64Array): Promise<RunResult> {
    return new Promise(settle => {
      this.#waiting.push({ rows, settle, isAlone: false });
      if (!this.#isBusy) this.#goOn();
    });
  }

  /**
   * Begins the next run: among many requests after those that lie in sockets have been read, else at once, but for what is
   * asked in the same breath.
   */
  #goOn(): void {
    this.#isBusy = this.#waiting.length > 0;
    if (!this.#isBusy) return;
    if (this.#areMany) setImmediate(() => this.#begin());
    else queueMicrotask(() => this.#begin());
  }

  #begin(): void {
    const batch = this.#take();
    this.#areMany = batch.length > 1;
    void this.#run(this.#gathered(batch)).then(result => {
      this.#settle(batch, result);
      this.#goOn();
    });
  }

  #settle(batch: readonly Waiting[], result: RunResult): void {
    const [only] = batch;
    if (batch.length === 1 && only) only.settle(result);
    else if (result.kind === 'answer') this.#share(batch, result.outputs);
    else if (!result.isOfRows) for (const { settle } of batch) settle(result);
    else this.#waiting.unshift(...batch.map(waiting => ({ ...waiting, isAlone: true })));
  }

  /** The requests of the next run, in the order in which they came. */
  #take(): Waiting[] {
    const most = this.#mostRows * this.#columns;
    let values = this.#waiting[0]?.rows.length ?? 0;
    let count = 1;
    for (; count < this.#waiting.length && !this.#waiting[0]?.isAlone; count++) {
      values += this.#waiting[count]?.rows.length ?? 0;
      if (values > most) break;
    }
    return this.#waiting.splice(0, count);
  }

  #gathered(batch: readonly Waiting[]): Float64Array {
    const [first] = batch;
    if (batch.length === 1 && first) return first.rows;
    const all = new Float64Array(batch.reduce((sum, { rows }) => sum + rows.length, 0));
    let at = 0;
    for (const { rows } of batch) {
      all.set(rows, at);
      at += rows.length;
    }
    return all;
  }

  #share(batch: readonly Waiting[], outputs: Outputs): void {
    const counts = batch.map(({ rows }) => rows.length / this.#columns);
    const total = counts.reduce((sum, count) => sum + count, 0);
    let from = 0;
    for (const [index, { settle }] of batch.entries()) {
      const to = from + (counts[index] ?? 0);
      const own = outputs.map(output => {
        const width = output.length / total;
        return output.slice(from * width, to * width);
      });
      settle({ kind: 'answer', outputs: own });
      from = to;
    }
  }
}
