import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { RunOutput, SharedRows } from '../platform/index.ts';
import { LoadedModel } from './loaded-model.ts';
import { addressSpace, hasRoomForThread } from './room-for-thread.ts';
import { RunThread } from './run-thread.ts';
import { runSlices, type SharedRun } from './shared-run.ts';
import { type RowModel, type TreePlan, walkTrees } from './trees/index.ts';

/** More threads wait for memory more than they calculate, and other models want processors too. */
const MOST_THREADS = 4;
/** A run that takes one thread less than this is over before others have begun. */
const SHARED_FROM_MS = 1;
/** Runs of fewer rows say little about how long a row takes. */
const ROWS_THAT_TELL = 64;
/** Below 64 rows the calls cost, above 256 the threads wait for the one that took the last slice. */
const ROWS_PER_SLICE = { least: 64, most: 256 };
/** Slices for each thread, so that one that is held up does not hold up the others. */
const SLICES_PER_THREAD = 4;

/** How a model finds its threads. */
export interface ThreadOptions {
  /** Script that calls `serveAsThread` when it is not the main thread. */
  readonly script: string;
  /** Hears that a thread ended, which nothing asked it to. */
  readonly onLost: () => void;
  /** Threads with the main one; else as many as there are processors, up to four. */
  readonly threads?: number;
  /** Milliseconds in one thread from which on a run is shared; else 1. */
  readonly sharedFromMs?: number;
}

/**
 * A model whose large runs are shared among threads. Every row is still calculated by one thread, with the same bits as
 * alone. Threads start when a first run has shown that they pay, where there are processors and memory for them; until
 * they are ready, and when anything goes wrong in a shared run, the main thread does it all. A file that is nothing but trees
 * is walked here in the place of ONNX Runtime.
 */
export class ThreadedModel {
  readonly isDouble: boolean;
  /** How its trees are walked; `undefined` when ONNX Runtime runs it. */
  readonly trees: TreePlan | undefined;
  readonly #model: RowModel;
  readonly #startThread: () => RunThread | undefined;
  readonly #sharedFromMs: number;
  readonly #threads: RunThread[] = [];
  readonly #next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  /** Other threads that may still be started. */
  #toStart: number;
  #canShare = true;
  /** Of the fastest run in one thread. */
  #msPerRow = Number.POSITIVE_INFINITY;
  #widths: readonly number[] = [];

  private constructor(
    { model, isDouble, trees }: { model: RowModel; isDouble: boolean; trees?: TreePlan },
    startThread: () => RunThread | undefined,
    { threads, sharedFromMs }: ThreadOptions,
  ) {
    this.#model = model;
    this.isDouble = isDouble;
    this.trees = trees;
    this.#startThread = startThread;
    this.#toStart = (threads ?? Math.min(MOST_THREADS, availableParallelism())) - 1;
    this.#sharedFromMs = sharedFromMs ?? SHARED_FROM_MS;
  }

  /** @throws Error as `LoadedModel.load` */
  static load(path: string, options: ThreadOptions): ThreadedModel {
    const before = addressSpace();
    const model = LoadedModel.load(path);
    const { isDouble } = model;
    // Kept open: once this has returned, what lies at its path may be another file.
    const file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const walked = walkTrees(file, size, model.columns, model);
    if (walked.model) {
      const { plan } = walked;
      const now = addressSpace();
      const startWalking = () =>
        hasRoomForThread(plan.memoryBytes, now, addressSpace())
          ? new RunThread(options.script, { plan }, options.onLost)
          : undefined;
      closeSync(file);
      return new ThreadedModel({ model: walked.model, isDouble, trees: plan }, startWalking, options);
    }
    const startThread = () => {
      if (!hasRoomForThread(size, before, addressSpace())) return undefined;
      const content = new Uint8Array(size);
      if (readSync(file, content, 0, size, 0) < size) return undefined;
      return new RunThread(options.script, { content }, options.onLost);
    };
    return new ThreadedModel({ model, isDouble }, startThread, options);
  }

  get outputs(): readonly string[] {
    return this.#model.outputs;
  }

  /** Runs `rows.length / columns` rows. @throws Error as `LoadedModel.run` */
  run(rows: SharedRows, columns: number): RunOutput[] | Promise<RunOutput[]> {
    const count = rows.length / columns;
    if (count < ROWS_THAT_TELL) return this.#model.run(rows, columns);
    const isLong = this.#canShare && this.#widths.length > 0 && count * this.#msPerRow >= this.#sharedFromMs;
    const threads = isLong ? this.#readyThreads() : [];
    return threads.length > 0 ? this.#runTogether(threads, rows, columns) : this.#runAlone(rows, columns);
  }

  #runAlone(rows: SharedRows, columns: number): RunOutput[] {
    const startedAt = performance.now();
    const outputs = this.#model.run(rows, columns);
    const ms = performance.now() - startedAt;
    this.#msPerRow = Math.min(this.#msPerRow, (ms * columns) / rows.length);
    this.#widths = outputs.map(({ width }) => width);
    return outputs;
  }

  async #runTogether(threads: readonly RunThread[], rows: SharedRows, columns: number): Promise<RunOutput[]> {
    const count = rows.length / columns;
    const share = Math.ceil(count / (SLICES_PER_THREAD * (threads.length + 1)));
    const outputs = this.#widths.map(width => ({
      width,
      values: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * count * width)),
    }));
    const rowsPerSlice = Math.min(ROWS_PER_SLICE.most, Math.max(ROWS_PER_SLICE.least, share));
    const run: SharedRun = { rows, columns, rowsPerSlice, next: this.#next, outputs };
    Atomics.store(this.#next, 0, 0);
    const others = threads.map(thread => thread.run(run));
    let isFine = true;
    try {
      runSlices(this.#model, run);
    } catch {
      isFine = false;
    }
    for (const other of others) isFine = (await other) && isFine;
    if (isFine) return outputs;
    const alone = this.#runAlone(rows, columns);
    // So it is not the rows that the model does not take, but that they come in slices.
    this.#canShare = false;
    for (const thread of threads) void thread.close();
    return alone;
  }

  /** Threads that have loaded the model; starts another one when all have and there may be more. */
  #readyThreads(): readonly RunThread[] {
    const ready = this.#threads.filter(thread => thread.isLoaded);
    if (ready.length === this.#threads.length && this.#toStart > 0) {
      const thread = this.#startThread();
      this.#toStart = thread ? this.#toStart - 1 : 0;
      if (thread) this.#threads.push(thread);
    }
    return ready;
  }
}
