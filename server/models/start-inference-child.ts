import { fileURLToPath } from 'node:url';
import { CappedChild, type ChildOutcome, defaultChildLimits, type Logger } from '../platform/index.ts';
import type { InferenceRequest } from './inference-messages.ts';

/** How children are started and how long they may take. */
export interface ChildSettings {
  readonly nodePath: string;
  /** The child's script; the one beside this file unless the program is bundled. */
  readonly script?: string;
  readonly addressSpaceBytes?: number;
  readonly loadDeadlineMs?: number;
  readonly runDeadlineMs?: number;
}

const defaultDeadlines = { loadDeadlineMs: 20_000, runDeadlineMs: 20_000 } as const;

/** A child for models, and requests to it by their type. */
export class InferenceChild {
  readonly #child: CappedChild;
  readonly #loadDeadlineMs: number;
  readonly #runDeadlineMs: number;

  constructor(settings: ChildSettings, log: Logger) {
    this.#child = new CappedChild({
      ...defaultChildLimits,
      nodePath: settings.nodePath,
      script: settings.script ?? fileURLToPath(new URL('./inference-child.ts', import.meta.url)),
      ...(settings.addressSpaceBytes === undefined ? {} : { addressSpaceBytes: settings.addressSpaceBytes }),
      log,
    });
    this.#loadDeadlineMs = settings.loadDeadlineMs ?? defaultDeadlines.loadDeadlineMs;
    this.#runDeadlineMs = settings.runDeadlineMs ?? defaultDeadlines.runDeadlineMs;
  }

  get isAlive(): boolean {
    return this.#child.isAlive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  request(request: InferenceRequest): Promise<ChildOutcome> {
    return this.#child.request(request, request.kind === 'run' ? this.#runDeadlineMs : this.#loadDeadlineMs);
  }

  close(): Promise<void> {
    return this.#child.close();
  }
}
