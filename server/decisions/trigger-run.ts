import { setImmediate } from 'node:timers/promises';
import type { DecisionRun, NodeView, Plan, PlanNode, RunNode } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { type Clock, inTurns } from '../platform/index.ts';
import type { Capacity } from './capacity/choose-capacity.ts';
import { byCriticality } from './drain-order.ts';
import type { Endings } from './ending/endings.ts';
import { endOrders, endReasons, type NodeEnd } from './ending/node-end.ts';
import type {
  DecisionForecasts,
  DecisionState,
  EngineAnswer,
  MoveUnderWay,
  Proposal,
  RunnableEngine,
} from './engines/engine.ts';
import { withStanding } from './engines/pool-standing.ts';
import { loadForecasts } from './load-forecasts.ts';
import { roomOrder } from './making-room/room-steps.ts';
import type { ClusterControl, PriceForecasts, SchedulableCluster, TypeCatalog } from './neighbours.ts';
import { occupancyByNode } from './node-occupancy.ts';
import { billAsOfNow } from './open-bill.ts';
import { ordersByWave } from './orders-by-wave.ts';
import type { PlanActor, PlanJournal } from './plan-journal.ts';
import { freshResizeSteps, freshSteps } from './plan-progress.ts';
import type { PlanStore } from './plan-store.ts';
import type { PlanGuard } from './policy/plan-guard.ts';
import type { DecisionPolicy } from './policy.ts';
import type { Rightsizing } from './rightsizing/size-cluster.ts';

/** What runs of an engine are made with. */
export interface RunParts {
  readonly store: PlanStore;
  readonly journal: PlanJournal;
  readonly clock: Clock;
  readonly newId: (kind: string) => string;
  readonly guard: PlanGuard;
  readonly market: TypeCatalog;
  readonly forecasting: PriceForecasts;
  readonly capacity: Pick<Capacity, 'providerOf'>;
  readonly endings: Pick<Endings, 'choose'>;
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
  readonly rightsizing: Pick<Rightsizing, 'recommend'>;
}

/** A run and its plans. */
export interface RunResult {
  readonly run: DecisionRun;
  readonly plans: readonly Plan[];
}

/** One state of a cluster and all that answers are held against; engines that are asked the same question can be compared. */
export interface Question {
  readonly state: DecisionState;
  readonly forecasts: DecisionForecasts;
  readonly policy: DecisionPolicy;
  /** Holds an answer against the memory of moves. */
  readonly judge: (answer: EngineAnswer) => EngineAnswer;
}

/** A run that was made, with what was asked and answered. */
export interface MadeRun extends RunResult {
  readonly question: Question;
  readonly answer: EngineAnswer;
}

/** Plans that were approved and are not done: their moves count, and their nodes are left alone. */
export const statesUnderWay = ['approved', 'running', 'stopping'] as const;

/** Pictures of a plan need the nodes that its run saw: about 300 bytes each. */
const RUNS_WITH_NODES = 20;
/** No policy looks further back: the longest span and the longest return. */
const NOTICES_MS = 8 * MS_PER_DAY;

/** The move of a plan, for caps and floors. */
export function moveOf({ remove, add, resize }: Plan): MoveUnderWay {
  return {
    removes: remove.map(({ uid }) => uid),
    adds: add,
    ...(resize ? { resizes: resize.workload.uid } : {}),
  };
}

/**
 * Runs the engine on the present state of a cluster and streams its plans one by one, with a turn for others between its steps: what the database does here
 * is done at once, so that waiting for it lets nobody in. Every older plan that was only
 * proposed becomes stale: caps and floors hold for the plans of one run together, not across runs.
 * @throws AppError `resource.not-found` for an unknown cluster, `cluster.away` when its agent is not connected,
 * `engine.faulty` when a plug-in gives no answer that can be used
 * @param withSizes the question holds what rightsizing says, even where this engine does not need it
 */
export async function triggerRun(
  parts: RunParts,
  engine: RunnableEngine,
  clusterId: string,
  actor: PlanActor,
  withSizes = engine.needsSizes,
): Promise<MadeRun> {
  const observed = presentState(parts, clusterId);
  const { store, journal, clock } = parts;
  const started = freshRun(parts, engine, clusterId);
  await journal.saveRun(started);
  await store.saveRunNodes(started, observed.asOf, observed.nodes.map(runNode), RUNS_WITH_NODES);
  try {
    const question = await questionOf(parts, observed, withSizes);
    const answer = await answerOf(engine, question);
    await setImmediate();
    const older = await store.listedPlans({ clusterId, state: 'proposed' });
    const means = await meansOf(parts, observed, answer.proposals);
    const plans = await plansOf(parts, answer.proposals, started, observed, means);
    for (const plan of older) {
      const outcome = supersededWords(plan, plans);
      await journal.change(plan.id, {
        from: ['proposed'],
        actor,
        action: 'plan.superseded',
        apply: one => ({ ...one, state: 'stale', outcome }),
      });
      await setImmediate();
    }
    for (const plan of plans) {
      await journal.propose(plan, actor);
      await setImmediate();
    }
    const run = finishedRun(started, answer, clock.now());
    await journal.saveRun(run);
    return { run, plans, question, answer };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await journal.saveRun({ ...started, state: 'failed', endedAt: clock.now(), message });
    throw error;
  }
}

