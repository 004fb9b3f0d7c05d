import type { ContextPlan, PackingPlan } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_SECOND, usdFromMicroUsd } from '../../../common/units/index.ts';
import type { Kubeconfigs, NodePrice, PricedMachine } from '../../clusters/index.ts';
import type { Clock, LiveHub, Logger } from '../../platform/index.ts';
import type { DecisionPolicy } from '../policy.ts';
import type { MachineCatalog } from '../snapshot/machine-market.ts';
import { planMarkdown } from '../snapshot/plan-markdown.ts';
import { planSnapshot } from '../snapshot/plan-snapshot.ts';
import { marketOfSnapshot } from './market-of-snapshot.ts';
import { readCluster } from './read-cluster.ts';

/** What plans for contexts are made from. */
export interface ContextPlanParts {
  readonly kubeconfigs: Pick<Kubeconfigs, 'list' | 'find' | 'open'>;
  /** Why kubeconfigs may not be read here; `null` where they may. */
  readonly refusal: string | null;
  readonly market: {
    readonly catalog: MachineCatalog & { commitments(): unknown };
  };
  readonly priceOfNode: (machine: PricedMachine) => Promise<NodePrice>;
  readonly settings: () => Promise<DecisionPolicy>;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: (kind: string) => string;
}

/** What is asked for. */
export interface ContextPlanOrder {
  readonly context: string;
  readonly file?: string | undefined;
  readonly timeLimitSeconds: number;
}

interface Run {
  progress: ContextPlan;
  plan: PackingPlan | null;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The same cluster gives the same plan, unless time runs out. */
const SEED = 1;
const MOST_AT_ONCE = 2;
const MOST_KEPT = 10;
/** Nobody waits longer for a cluster. */
const READING_LIMIT_MS = 10 * 60 * MS_PER_SECOND;
const TOPIC = 'context-plans';

/** Plans for the contexts of kubeconfigs: read by GET alone, kept in memory until the engine ends. Nothing acts. */
export class ContextPlans {
  readonly #parts: ContextPlanParts;
  /** Newest last. */
  readonly #runs = new Map<string, Run>();

  constructor(parts: ContextPlanParts) {
    this.#parts = parts;
    parts.live.define(TOPIC, () => this.list().map(value => ({ key: value.id, value })));
  }

  /** Why there are none of these here; `null` where there are. */
  get refusal(): string | null {
    return this.#parts.refusal;
  }

  /** Contexts of this machine. @throws AppError `kubeconfig.turned-off` */
  contexts(): ReturnType<Kubeconfigs['list']> {
    this.#requireAllowed();
    return this.#parts.kubeconfigs.list();
  }

