import { type PlanState, planStates } from '../../common/contracts/decisions.ts';
import type {
  DecisionRun,
  EngineChoice,
  OwnerChanges,
  Plan,
  PolicyDocument,
  PolicyPreview,
  RunNode,
} from '../../common/contracts/index.ts';
import { DEFAULT_POLICY_SCOPE } from '../../common/contracts/policies.ts';
import { AppError } from '../../common/errors.ts';
import {
  type AuditLog,
  type Clock,
  type Database,
  inSpan,
  type LiveHub,
  type Logger,
  newId,
} from '../platform/index.ts';
import { approvePlan, planInState } from './approve-plan.ts';
import type { AwsAccess } from './capacity/aws-clients.ts';
import { CapacityStore } from './capacity/capacity-store.ts';
import { Capacity } from './capacity/choose-capacity.ts';
import { Endings } from './ending/endings.ts';
import { binPackingEngine } from './engines/bin-packing/bin-packing-engine.ts';
import { inOrder } from './engines/in-order.ts';
import { patientSpotEngine } from './engines/spot/spot-engine.ts';
import { Executor } from './execute-plan.ts';
import { EngineExperiments, type RunPart } from './experiments/engine-experiments.ts';
import type { ClusterControl, PriceForecasts, TypeCatalog } from './neighbours.ts';
import { NoticeStore } from './notices/notice-store.ts';
import { type SpotNotice, SpotNotices } from './notices/spot-notices.ts';
import { changesOfPlan } from './owners/changes-of-plan.ts';
import { type PlanActor, PlanJournal } from './plan-journal.ts';
import { PlanStore } from './plan-store.ts';
import type { PlugInSettings } from './plug-ins/ask-plug-in.ts';
import { EngineRegistry } from './plug-ins/engine-registry.ts';
import { approveByPolicy, runsDue } from './policy/act-by-policy.ts';
import { closedBreaker } from './policy/breaker.ts';
import { PlanGuard } from './policy/plan-guard.ts';
import { type GivenDocument, Policies } from './policy/policies.ts';
import { PolicyStore } from './policy/policy-store.ts';
import { previewPolicy } from './policy/preview-policy.ts';
import { rejectPlan } from './reject-plan.ts';
import { proposeOneResize } from './resizing/propose-one-resize.ts';
import { resizingEngine } from './resizing/resizing-engine.ts';
import type { Rightsizing } from './rightsizing/size-cluster.ts';
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
  readonly rightsizing: Pick<Rightsizing, 'recommend'>;
  /** Folder for uploaded engines, and how they are run. */
  readonly plugIns: { readonly folder: string } & PlugInSettings;
  /** How AWS is reached where nodes are ordered and instances ended there. */
  readonly aws?: AwsAccess;
  /** What holds while no policy was saved; the defaults of its schema unless given. */
  readonly policy?: PolicyDocument;
  readonly newId?: (kind: string) => string;
}