/**
 * What the engine says of a cluster now; nothing is stored and nothing acts.
 * @throws AppError as `triggerRun` does
 */
export async function previewRun(
  parts: RunParts,
  engine: RunnableEngine,
  clusterId: string,
): Promise<RunResult> {
  const observed = presentState(parts, clusterId);
  const started = freshRun(parts, engine, clusterId);
  const answer = await answerOf(engine, await questionOf(parts, observed, engine.needsSizes));
  const means = await meansOf(parts, observed, answer.proposals);
  const plans = await plansOf(parts, answer.proposals, started, observed, means);
  return { run: finishedRun(started, answer, parts.clock.now()), plans };
}

/** A cluster whose agent is connected. @throws AppError `resource.not-found`, `cluster.away` */
export function presentState(
  { clusters }: Pick<RunParts, 'clusters'>,
  clusterId: string,
): SchedulableCluster {
  const observed = clusters.state(clusterId);
  if (!observed) throw new AppError('resource.not-found', `There is no cluster ${clusterId}.`);
  if (observed.cluster.state !== 'live') {
    throw new AppError('cluster.away', `The agent of cluster ${observed.cluster.name} is not connected.`);
  }
  return observed;
}

/** What an engine says, held against the memory of moves. @throws AppError as the engine does */
export async function answerOf(engine: RunnableEngine, question: Question): Promise<EngineAnswer> {
  const { state, forecasts, policy, judge } = question;
  const answer = await engine.decide(state, forecasts, policy);
  await setImmediate();
  return judge(answer);
}

async function questionOf(
  parts: RunParts,
  observed: SchedulableCluster,
  withSizes: boolean | undefined,
): Promise<Question> {
  await setImmediate();
  const policy = await parts.guard.settings(observed.cluster.id);
  const nowMs = parts.clock.now();
  const notices = await parts.forecasting.poolNotices(nowMs - NOTICES_MS);
  const known = await loadForecasts(observed, parts.market, parts.forecasting);
  await setImmediate();
  const forecasts = withStanding(known, notices, policy, nowMs);
  await setImmediate();
  const plans = await parts.store.plansIn(statesUnderWay);
  const ofCluster = plans.filter(({ clusterId }) => clusterId === observed.cluster.id);
  await setImmediate();
  const openBill = billAsOfNow(parts.clusters, parts.market, plans.map(moveOf));
  await setImmediate();
  const state = {
    ...observed,
    underWay: ofCluster.map(moveOf),
    openBill,
    ...(withSizes
      ? {
          sizes: await parts.rightsizing.recommend(observed.cluster.id),
          takenBack: await takenBack(parts, observed.cluster.id),
        }
      : {}),
  };
  return { state, forecasts, policy, judge: await parts.guard.memoryOf(observed) };
}

/** Workloads whose resize failed within a week: what went wrong has to be seen by a person before it is tried again. */
async function takenBack({ store, clock }: RunParts, clusterId: string): Promise<Set<string>> {
  const since = clock.now() - 7 * MS_PER_DAY;
  const failed = await store.failedPlans(clusterId, since);
  return new Set(failed.flatMap(({ resize }) => (resize ? [resize.workload.uid] : [])));
}

function runNode(node: NodeView): RunNode {
  const { name, uid, instanceType, zone, capacityType, cordoned, priceMicroUsdPerHour } = node;
  const { allocatable, requested } = node;
  return {
    name,
    uid,
    instanceType,
    zone,
    capacityType,
    cordoned,
    allocatable: { cpuMilli: allocatable.cpuMilli, memoryBytes: allocatable.memoryBytes },
    requested: { cpuMilli: requested.cpuMilli, memoryBytes: requested.memoryBytes },
    priceMicroUsdPerHour: priceMicroUsdPerHour === null ? null : Math.floor(priceMicroUsdPerHour),
  };
}

function freshRun({ newId, clock }: RunParts, engine: RunnableEngine, clusterId: string): DecisionRun {
  return {
    id: newId('run'),
    clusterId,
    engine: engine.name,
    ...(engine.plugIn ? { plugIn: engine.plugIn } : {}),
    state: 'running',
    startedAt: clock.now(),
    endedAt: null,
    nodesConsidered: 0,
    proposals: 0,
    unknownPrices: 0,
    unknownRisks: 0,
    costNowMicroUsdPerHour: null,
    costAfterMicroUsdPerHour: null,
    blocked: [],
    message: null,
  };
}

function finishedRun(started: DecisionRun, answer: EngineAnswer, nowMs: number): DecisionRun {
  const { proposals, blocked, refused, ...figures } = answer;
  return {
    ...started,
    ...figures,
    state: 'finished',
    endedAt: nowMs,
    proposals: proposals.length,
    blocked: [...blocked],
    ...(refused ? { refused: [...refused] } : {}),
  };
}

