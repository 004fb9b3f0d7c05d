import { createHash } from 'node:crypto';
import type { FillProgress } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import type { Job, JobQueue, LiveHub } from '../platform/index.ts';
import { type FillInput, type FillParts, fillGaps } from './fill-gaps.ts';
import { progressOfJob } from './fill-progress.ts';
import { needsArchive } from './gap.ts';
import type { FilledListener } from './market.ts';

const FILL = 'gap-fill';
const FILLS_SHOWN = 50;
/** Some weeks of a collection. */
const FILLS_LOOKED_AT = 500;
/** A fill "until now" that was asked for a while ago; what came since is the next one's, or the collector's. */
const SAME_END_MS = MS_PER_HOUR;
const ENDED = ['succeeded', 'failed', 'cancelled'];

/**
 * Fills as jobs. They run one after the other, and each finds what it lacks when it begins: what the one before it
 * brought is neither asked for nor stored again.
 */
export class FillJobs {
  readonly #jobs: JobQueue;
  readonly #analyze: FillParts['analyze'];
  readonly #listeners = new Set<FilledListener>();
  readonly #endListeners = new Set<(progress: FillProgress) => void>();

  constructor(jobs: JobQueue, live: LiveHub, parts: FillParts) {
    this.#jobs = jobs;
    this.#analyze = parts.analyze;
    jobs.define(
      FILL,
      context => fillGaps(parts, context),
      job => {
        const progress = progressOfJob(job);
        live.publish(`fill/${job.id}`, 'progress', progress);
        live.publish('fills', job.id, progress);
        this.#tellOfEnd(job, progress);
      },
    );
    live.define('fills', async () => (await this.list()).map(fill => ({ key: fill.jobId, value: fill })));
    live.define('fill/*', async topic => {
      const job = await jobs.get(topic.slice('fill/'.length));
      return job ? [{ key: 'progress', value: progressOfJob(job) }] : [];
    });
  }

  /**
   * Queues a fill; one that waits or runs and brings all of it is returned instead.
   * @throws AppError `market.gap-needs-archive` when nothing of it is in reach
   */
  async start(need: FillInput): Promise<FillProgress> {
    const { fillableMs, archiveMs } = await this.#analyze(need);
    if (fillableMs === 0 && archiveMs > 0) throw needsArchive(archiveMs);
    const open = (await this.#jobs.list(FILL, FILLS_SHOWN)).find(
      job => !ENDED.includes(job.state) && brings(job.input as FillInput, need),
    );
    return progressOfJob(open ?? (await this.#jobs.enqueue(FILL, keyOf(need), need)));
  }

  /** @throws AppError `resource.not-found` */
  async get(jobId: string): Promise<FillProgress> {
    return progressOfJob(await this.#known(jobId));
  }

  /** Newest first; of each collection the newest only, so that what people asked for is not lost among them. */
  async list(): Promise<FillProgress[]> {
    const seen = new Set<string>();
    const fills = (await this.#jobs.list(FILL, FILLS_LOOKED_AT)).map(progressOfJob);
    const shown = fills.filter(({ collectionId }) => {
      if (collectionId === null) return true;
      const isFirst = !seen.has(collectionId);
      seen.add(collectionId);
      return isFirst;
    });
    return shown.slice(0, FILLS_SHOWN);
  }

  /** Resolves when it has stopped. @throws AppError `resource.not-found` */
  async cancel(jobId: string): Promise<FillProgress> {
    await this.#known(jobId);
    await this.#jobs.cancel(jobId);
    return progressOfJob(await this.#known(jobId));
  }

  /** Hears of every fill that ended, however it did. */
  onEnded(listener: (progress: FillProgress) => void): void {
    this.#endListeners.add(listener);
  }

  /** Hears of each fill that brought rows. */
  onFilled(listener: FilledListener): void {
    this.#listeners.add(listener);
  }

  #tellOfEnd(job: Job, progress: FillProgress): void {
    if (!ENDED.includes(job.state)) return;
    for (const listener of this.#endListeners) listener(progress);
    if (job.state !== 'succeeded' && progress.newRows === 0) return;
    const { modelId, scope } = job.input as FillInput;
    for (const listener of this.#listeners) listener({ modelId, scope });
  }

  async #known(jobId: string): Promise<Job> {
    const job = await this.#jobs.get(jobId);
    if (job?.kind !== FILL) throw new AppError('resource.not-found', `There is no fill "${jobId}".`);
    return job;
  }
}

/** Whether a fill brings everything that another one would. */
function brings(open: FillInput, need: FillInput): boolean {
  const holds = (all: readonly string[], some: readonly string[]) => some.every(one => all.includes(one));
  const { regions, instanceTypes, products } = open.scope;
  return (
    open.fromMs <= need.fromMs &&
    open.toMs >= need.toMs - SAME_END_MS &&
    (need.again !== true || open.again === true) &&
    holds(regions, need.scope.regions) &&
    holds(products, need.scope.products) &&
    (instanceTypes.length === 0 ||
      (need.scope.instanceTypes.length > 0 && holds(instanceTypes, need.scope.instanceTypes)))
  );
}

/** The queue makes two jobs of the same key one. */
function keyOf({ scope, fromMs, toMs, again }: FillInput): string {
  return createHash('sha256')
    .update(JSON.stringify([scope, fromMs, toMs, ...(again === true ? ['again'] : [])]))
    .digest('hex')
    .slice(0, 32);
}
