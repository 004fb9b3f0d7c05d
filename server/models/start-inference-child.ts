import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CappedChild,
  type ChildOutcome,
  defaultChildLimits,
  frameLimits,
  type Logger,
  type Outputs,
  RunChannel,
} from '../platform/index.ts';
import type { InferenceRequest, LoadAnswer } from './inference-messages.ts';

/** How children are started and how long they may take. */
export interface ChildSettings {
  readonly nodePath: string;
  /** The child's script; the one beside this file unless it lies in an archive. */
  readonly script?: string;
  readonly addressSpaceBytes?: number;
  readonly loadDeadlineMs?: number;
  readonly runDeadlineMs?: number;
}

const defaultDeadlines = { loadDeadlineMs: 20_000, runDeadlineMs: 20_000 } as const;

/** A child for models, and requests to it by their type. What it answers to `load` and `run` is checked. */
export class InferenceChild {
  readonly #child: CappedChild;
  readonly #channel: RunChannel | undefined;
  readonly #loadDeadlineMs: number;
  readonly #runDeadlineMs: number;
  #outputs = 0;
  #last: Promise<unknown> | undefined;

  constructor(settings: ChildSettings, log: Logger) {
    this.#child = new CappedChild({
      ...defaultChildLimits,
      nodePath: settings.nodePath,
      script:
        settings.script ??
        fileURLToPath(new URL(`./inference-child${extname(import.meta.url)}`, import.meta.url)),
      ...(settings.addressSpaceBytes === undefined ? {} : { addressSpaceBytes: settings.addressSpaceBytes }),
      log,
    });
    const { pipe } = this.#child;
    this.#channel = pipe && new RunChannel(pipe, () => void this.#child.close());
    this.#loadDeadlineMs = settings.loadDeadlineMs ?? defaultDeadlines.loadDeadlineMs;
    this.#runDeadlineMs = settings.runDeadlineMs ?? defaultDeadlines.runDeadlineMs;
  }

  get isAlive(): boolean {
    return this.#child.isAlive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  request(request: Exclude<InferenceRequest, { kind: 'load' }>): Promise<ChildOutcome> {
    return this.#child.request(request, this.#loadDeadlineMs);
  }

  /** Loads the model that is run from then on. @param withTrees asks for `LoadAnswer.trees`, which is not checked */
  async load(path: string, withTrees = false): Promise<ChildOutcome<LoadAnswer>> {
    const request: InferenceRequest = { kind: 'load', path, withTrees };
    const outcome = await this.#child.request(request, this.#loadDeadlineMs);
    if (outcome.kind !== 'answer') return outcome;
    if (!isLoadAnswer(outcome.value)) {
      await this.#child.close();
      return { kind: 'malformed', message: 'what it told about the loaded model is not usable' };
    }
    this.#outputs = outcome.value.outputs.length;
    return { kind: 'answer', value: outcome.value };
  }

  /** Runs `rows.length / columns` rows of the loaded model, after the runs that were asked for before. */
  run(rows: Float64Array, columns: number): Promise<ChildOutcome<Outputs>> {
    const begin = () =>
      this.#child.exchange<Outputs>(this.#runDeadlineMs, settle =>
        this.#channel?.run(rows, columns, this.#outputs, settle),
      );
    const ran = this.#last === undefined ? begin() : this.#last.then(begin);
    this.#last = ran;
    void ran.then(() => {
      if (this.#last === ran) this.#last = undefined;
    });
    return ran;
  }

  close(): Promise<void> {
    return this.#child.close();
  }
}

function isLoadAnswer(value: unknown): value is LoadAnswer {
  const { outputs, isDouble } = (value ?? {}) as Partial<LoadAnswer>;
  return (
    typeof isDouble === 'boolean' &&
    Array.isArray(outputs) &&
    outputs.length > 0 &&
    outputs.length <= frameLimits.outputs &&
    outputs.every(name => typeof name === 'string')
  );
}