/** How nodes come and go, and instances end. */
interface PlanMeans {
  /** Whether new nodes of the cluster are ordered; else they come as pods wait for them. */
  readonly isOrdering: boolean;
  readonly ends: ReadonlyMap<string, NodeEnd>;
  /** Looked up once for all plans of a run. */
  readonly occupancy: () => ReturnType<typeof occupancyByNode>;
}

async function meansOf(
  { capacity, endings }: RunParts,
  observed: SchedulableCluster,
  proposals: readonly Proposal[],
): Promise<PlanMeans> {
  const { orders } = await capacity.providerOf(observed.cluster.id);
  const leaving = proposals.flatMap(({ remove }) => remove);
  let known: ReturnType<typeof occupancyByNode> | undefined;
  const occupancy = () => {
    known ??= occupancyByNode(observed.inventory.pods);
    return known;
  };
  return { isOrdering: orders !== null, ends: await endings.choose(observed, leaving), occupancy };
}

/** Why a plan that was only proposed holds no more after a run that made these. */
function supersededWords({ remove, resize }: Plan, made: readonly Plan[]): string {
  if (resize) {
    const { kind, namespace, name, uid } = resize.workload;
    return made.some(plan => plan.resize?.workload.uid === uid)
      ? `A newer run made a new plan for ${kind} ${namespace}/${name}.`
      : `A newer run no longer proposes to resize ${kind} ${namespace}/${name}.`;
  }
  const renewed = new Set(made.flatMap(plan => plan.remove.map(({ uid }) => uid)));
  const nodes = remove.length === 1 ? 'this node' : 'these nodes';
  return remove.some(({ uid }) => renewed.has(uid))
    ? `A newer run made a new plan for ${nodes}.`
    : `A newer run no longer proposes to replace ${nodes}.`;
}

async function plansOf(
  parts: RunParts,
  proposals: readonly Proposal[],
  run: DecisionRun,
  observed: SchedulableCluster,
  means: PlanMeans,
): Promise<Plan[]> {
  const ids = new Map(proposals.map(proposal => [planKey(proposal), parts.newId('plan')]));
  const plans: Plan[] = [];
  for (const proposal of proposals) {
    await setImmediate();
    const dependsOn = (proposal.after ?? []).flatMap(one => ids.get(planKey(one)) ?? []);
    const plan = await inTurns(
      planOf(parts, ids.get(planKey(proposal)) ?? '', proposal, run, observed, means),
    );
    plans.push(dependsOn.length > 0 ? { ...plan, dependsOn } : plan);
  }
  return plans;
}

/** What a proposal is about: no two of one answer are about the same nodes or workload. */
function planKey({ remove, resize }: Proposal): string {
  return resize?.workload.uid ?? remove.map(({ uid }) => uid).join(' ');
}

function* planOf(
  { clock }: RunParts,
  id: string,
  proposal: Proposal,
  run: DecisionRun,
  observed: SchedulableCluster,
  means: PlanMeans,
): Generator<void, Plan> {
  const nowMs = clock.now();
  const { waves, engine, after: _, ...decided } = proposal;
  const byName = new Map(proposal.remove.map(node => [node.name, node]));
  const namesOf = waves ?? [proposal.remove.map(({ name }) => name)];
  const wavesOf: PlanNode[][] = [];
  for (const names of namesOf) {
    const nodes = names.flatMap(name => byName.get(name) ?? []);
    wavesOf.push(nodes.length > 1 ? byCriticality(nodes, means.occupancy()) : nodes);
    yield;
  }
  const orders = means.isOrdering ? ordersByWave(proposal, namesOf) : [];
  const ends = endOrders(wavesOf.flat(), means.ends);
  return {
    ...decided,
    reasons: [...decided.reasons, ...endReasons(proposal.remove, means.ends)],
    remove: proposal.remove.map(node => withEnd(node, means.ends)),
    id,
    runId: run.id,
    clusterId: run.clusterId,
    clusterName: observed.cluster.name,
    engine: engine ?? run.engine,
    ...(run.plugIn ? { plugIn: run.plugIn } : {}),
    state: 'proposed',
    createdAt: nowMs,
    changedAt: nowMs,
    steps: proposal.resize
      ? freshResizeSteps()
      : freshSteps(
          wavesOf.map((nodes, wave) => ({
            remove: nodes,
            order: orders[wave] ?? [],
            room: roomOrder(proposal, namesOf[wave] ?? []),
            ends,
          })),
        ),
    approval: null,
    outcome: null,
  };
}

function withEnd(node: PlanNode, ends: PlanMeans['ends']): PlanNode {
  const end = ends.get(node.uid);
  if (!end) return node;
  const { instanceId } = end.by === 'nobody' ? end : {};
  return { ...node, endedBy: end.by, ...(instanceId === undefined ? {} : { instanceId }) };
}
