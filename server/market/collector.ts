import type { Collection, FillProgress, MarketScope } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../common/units/index.ts';
import { type Clock, type LiveHub, type Logger, newId } from '../platform/index.ts';
import type { CollectionStore } from './collection-store.ts';
import type { FillJobs } from './fill-jobs.ts';
import { wholeSeconds } from './fill-plan.ts';
import { completeScope, reachOf } from './gap.ts';
import type { Collections } from './market.ts';

const TOPIC = 'collections';
/** Prices change a few times a day; EC2 says each again within 24 h. */
const EVERY_MS = MS_PER_HOUR;
const RETRY_MS = 5 * MS_PER_MINUTE;
const LONGEST_RETRY_MS = 12 * MS_PER_HOUR;
const LOOK_EVERY_MS = MS_PER_MINUTE;

interface CollectorParts {
  readonly store: CollectionStore;
  readonly fills: FillJobs;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly scopesOfModels: () => Promise<MarketScope[]>;
  /** Days that prices are kept; 0: for ever. What would be dropped at once is not asked for. */
  readonly retentionDays: number;
  /** Drops what is older than that. */
  readonly dropOld: () => Promise<void>;
}

/**
 * Fills what came since, hour after hour, for each collection. Nothing is collected until a person adds a collection:
 * nobody's credentials are used unasked. A run fills everything since the collection was added, less what is on disk,
 * so that hours in which the engine was off come with the next run.
 */
export class Collector implements Collections {
  readonly #parts: CollectorParts;
  /** Fills under way, by collection. */
  readonly #running = new Map<string, { jobs: Set<string>; ended: FillProgress[] }>();
  #timer: NodeJS.Timeout | undefined;
  #droppedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { live, store, fills } = parts;
    live.define(TOPIC, async () => (await store.list()).map(value => ({ key: value.id, value })));
    fills.onEnded(progress => void this.#ended(progress).catch(error => this.#complain(error)));
  }

  start(): void {
    this.#timer = setInterval(() => void this.look().catch(error => this.#complain(error)), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async list(): Promise<{ collections: Collection[]; retentionDays: number }> {
    return { collections: await this.#parts.store.list(), retentionDays: this.#parts.retentionDays };
  }

  async add(what: { scope?: MarketScope | undefined; models?: boolean | undefined }): Promise<Collection> {
    const scope = scopeOf(what);
    const added = await this.#parts.store.add(newId('collection'), scope, this.#parts.clock.now());
    this.#tell(added);
    await this.look();
    return added;
  }

  async change(
    id: string,
    what: { scope?: MarketScope | undefined; models?: boolean | undefined },
  ): Promise<Collection> {
    const scope = scopeOf(what);
    const text = JSON.stringify(scope);
    const others = (await this.#parts.store.list()).filter(other => other.id !== id);
    if (others.some(other => JSON.stringify(other.scope) === text))
      throw new AppError('resource.conflict', 'This is collected already, by another collection.', {
        hint: 'Change that one, or remove it.',
      });
    const changed = known(id, await this.#parts.store.changeScope(id, scope, this.#parts.clock.now()));
    // What runs is still of the scope before; what it brings stays.
    this.#running.delete(id);
    this.#tell(changed);
    await this.look();
    return changed;
  }

  async setPaused(id: string, paused: boolean): Promise<Collection> {
    const next = { is_paused: paused ? 1 : 0, next_run_at: this.#parts.clock.now() };
    const changed = known(id, await this.#parts.store.change(id, next));
    this.#tell(changed);
    await this.look();
    return changed;
  }

  async remove(id: string): Promise<Collection> {
    const removed = known(id, await this.#parts.store.remove(id));
    this.#running.delete(id);
    this.#parts.live.publish(TOPIC, id, null);
    return removed;
  }

  /** Starts what is due. */
  async look(): Promise<void> {
    const nowMs = this.#parts.clock.now();
    for (const collection of await this.#parts.store.list()) {
      const isDue = collection.nextRunAt !== null && collection.nextRunAt <= nowMs;
      if (isDue && !this.#running.has(collection.id)) await this.#run(collection, nowMs);
    }
    if (this.#parts.retentionDays === 0 || nowMs - this.#droppedAtMs < EVERY_MS) return;
    this.#droppedAtMs = nowMs;
    await this.#parts.dropOld();
  }

  async #run({ id, scope, addedAt }: Collection, nowMs: number): Promise<void> {
    const run = { jobs: new Set<string>(), ended: [] };
    this.#running.set(id, run);
    const keptMs = this.#parts.retentionDays * MS_PER_DAY;
    // A day before the first one brings the price of every pool that is sold.
    const fromMs = Math.max(
      addedAt - MS_PER_DAY,
      reachOf(nowMs),
      keptMs === 0 ? 0 : nowMs - keptMs + MS_PER_DAY,
    );
    try {
      for (const part of scope === null ? await this.#parts.scopesOfModels() : [scope]) {
        const need = {
          modelId: null,
          collectionId: id,
          scope: completeScope(part),
          trainedUntilMs: null,
          fromMs: wholeSeconds(fromMs),
          toMs: wholeSeconds(nowMs),
        };
        run.jobs.add((await this.#parts.fills.start(need)).jobId);
      }
      if (run.jobs.size === 0) await this.#conclude(id, []);
      // One that was under way already may have ended before it was waited for.
      for (const jobId of [...run.jobs]) {
        const progress = await this.#parts.fills.get(jobId);
        if (progress.endedAt !== null) await this.#ended(progress);
      }
    } catch (error) {
      this.#running.delete(id);
      throw error;
    }
  }

  async #ended(progress: FillProgress): Promise<void> {
    for (const [id, run] of this.#running) {
      if (!run.jobs.delete(progress.jobId)) continue;
      run.ended.push(progress);
      if (run.jobs.size === 0) await this.#conclude(id, run.ended);
    }
  }

  async #conclude(id: string, fills: readonly FillProgress[]): Promise<void> {
    this.#running.delete(id);
    const nowMs = this.#parts.clock.now();
    const before = (await this.#parts.store.list()).find(collection => collection.id === id);
    const failed = fills.find(({ state }) => state === 'failed');
    const failures = failed ? (before?.failures ?? 0) + 1 : 0;
    const retryMs = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (failures - 1));
    const changed = await this.#parts.store.change(id, {
      last_run_at: nowMs,
      next_run_at: nowMs + (failed ? retryMs : EVERY_MS),
      new_rows: fills.reduce((sum, { newRows }) => sum + newRows, 0),
      failures,
      message: failed?.message ?? null,
    });
    if (changed) this.#tell(changed);
  }

  #tell(collection: Collection): void {
    this.#parts.live.publish(TOPIC, collection.id, collection);
  }

  #complain(error: unknown): void {
    this.#parts.log.warn(
      { message: error instanceof Error ? error.message : String(error) },
      'collector failed',
    );
  }
}

function scopeOf(what: {
  scope?: MarketScope | undefined;
  models?: boolean | undefined;
}): MarketScope | null {
  if ((what.scope === undefined) === (what.models !== true))
    throw new AppError('input.invalid', 'A collection is of a scope or of all models: give one of the two.');
  return what.scope === undefined ? null : completeScope(what.scope);
}

function known(id: string, collection: Collection | undefined): Collection {
  if (!collection) throw new AppError('resource.not-found', `There is no collection "${id}".`);
  return collection;
}
