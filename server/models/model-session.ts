import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type ChildOutcome, describeOutcome, type Logger, type Outputs } from '../platform/index.ts';
import { openOwnTrees } from './open-own-trees.ts';
import { runInParts } from './run-in-parts.ts';
import { RunQueue, type RunResult } from './run-queue.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';
import type { OwnTrees, TreePlan } from './trees/index.ts';
import { tryGoldenRows } from './trial-load.ts';

/** Values and rows that travel to the child at once; another request gets its turn between two such parts. */
const VALUES_PER_RUN = 1_000_000;
const ROWS_PER_RUN = 8_192;
/** Failures in a row after which a model is not started any more. */
const MOST_FAILURES = 3;

type Failure = Exclude<ChildOutcome, { kind: 'answer' }>;

/** An open model. */
export interface ModelSession {
  readonly modelId: string;
  readonly modelName: string;
  /** Values that one row has. */
  readonly columns: number;
  /**
   * Runs `rows.length / columns` rows. Requests that come while others run may travel together, and stay independent.
   * @param rows may not change before the answer
   * @returns for each output of the model its values, row after row
   * @throws AppError `input.invalid` for the wrong number of columns, `model.faulty` when its process failed
   */
  run(rows: Float64Array, columns: number): Promise<Float64Array[]>;
  /**
   * What the engine's own trees say of the rows, should the model have some and the rows be few; `undefined` asks for `run`.
   * @param rows whole rows of `columns` values
   */
  answerNow?(rows: Float64Array): Float64Array[] | undefined;
  /** How the model is walked, where it is nothing but trees and is loaded, for threads to do the same. */
  readonly trees?: TreePlan | undefined;
}

interface Serving {
  readonly child: InferenceChild;
  /** Resolves once it can run rows, with trees that answer few of them without it; rejects with an AppError. */
  readonly ready: Promise<OwnTrees | undefined>;
  isReady: boolean;
  own: OwnTrees | undefined;
}

/**
 * One child for one model. A child that died is started again for the next request, until there were three failures in a
 * row: crashes, hangs and malformed answers. A refusal is none, for the child lives and other rows may do. Few rows
 * of a model that is nothing but trees are answered in this process.
 */
export class ChildSession implements ModelSession {
  readonly modelId: string;
  readonly modelName: string;
  readonly columns: number;
  readonly #model: Model;
  readonly #withFile: <T>(use: (path: string) => Promise<T>) => Promise<T>;
  readonly #settings: ChildSettings;
  readonly #log: Logger;
  readonly #onUse: () => void;
  readonly #onFaulty: (reason: string) => void;
  readonly #queue: RunQueue;
  readonly #rowsPerRun: number;
  readonly #ending = new Set<Promise<void>>();
  #serving: Serving | undefined;
  #underWay = 0;
  #isToRest = false;
  #isClosed = false;
  #failures = 0;

