import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Logger } from '../platform/index.ts';
import type { ModelFiles } from './model-files.ts';
import { ChildSession } from './model-session.ts';
import type { ChildSettings } from './start-inference-child.ts';

/** Processes at the same time; the one that was asked least recently ends for a new one. */
const MOST_OPEN = 4;

/**
 * The models that were opened, each with one process while it is in use or was lately. A session outlives its process: who
 * holds one may always ask it.
 */
export class OpenSessions {
  readonly #known = new Map<string, ChildSession>();
  /** Those that may have a process, the one that was asked least recently first. */
  readonly #awake = new Set<ChildSession>();
  readonly #get: (id: string) => Promise<Model>;
  readonly #files: Pick<ModelFiles, 'withVerified'>;
  readonly #children: ChildSettings;
  readonly #log: Logger;
  readonly #onFaulty: (model: Model, reason: string) => Promise<void>;

  constructor(parts: {
    get: (id: string) => Promise<Model>;
    files: Pick<ModelFiles, 'withVerified'>;
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

  /**
   * The session of a model, loaded and checked. A model that is known already is not looked up again: a request for one
   * row takes less time than that.
   * @throws AppError `resource.not-found` or `model.faulty`
   */
  async open(modelId: string): Promise<ChildSession> {
    const session = this.#known.get(modelId) ?? (await this.#create(modelId));
    await session.warmUp();
    return session;
  }

  /** Ends the process of a model, if it has one. */
  async close(modelId: string): Promise<void> {
    const session = this.#known.get(modelId);
    if (!session) return;
    this.#known.delete(modelId);
    this.#awake.delete(session);
    await session.close();
  }

  async closeAll(): Promise<void> {
    const sessions = [...this.#known.values()];
    this.#known.clear();
    this.#awake.clear();
    await Promise.all(sessions.map(session => session.close()));
  }

  async #create(modelId: string): Promise<ChildSession> {
    const model = await this.#get(modelId);
    if (model.state === 'faulty' || model.state === 'rejected') {
      throw new AppError(
        'model.faulty',
        `The model "${model.manifest.name}" is ${model.state}: ${model.reasons.join(' ')}`,
      );
    }
    // Another call may have been faster.
    const known = this.#known.get(modelId);
    if (known) return known;
    const session = new ChildSession({
      model,
      withFile: use => this.#files.withVerified(model.sha256, use),
      settings: this.#children,
      log: this.#log,
      onUse: () => this.#makeRoomFor(session),
      onFaulty: reason => void this.#giveUp(session, reason),
    });
    this.#known.set(modelId, session);
    return session;
  }

  /** What rests may still have to answer first, and so has its process for a little longer. */
  #makeRoomFor(session: ChildSession): void {
    this.#awake.delete(session);
    this.#awake.add(session);
    const [oldest] = this.#awake;
    if (!oldest || this.#awake.size <= MOST_OPEN) return;
    this.#awake.delete(oldest);
    oldest.rest();
  }

  /** Forgets a session only once its model is marked, so that none is opened anew in between. */
  async #giveUp(session: ChildSession, reason: string): Promise<void> {
    try {
      await this.#onFaulty(await this.#get(session.modelId), reason);
    } catch (error) {
      this.#log.error({ err: error }, 'a faulty model could not be marked');
    }
    this.#known.delete(session.modelId);
    this.#awake.delete(session);
  }
}
