import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type ChildOutcome, describeOutcome, type Logger } from '../platform/index.ts';
import type { LoadAnswer, RunAnswer } from './inference-messages.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';
import { tryGoldenRows } from './trial-load.ts';

/** Rows that travel to the child at once. */
const ROWS_PER_REQUEST = 8_192;
/** Failures in a row after which a model is not started any more. */
const MOST_FAILURES = 3;

/** An open model. */
export interface ModelSession {
  readonly modelId: string;
  /**
   * Runs `rows.length / columns` rows.
   * @returns for each output of the model its values, row after row
   * @throws AppError `input.invalid` for the wrong number of columns, `model.faulty` when its process failed
   */
  run(rows: Float64Array, columns: number): Promise<Float64Array[]>;
  close(): Promise<void>;
}

/** One child for one model. A child that died is started again for the next request, until it failed three times in a row. */
export class ChildSession implements ModelSession {
  readonly modelId: string;
  readonly #model: Model;
  readonly #path: () => Promise<string>;
  readonly #settings: ChildSettings;
  readonly #log: Logger;
  readonly #onFaulty: (reason: string) => void;
  #child: Promise<InferenceChild> | undefined;
  #failures = 0;

  /** @param options.path gives the file's path after its content was verified */
  constructor(options: {
    model: Model;
    path: () => Promise<string>;
    settings: ChildSettings;
    log: Logger;
    onFaulty: (reason: string) => void;
  }) {
    this.modelId = options.model.id;
    this.#model = options.model;
    this.#path = options.path;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#onFaulty = options.onFaulty;
  }

  /** Starts the child, loads the model and checks its golden rows. @throws AppError `model.faulty` saying why not. */
  async warmUp(): Promise<void> {
    await this.#running();
  }

  /** Process id of the child that serves now. */
  async pid(): Promise<number | undefined> {
    return (await this.#child)?.pid;
  }

  async run(rows: Float64Array, columns: number): Promise<Float64Array[]> {
    const expected = this.#model.manifest.features.length;
    if (columns !== expected || rows.length % columns !== 0) {
      throw new AppError('input.invalid', `The model takes ${expected} features for a row, not ${columns}.`);
    }
    const step = ROWS_PER_REQUEST * columns;
    const parts: (readonly Float64Array[])[] = [];
    for (let start = 0; start < rows.length; start += step) {
      parts.push(await this.#runOnce(rows.subarray(start, start + step), columns));
    }
    const [first] = parts;
    if (parts.length === 1 && first) return [...first];
    return (first ?? []).map((_, output) => {
      const joined = new Float64Array(parts.reduce((sum, part) => sum + (part[output]?.length ?? 0), 0));
      let at = 0;
      for (const part of parts) {
        joined.set(part[output] ?? [], at);
        at += part[output]?.length ?? 0;
      }
      return joined;
    });
  }

  async close(): Promise<void> {
    const child = await this.#child?.catch(() => undefined);
    this.#child = undefined;
    await child?.close();
  }

  async #runOnce(rows: Float64Array, columns: number): Promise<readonly Float64Array[]> {
    const child = await this.#running();
    const outcome = await child.request({ kind: 'run', rows, columns });
    if (outcome.kind !== 'answer') throw this.#failure(outcome);
    this.#failures = 0;
    return (outcome.value as RunAnswer).outputs;
  }

  async #running(): Promise<InferenceChild> {
    const known = await this.#child?.catch(() => undefined);
    if (known?.isAlive && this.#child) return this.#child;
    if (this.#failures >= MOST_FAILURES) {
      throw new AppError(
        'model.faulty',
        `The model "${this.#model.manifest.name}" failed ${MOST_FAILURES} times in a row.`,
      );
    }
    this.#child = this.#start();
    return this.#child;
  }

  async #start(): Promise<InferenceChild> {
    const path = await this.#path();
    const child = new InferenceChild(this.#settings, this.#log);
    const loaded = await child.request({ kind: 'load', path });
    if (loaded.kind !== 'answer') {
      await child.close();
      throw this.#failure(loaded);
    }
    const trial = await tryGoldenRows(child, this.#model.manifest, (loaded.value as LoadAnswer).isDouble);
    if (!trial.passed) {
      await child.close();
      throw this.#failure({ kind: 'refused', message: trial.reason });
    }
    return child;
  }

  #failure(outcome: Exclude<ChildOutcome, { kind: 'answer' }>): AppError {
    const reason = describeOutcome(outcome);
    this.#failures++;
    const { name } = this.#model.manifest;
    this.#log.warn({ model: this.modelId, outcome, failures: this.#failures }, 'a model failed');
    if (this.#failures >= MOST_FAILURES) this.#onFaulty(reason);
    return new AppError(
      'model.faulty',
      `The model "${name}" could not answer: ${reason}.`.replace(/\.\.$/, '.'),
      {
        details: { outcome: outcome.kind },
      },
    );
  }
}