/** The room of decisions. Calls on a plan throw AppErrors as the use cases say. */
export interface Decisions {
  /** Built-in and uploaded engines. */
  readonly engines: EngineRegistry;
  /** Comparisons of engines on the runs of clusters. */
  readonly engineExperiments: EngineExperiments;
  /** Where new nodes of clusters come from. */
  readonly capacity: Capacity;
  /** Policies of clusters, and kill switches. */
  readonly policies: Policies;
  /** What a document would do; nothing is saved. */
  previewPolicy(scope: string, given: GivenDocument): Promise<PolicyPreview>;
  /**
   * Runs an engine on the present state, that of the cluster unless one is named; also lets a paused executor go on. Two at once
   * share one run.
   */
  trigger(clusterId: string, actor: PlanActor, engine?: string): Promise<DecisionRun>;
  /** What an engine says now, with the cluster's own parameters unless others are given; nothing is stored. */
  preview(clusterId: string, engine: string, parameters?: EngineChoice['parameters']): Promise<RunResult>;
  /** A plan for what rightsizing says of one workload (`Deployment/shop/web`). @throws AppError as `proposeOneResize` does */
  proposeResize(clusterId: string, workload: string, actor: PlanActor): Promise<Plan>;
  approve(planId: string, actor: PlanActor, comment?: string): Promise<Plan>;
  reject(planId: string, actor: PlanActor, comment?: string): Promise<Plan>;
  stopPlan(planId: string, actor: PlanActor, comment?: string): Promise<Plan>;
  /** What a plan means for the owners of its nodes; nothing is changed. */
  ownerChanges(planId: string): Promise<OwnerChanges>;
  /** Which of these instances have come to their end; none where AWS cannot be asked. */
  goneInstances(clusterId: string, instanceIds: readonly string[]): Promise<readonly string[]>;
  /** AWS is about to take a Spot node away: what the policy says of that is done. */
  answerNotice(notice: SpotNotice): Promise<void>;
  /** Goes on with notices whose agent was away, and gives back nodes that AWS did not take; `start` calls it again and again. */
  lookAfterNotices(): Promise<void>;
  /** Hears of every new and changed plan after its commit. */
  onPlanChanged(listener: (plan: Plan) => void): void;
  /** Hears of every run of an engine that began or ended, after its commit. */
  onRunChanged(listener: (run: DecisionRun) => void): void;
  /** How many plans there are in each state; those without any are left out. */
  countPlans(): Promise<ReadonlyMap<PlanState, number>>;
  /** @throws AppError `resource.not-found` */
  get(planId: string): Promise<Plan>;
  /** Newest first, as lists tell them: of large plans the first parts. */
  plans(filter?: { clusterId?: string | undefined; limit?: number }): Promise<Plan[]>;
  /** Number of the last change of a plan, and plans by their last changes, for who follows them: see `PlanStore`. */
  readonly changes: Pick<PlanStore, 'lastChange' | 'changedPlans'>;
  /** The nodes as a run saw them. @throws AppError `resource.not-found` */
  runNodes(runId: string): Promise<{ clusterId: string; asOf: number; nodes: RunNode[] }>;
  /** One run, with every node that stays. @throws AppError `resource.not-found` */
  run(runId: string): Promise<DecisionRun>;
  /** The last run of each cluster, as lists tell it. */
  runs(clusterId?: string): Promise<DecisionRun[]>;
  /** Takes up running plans and begins to look after them. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What waits for the agent or for a budget is looked at this often. */
const WAKE_EVERY_MS = 2_000;
/** Whether a policy has the engine run, and whether an hour of an experiment is over, is asked this often. */
const RUN_EVERY_MS = 15_000;
const SHOWN_PLANS = 200;

/** Wires the room. Nothing runs before `start()`. */
export async function createDecisions(parts: DecisionParts): Promise<Decisions> {
  const { database, clusters, clock, live, market } = parts;
  const store = new PlanStore(database);
  const journal = new PlanJournal({ store, audit: parts.audit, live, clock });
  const log = parts.log.child({ room: 'decisions' });
  const capacity = new Capacity({
    store: new CapacityStore(database),
    clusters,
    aws: parts.aws ?? {},
    clock,
  });
  const policies = new Policies({
    ...parts,
    store: new PolicyStore(database),
    // One that has not reported yet has a policy, too.
    clusterName: id =>
      clusters.state(id)?.cluster.name ?? clusters.summaries().find(one => one.id === id)?.name,
    ...(parts.policy ? { builtIn: parts.policy } : {}),
  });
  const notices = new SpotNotices({ store: new NoticeStore(database), clusters, policies, clock, log });
  const guard = new PlanGuard({ policies, store, clusters, clock });
  const endings = new Endings({ clusters, capacity, clock });
  const approval = { store, journal, clusters, market, guard, endings, clock, log };
  const executor = new Executor({ ...approval, capacity });
  const run = { ...parts, store, journal, guard, capacity, endings, newId: parts.newId ?? newId };
  const closing = new AbortController();
  const packing = binPackingEngine({
    catalog: market.catalog,
    signal: closing.signal,
  });
  const engines = new EngineRegistry({
    ...parts,
    folder: parts.plugIns.folder,
    settings: parts.plugIns,
    builtIn: [
      patientSpotEngine,
      packing,
      inOrder('packing-then-spot', [packing, patientSpotEngine]),
      resizingEngine,
      inOrder('rightsizing-then-packing-then-spot', [resizingEngine, packing, patientSpotEngine]),
    ],
    hasOpenPlans: async ({ file }) =>
      (await store.plansIn(['proposed', ...statesUnderWay])).some(
        ({ plugIn }) => plugIn?.sha256 === file.sha256,
      ),
  });
  const engineExperiments = new EngineExperiments({ ...parts, engines, log });
  const runsUnderWay = new Map<string, Promise<DecisionRun>>();
  let timer: NodeJS.Timeout | undefined;
  let runTimer: NodeJS.Timeout | undefined;

  const plans: Decisions['plans'] = (filter = {}) =>
    store.listedPlans({ clusterId: filter.clusterId, limit: filter.limit ?? SHOWN_PLANS });
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

  /** @throws AppError `cluster.moved` where another engine acts on the cluster */
  const demandHome = (clusterId: string): void => {
    const { name, home } = clusters.summaries().find(({ id }) => id === clusterId) ?? {};
    if (home?.movedTo)
      throw new AppError(
        'cluster.moved',
        `Cluster "${name}" was moved to the engine "${home.movedTo.name}".`,
      );
  };

  const trigger = async (clusterId: string, actor: PlanActor, name?: string): Promise<DecisionRun> => {
    demandHome(clusterId);
    // A run with an engine that somebody named is no part of an experiment.
    const part =
      name === undefined ? await engineExperiments.partOf(clusterId) : { engine: await engines.find(name) };
    const result = await runPart(part, clusterId, actor);
    // Only a person takes back a pause: a policy that runs the engine saw nothing of why plans failed.
    if (!actor.policy)
      await store.write(transaction => store.setBreaker(transaction, clusterId, closedBreaker));
    await approveByPolicy(approval, result.plans);
    wake(executor.wakeCluster(clusterId));
    return result.run;
  };

  const runPart = async (part: RunPart, clusterId: string, actor: PlanActor): Promise<RunResult> => {
    const { engine, shadow } = part;
    try {
      const needsSizes = engine.needsSizes === true || shadow?.needsSizes === true;
      const attributes = { 'cloudoptim.cluster.id': clusterId, 'cloudoptim.engine': engine.name };
      const made = await inSpan({ name: 'decision.run', attributes }, () =>
        triggerRun(run, engine, clusterId, actor, needsSizes),
      );
      engineExperiments.observe(part, made);
      return made;
    } catch (error) {
      engineExperiments.observeFailure(part, clusterId, error);
      throw error;
    }
  };

  const triggerOnce: Decisions['trigger'] = (clusterId, actor, engine) => {
    const running =
      runsUnderWay.get(clusterId) ??
      trigger(clusterId, actor, engine).finally(() => {
        runsUnderWay.delete(clusterId);
      });
    runsUnderWay.set(clusterId, running);
    return running;
  };
  const runByPolicy = async (): Promise<void> => {
    const ids = clusters.summaries().map(({ id }) => id);
    for (const { clusterId, actor } of await runsDue(policies, ids, await store.lastRuns(), clock.now())) {
      if ((await store.breaker(clusterId)).pausedAt !== null) continue;
      if (clusters.state(clusterId)?.cluster.state !== 'live') continue;
      // One cluster whose agent left just now must not keep the others from their runs.
      await triggerOnce(clusterId, actor).catch((error: unknown) =>
        log.warn({ clusterId, err: error }, 'a run that the policy asked for failed'),
      );
    }
  };
  policies.onChanged(scope =>
    wake(scope === DEFAULT_POLICY_SCOPE ? executor.wake() : executor.wakeCluster(scope)),
  );

  return {
    engines,
    engineExperiments,
    capacity,
    policies,
    previewPolicy: (scope, given) => previewPolicy({ policies, guard, store, clusters, clock }, scope, given),
    trigger: triggerOnce,
    preview: async (clusterId, engine, parameters) =>
      previewRun(run, await engines.find(engine, parameters), clusterId),
    proposeResize: async (clusterId, workload, actor) => {
      demandHome(clusterId);
      return proposeOneResize(run, clusterId, workload, actor);
    },
    approve: async (planId, actor, comment) => {
      demandHome((await planInState(store, planId, planStates, 'approved')).clusterId);
      const plan = await approvePlan(approval, planId, actor, comment);
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
      clearInterval(runTimer);
      // Before anything is broken off: what an engine then answers must not count.
      const asked = engineExperiments.close();
      closing.abort();
      await Promise.allSettled(runsUnderWay.values());
      await asked;
      await executor.stop();
      await capacity.stop();
    },
    ownerChanges: async planId =>
      changesOfPlan(
        { ...parts, policyOf: async id => (await policies.inForce(id)).document },
        await planInState(store, planId, planStates, 'shown'),
      ),
    goneInstances: (clusterId, instanceIds) => endings.gone(clusterId, instanceIds),
    answerNotice: notice => notices.answer(notice),
    lookAfterNotices: () => notices.lookAfter(),
    onPlanChanged: listener => journal.onPlanChanged(listener),
    onRunChanged: listener => journal.onRunChanged(listener),
    countPlans: () => store.countByState(),
    get: planId => planInState(store, planId, planStates, 'shown'),
    plans,
    changes: store,
    runNodes: async runId => {
      const found = await store.runNodes(runId);
      if (!found)
        throw new AppError('resource.not-found', `What run ${runId} saw of its cluster is not kept.`, {
          hint: 'It is kept for the last 20 runs of each cluster; run the engine again.',
        });
      return found;
    },
    run: async runId => {
      const found = await store.run(runId);
      if (!found) throw new AppError('resource.not-found', `There is no run ${runId}.`);
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
      runTimer = setInterval(() => {
        wake(runByPolicy());
        wake(engineExperiments.refresh());
        wake(notices.lookAfter());
      }, RUN_EVERY_MS);
      runTimer.unref();
    },
  };
}
