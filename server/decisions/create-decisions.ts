import { planStates } from '../../common/contracts/decisions.ts';
import type { DecisionRun, EngineChoice, Plan, RunNode } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import {
  type AuditLog,
  type Clock,
  type Database,
  type LiveHub,
  type Logger,
  newId,
} from '../platform/index.ts';
import { approvePlan, planInState } from './approve-plan.ts';
import { binPackingEngine } from './engines/bin-packing/bin-packing-engine.ts';
import { inOrder } from './engines/in-order.ts';
import { spotEngine } from './engines/spot/spot-engine.ts';
import { Executor } from './execute-plan.ts';
import type { ClusterControl, PriceForecasts, TypeCatalog } from './neighbours.ts';
import { type PlanActor, PlanJournal } from './plan-journal.ts';
import { PlanStore } from './plan-store.ts';
import type { PlugInSettings } from './plug-ins/ask-plug-in.ts';
import { EngineRegistry } from './plug-ins/engine-registry.ts';
import { type DecisionPolicy, defaultPolicy } from './policy.ts';
import { rejectPlan } from './reject-plan.ts';
import type { MachineCatalog } from './snapshot/machine-market.ts';
import { stopPlan } from './stop-plan.ts';
import { previewRun, type RunResult, statesUnderWay, triggerRun } from './trigger-run.ts';

/** What decisions are made from. */
export interface DecisionParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly market: { readonly catalog: TypeCatalog['catalog'] & MachineCatalog };
  readonly forecasting: PriceForecasts;
  readonly clusters: ClusterControl;
  /** Folder for uploaded engines, and how they are run. */
  readonly plugIns: { readonly folder: string } & PlugInSettings;
  /** The built script of the planning thread, where the program is bundled. */
  readonly planningScript?: URL | undefined;
  readonly policy?: DecisionPolicy;
  readonly newId?: (kind: string) => string;
}