  /**
   * Begins to sign in, read and plan; resolves at once.
   * @throws AppError `kubeconfig.turned-off`, `kubeconfig.unusable` for an unknown context, `engine.busy`
   */
  async start({ context: name, file, timeLimitSeconds }: ContextPlanOrder): Promise<ContextPlan> {
    this.#requireAllowed();
    const underWay = [...this.#runs.values()].filter(({ progress }) => progress.endedAt === null);
    if (underWay.length >= MOST_AT_ONCE)
      throw new AppError('engine.busy', `${MOST_AT_ONCE} other clusters are being read and planned for.`);
    const resolved = await this.#parts.kubeconfigs.find(name, file);
    const id = this.#parts.newId('context-plan');
    const { context } = resolved;
    const stop = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const run: Run = { progress: begun(id, context, this.#parts.clock.now()), plan: null, stop, ended };
    this.#runs.set(id, run);
    this.#forgetOldest();
    this.#tell(run, {});
    void this.#make(run, resolved, timeLimitSeconds * MS_PER_SECOND).finally(end);
    return run.progress;
  }

  /** The last ones, newest first. */
  list(): ContextPlan[] {
    return [...this.#runs.values()].map(({ progress }) => progress).reverse();
  }

  /** @throws AppError `resource.not-found` */
  get(id: string): { readonly progress: ContextPlan; readonly plan: PackingPlan | null } {
    const { progress, plan } = this.#find(id);
    return { progress, plan };
  }

  /** Ends the reading, or has the best plan so far taken. @throws AppError `resource.not-found` */
  stop(id: string): ContextPlan {
    const run = this.#find(id);
    run.stop.abort();
    return run.progress;
  }

  /** The plan as a file. @throws AppError `resource.not-found` also where there is no plan yet */
  exported(id: string, format: 'markdown' | 'json'): { fileName: string; text: string } {
    const { plan, progress } = this.#find(id);
    if (plan === null)
      throw new AppError('resource.not-found', `There is no plan for ${progress.context} yet.`);
    const name = `plan-${progress.context.replace(/[^\w.-]+/g, '-')}`;
    return format === 'markdown'
      ? { fileName: `${name}.md`, text: planMarkdown(plan) }
      : { fileName: `${name}.json`, text: `${JSON.stringify(plan, null, 2)}\n` };
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    for (const { stop } of this.#runs.values()) stop.abort();
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended));
  }

  async #make(
    run: Run,
    resolved: Awaited<ReturnType<Kubeconfigs['find']>>,
    timeLimitMs: number,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const signal = AbortSignal.any([run.stop.signal, AbortSignal.timeout(READING_LIMIT_MS)]);
    try {
      const snapshot = await this.#read(run, resolved, signal);
      this.#tell(run, {
        state: 'planning',
        reading: null,
        readAt: clock.now(),
        nodes: snapshot.nodes.length,
        pods: snapshot.pods.length,
      });
      const market = await marketOfSnapshot(snapshot, this.#parts);
      run.plan = await planSnapshot(snapshot, market, await this.#parts.settings(), {
        seed: SEED,
        timeLimitMs,
        signal: run.stop.signal,
        report: cost => this.#tell(run, { bestUsdHour: usdFromMicroUsd(cost) }),
      });
      this.#tell(run, { state: 'done', endedAt: clock.now() });
    } catch (error) {
      if (run.stop.signal.aborted) {
        this.#tell(run, { state: 'stopped', reading: null, endedAt: clock.now() });
        return;
      }
      // An AppError says nothing of what was sent; anything else might, and is told by its kind alone.
      const isTold = error instanceof AppError;
      if (!isTold) log.error({ kind: (error as Error).name }, 'a plan for a context failed');
      const { message, hint } = isTold ? error : lateOrBroken(signal, run.progress);
      this.#tell(run, { state: 'failed', reading: null, endedAt: clock.now(), problem: { message, hint } });
    }
  }

  async #read(run: Run, resolved: Awaited<ReturnType<Kubeconfigs['find']>>, signal: AbortSignal) {
    const link = await this.#parts.kubeconfigs.open(resolved, signal);
    try {
      return await readCluster(link, signal, progress => this.#tell(run, { state: 'reading', ...progress }));
    } finally {
      link.close();
    }
  }

  #tell(run: Run, change: Partial<ContextPlan>): void {
    run.progress = { ...run.progress, ...change };
    this.#parts.live.publish(TOPIC, run.progress.id, run.progress);
  }

  #find(id: string): Run {
    const run = this.#runs.get(id);
    if (run) return run;
    throw new AppError('resource.not-found', `There is no plan "${id}" for a context.`, {
      hint: 'Such plans are kept until the engine ends, the last ten of them; make a new one.',
    });
  }

  #forgetOldest(): void {
    for (const [id, { progress }] of this.#runs) {
      if (this.#runs.size <= MOST_KEPT) return;
      if (progress.endedAt === null) continue;
      this.#runs.delete(id);
      this.#parts.live.publish(TOPIC, id, null);
    }
  }

  #requireAllowed(): void {
    if (this.refusal !== null) throw new AppError('kubeconfig.turned-off', this.refusal);
  }
}

function begun(
  id: string,
  context: { readonly name: string; readonly file: string; readonly server: string | null },
  startedAt: number,
): ContextPlan {
  return {
    id,
    context: context.name,
    file: context.file,
    server: context.server,
    state: 'signing-in',
    startedAt,
    readAt: null,
    endedAt: null,
    reading: null,
    objects: 0,
    expected: null,
    read: 0,
    nodes: 0,
    pods: 0,
    bestUsdHour: null,
    problem: null,
  };
}

function lateOrBroken(signal: AbortSignal, { server }: ContextPlan): AppError {
  return signal.aborted
    ? new AppError(
        'kubeconfig.unreachable',
        `${server} was not read within ${READING_LIMIT_MS / 60_000} minutes.`,
      )
    : new AppError('bug.unexpected', 'The plan broke off.');
}
