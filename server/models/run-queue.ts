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
 * One run at a time. What is asked for in one turn of the event loop, or while a run is under way, gathers and travels as
 * one run; nothing waits for others that may come. Rows stay independent: when a gathered run fails, each request of it is run by itself.
 */
export class RunQueue {
  readonly #columns: number;
  readonly #mostRows: number;
  readonly #run: (rows: Float64Array) => Promise<RunResult>;
  readonly #waiting: Waiting[] = [];
  #isWorking = false;

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
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (;;) {
      // Requests that lie in sockets already are read before this; an idle event loop goes on at once.
      await new Promise(resolve => setImmediate(resolve));
      const batch = this.#take();
      if (batch.length === 0) break;
      const result = await this.#run(this.#gathered(batch));
      const [only] = batch;
      if (batch.length === 1 && only) only.settle(result);
      else if (result.kind === 'answer') this.#share(batch, result.outputs);
      else if (!result.isOfRows) for (const { settle } of batch) settle(result);
      else this.#waiting.unshift(...batch.map(waiting => ({ ...waiting, isAlone: true })));
    }
    this.#isWorking = false;
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