/** The room of decisions. Calls on a plan throw AppErrors as the use cases say. */
export interface Decisions {
  /** Built-in and uploaded engines. */
  readonly engines: EngineRegistry;
  /**
   * Runs an engine on the present state, that of the cluster unless one is named; also lets a paused executor go on. Two at once
   * share one run.
   */
  trigger(clusterId: string, actor: PlanActor, engine?: string): Promise<DecisionRun>;
  /** What an engine says now, with the cluster's own parameters unless others are given; nothing is stored. */
  preview(clusterId: string, engine: string, parameters?: EngineChoice['parameters']): Promise<RunResult>;
  approve(planId: string, actor: PlanActor, comment?: string): Promise<Plan>;
  reject(planId: string, actor: PlanActor, comment?: string): Promise<Plan>;
  stopPlan(planId: string, actor: PlanActor, comment?: string): Promise<Plan>;
  /** Hears of every new and changed plan after its commit. */
  onPlanChanged(listener: (plan: Plan) => void): void;
  /** @throws AppError `resource.not-found` */
  get(planId: string): Promise<Plan>;
  /** Newest first. */
  plans(filter?: { clusterId?: string | undefined; limit?: number }): Promise<Plan[]>;
  /** The nodes as a run saw them. @throws AppError `resource.not-found` */
  runNodes(runId: string): Promise<{ clusterId: string; asOf: number; nodes: RunNode[] }>;
  /** The last run of each cluster. */
  runs(clusterId?: string): Promise<DecisionRun[]>;
  /** Takes up running plans and begins to look after them. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What waits for the agent or for a budget is looked at this often. */
const WAKE_EVERY_MS = 2_000;
const SHOWN_PLANS = 200;

/** Wires the room. Nothing runs before `start()`. */
export async function createDecisions(parts: DecisionParts): Promise<Decisions> {
  const { database, clusters, clock, live, market } = parts;
  const policy = parts.policy ?? defaultPolicy;
  const store = new PlanStore(database);
  const journal = new PlanJournal({ store, audit: parts.audit, live, clock });
  const log = parts.log.child({ room: 'decisions' });
  const executor = new Executor({ store, journal, clusters, market, policy, clock, log });
  const run = { ...parts, store, journal, policy, newId: parts.newId ?? newId };
  const closing = new AbortController();
  const packing = binPackingEngine({
    catalog: market.catalog,
    script: parts.planningScript,
    signal: closing.signal,
  });
  const engines = new EngineRegistry({
    ...parts,
    folder: parts.plugIns.folder,
    settings: parts.plugIns,
    builtIn: [spotEngine, packing, inOrder('packing-then-spot', [packing, spotEngine])],
    hasOpenPlans: async ({ file }) =>
      (await store.plansIn(['proposed', ...statesUnderWay])).some(
        ({ plugIn }) => plugIn?.sha256 === file.sha256,
      ),
  });
  const runsUnderWay = new Map<string, Promise<DecisionRun>>();
  let timer: NodeJS.Timeout | undefined;

  const plans: Decisions['plans'] = (filter = {}) =>
    store.plans({ clusterId: filter.clusterId, limit: filter.limit ?? SHOWN_PLANS });
  const wake = (work: Promise<void>): void => {
    work.catch((error: unknown) =>
      log.error({ err: error }, 'plans could not be looked after; it is tried again'),
    );
  };

  live.define('decisions', async () => [
    ...(await plans()).map(plan => ({ key: `plan/${plan.id}`, value: plan })),
    ...(await store.lastRuns()).map(last => ({ key: `run/${last.id}`, value: last })),
  ]);
  live.define('plan/*', async topic => {
    const plan = await store.plan(topic.slice('plan/'.length));
    return plan ? [{ key: 'plan', value: plan }] : [];
  });

  const trigger = async (clusterId: string, actor: PlanActor, name?: string): Promise<DecisionRun> => {
    const engine = await (name === undefined ? engines.engineOf(clusterId) : engines.find(name));
    const result = await triggerRun(run, engine, clusterId, actor);
    await store.write(transaction => store.setFailuresInARow(transaction, clusterId, 0));
    wake(executor.wakeCluster(clusterId));
    return result.run;
  };

  return {
    engines,
    trigger: (clusterId, actor, engine) => {
      const running =
        runsUnderWay.get(clusterId) ??
        trigger(clusterId, actor, engine).finally(() => {
          runsUnderWay.delete(clusterId);
        });
      runsUnderWay.set(clusterId, running);
      return running;
    },
    preview: async (clusterId, engine, parameters) =>
      previewRun(run, await engines.find(engine, parameters), clusterId),
    approve: async (planId, actor, comment) => {
      const plan = await approvePlan(
        { store, journal, clusters, market, policy, clock },
        planId,
        actor,
        comment,
      );
      wake(executor.wakeCluster(plan.clusterId));
      return plan;
    },
    reject: (planId, actor, comment) => rejectPlan({ store, journal }, planId, actor, comment),
    stopPlan: async (planId, actor, comment) => {
      const plan = await stopPlan({ store, journal, executor }, planId, actor, comment);
      wake(executor.wakeCluster(plan.clusterId));
      return plan;
    },
    stop: async () => {
      clearInterval(timer);
      closing.abort();
      await Promise.allSettled(runsUnderWay.values());
      await executor.stop();
    },
    onPlanChanged: listener => journal.onPlanChanged(listener),
    get: planId => planInState(store, planId, planStates, 'shown'),
    plans,
    runNodes: async runId => {
      const found = await store.runNodes(runId);
      if (!found)
        throw new AppError('resource.not-found', `What run ${runId} saw of its cluster is not kept.`, {
          hint: 'It is kept for the last 20 runs of each cluster; run the engine again.',
        });
      return found;
    },
    runs: clusterId => store.lastRuns(clusterId),
    start: async () => {
      await engines.start();
      for (const left of await store.unfinishedRuns()) {
        const message = 'The engine ended during this run; run it again.';
        await journal.saveRun({ ...left, state: 'failed', endedAt: clock.now(), message });
      }
      wake(executor.wake());
      timer = setInterval(() => wake(executor.wake()), WAKE_EVERY_MS);
      timer.unref();
    },
  };
}
