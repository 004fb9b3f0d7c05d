import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Logger } from '../platform/index.ts';
import type { ModelFiles } from './model-files.ts';
import { ChildSession } from './model-session.ts';
import type { ChildSettings } from './start-inference-child.ts';

/** Processes at the same time; the one that was asked least recently ends for a new one. */
const MOST_OPEN = 4;

/** The models that are open, each with one process. */
export class OpenSessions {
  readonly #open = new Map<string, ChildSession>();
  readonly #get: (id: string) => Promise<Model>;
  readonly #files: ModelFiles;
  readonly #children: ChildSettings;
  readonly #log: Logger;
  readonly #onFaulty: (model: Model, reason: string) => Promise<void>;

  constructor(parts: {
    get: (id: string) => Promise<Model>;
    files: ModelFiles;
    children: ChildSettings;
    log: Logger;
    onFaulty: (model: Model, reason: string) => Promise<void>;
  }) {
    this.#get = parts.get;
    this.#files = parts.files;
    this.#children = parts.children;
    this.#log = parts.log;
    this.#onFaulty = parts.onFaulty;
  }

  /** The session of a model, loaded and checked. @throws AppError `resource.not-found` or `model.faulty`. */
  async open(modelId: string): Promise<ChildSession> {
    const model = await this.#get(modelId);
    if (model.state === 'faulty' || model.state === 'rejected') {
      throw new AppError(
        'model.faulty',
        `The model "${model.manifest.name}" is ${model.state}: ${model.reasons.join(' ')}`,
      );
    }
    const session = this.#open.get(modelId) ?? this.#create(model);
    this.#open.delete(modelId);
    this.#open.set(modelId, session);
    await this.#makeRoom();
    await session.warmUp();
    return session;
  }

  /** Ends the process of a model, if it has one. */
  async close(modelId: string): Promise<void> {
    const session = this.#open.get(modelId);
    this.#open.delete(modelId);
    await session?.close();
  }

  async closeAll(): Promise<void> {
    const sessions = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(sessions.map(session => session.close()));
  }

  #create(model: Model): ChildSession {
    return new ChildSession({
      model,
      path: () => this.#files.verified(model.sha256),
      settings: this.#children,
      log: this.#log,
      onFaulty: reason => {
        this.#open.delete(model.id);
        this.#get(model.id)
          .then(current => this.#onFaulty(current, reason))
          .catch((error: unknown) => this.#log.error({ err: error }, 'a faulty model could not be marked'));
      },
    });
  }

  async #makeRoom(): Promise<void> {
    for (const [id, session] of this.#open) {
      if (this.#open.size <= MOST_OPEN) return;
      this.#open.delete(id);
      await session.close();
    }
  }
}