  /**
   * @param options.withFile gives the path of the file after its content was verified
   * @param options.onUse hears of every use, before it
   * @param options.onFaulty hears once that the model is not started any more, and why
   */
  constructor(options: {
    model: Model;
    withFile: <T>(use: (path: string) => Promise<T>) => Promise<T>;
    settings: ChildSettings;
    log: Logger;
    onUse: () => void;
    onFaulty: (reason: string) => void;
  }) {
    const { manifest, id } = options.model;
    this.modelId = id;
    this.modelName = manifest.name;
    this.columns = manifest.features.length;
    this.#model = options.model;
    this.#withFile = options.withFile;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#onUse = options.onUse;
    this.#onFaulty = options.onFaulty;
    this.#rowsPerRun = Math.max(1, Math.min(ROWS_PER_RUN, Math.floor(VALUES_PER_RUN / this.columns)));
    this.#queue = new RunQueue({
      columns: this.columns,
      mostRows: this.#rowsPerRun,
      run: rows => this.#runOnce(rows),
    });
  }

  /** Starts the child, loads the model and checks its golden rows. @throws AppError `model.faulty` saying why not. */
  async warmUp(): Promise<void> {
    if (!this.#readyChild()) await this.#using(() => this.#ready());
  }

  /** Process id of the child that serves now. */
  get pid(): number | undefined {
    return this.#serving?.child.pid;
  }

  get trees(): TreePlan | undefined {
    return this.#serving?.own?.plan;
  }

  async run(rows: Float64Array, columns: number): Promise<Float64Array[]> {
    if (columns !== this.columns || rows.length % columns !== 0) {
      throw new AppError(
        'input.invalid',
        `The model takes ${this.columns} features for a row, not ${columns}.`,
      );
    }
    return (
      this.answerNow(rows) ??
      this.#using(() => runInParts(rows, columns, this.#rowsPerRun, part => this.#runPart(part)))
    );
  }

  answerNow(rows: Float64Array): Float64Array[] | undefined {
    const serving = this.#serving;
    const own = this.#readyChild() && serving?.own;
    if (!own || rows.length === 0 || rows.length > own.mostRows * this.columns) return undefined;
    this.#isToRest = false;
    this.#onUse();
    try {
      const outputs = own.run(rows);
      this.#failures = 0;
      return outputs;
    } catch (error) {
      this.#log.warn(
        { err: error, model: this.modelId },
        'trees cannot be walked in the engine; the child serves',
      );
      serving.own = undefined;
      return undefined;
    }
  }

  /** Ends the process once nothing is under way; the next request starts it again. */
  rest(): void {
    this.#isToRest = true;
    this.#restWhenIdle();
  }

  /** Ends the process at once, for good. What is under way fails, which counts for nothing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end();
    await Promise.all(this.#ending);
  }

  async #runPart(rows: Float64Array): Promise<Outputs> {
    const result = await this.#queue.add(rows);
    if (result.kind === 'failed') throw result.error;
    return result.outputs;
  }

  async #using<T>(work: () => Promise<T>): Promise<T> {
    this.#isToRest = false;
    this.#underWay++;
    this.#onUse();
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#restWhenIdle();
    }
  }

  #restWhenIdle(): void {
    if (this.#isToRest && this.#underWay === 0) this.#end();
  }

  #end(): void {
    const child = this.#serving?.child;
    this.#serving = undefined;
    if (!child) return;
    const ending = child.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #runOnce(rows: Float64Array): Promise<RunResult> {
    const child = this.#readyChild() ?? (await this.#ready().catch((error: Error) => error));
    if (child instanceof Error) return { kind: 'failed', error: child, isOfRows: false };
    const outcome = await child.run(rows, this.columns);
    if (outcome.kind !== 'answer') {
      const error = this.#failure(outcome, outcome.kind !== 'refused');
      return { kind: 'failed', error, isOfRows: !this.#isClosed };
    }
    this.#failures = 0;
    return { kind: 'answer', outputs: outcome.value };
  }

  /** The child, if it can run rows at once. */
  #readyChild(): InferenceChild | undefined {
    const serving = this.#serving;
    return serving?.isReady && serving.child.isAlive ? serving.child : undefined;
  }

  /** The child that serves, started when there is none; all who wait for its start share it. */
  async #ready(): Promise<InferenceChild> {
    if (this.#failures >= MOST_FAILURES) {
      throw new AppError(
        'model.faulty',
        `The model "${this.modelName}" failed ${MOST_FAILURES} times in a row.`,
      );
    }
    if (this.#isClosed) throw this.#closed();
    if (!this.#serving?.child.isAlive) {
      this.#end();
      const child = new InferenceChild(this.#settings, this.#log);
      this.#serving = { child, ready: this.#prepare(child), isReady: false, own: undefined };
    }
    const serving = this.#serving;
    const own = await serving.ready;
    if (!serving.isReady) serving.own = own;
    serving.isReady = true;
    return serving.child;
  }

  async #prepare(child: InferenceChild): Promise<OwnTrees | undefined> {
    try {
      const loaded = await this.#withFile(path => child.load(path, true));
      if (loaded.kind !== 'answer') throw this.#failure(loaded, true);
      const trial = await tryGoldenRows(child, this.#model.manifest, loaded.value.isDouble);
      if (!trial.passed) throw this.#failure({ kind: 'refused', message: trial.reason }, true);
      return await openOwnTrees(child, this.#model.manifest, loaded.value.trees);
    } catch (error) {
      await child.close();
      throw error;
    }
  }

  #failure(outcome: Failure, counts: boolean): AppError {
    if (this.#isClosed) return this.#closed();
    const reason = describeOutcome(outcome);
    if (counts) this.#failures++;
    this.#log.warn({ model: this.modelId, outcome, failures: this.#failures }, 'a model failed');
    if (counts && this.#failures === MOST_FAILURES) this.#onFaulty(reason);
    const message = `The model "${this.modelName}" could not answer: ${reason}.`.replace(/\.\.$/, '.');
    return new AppError('model.faulty', message, { details: { outcome: outcome.kind } });
  }

  #closed(): AppError {
    return new AppError('model.not-ready', `The model "${this.modelName}" was closed with the engine.`, {
      hint: 'Ask again once the engine runs.',
    });
  }
}
