import type { DecisionRun, NodeView, Plan, RunNode } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Clock } from '../platform/index.ts';
import type { EngineAnswer, MoveUnderWay, Proposal, RunnableEngine } from './engines/engine.ts';
import { loadForecasts } from './load-forecasts.ts';
import type { ClusterControl, PriceForecasts, SchedulableCluster, TypeCatalog } from './neighbours.ts';
import { openBill } from './open-bill.ts';
import type { PlanActor, PlanJournal } from './plan-journal.ts';
import { freshSteps } from './plan-progress.ts';
import type { PlanStore } from './plan-store.ts';
import type { DecisionPolicy } from './policy.ts';

/** What runs of an engine are made with. */
export interface RunParts {
  readonly store: PlanStore;
  readonly journal: PlanJournal;
  readonly clock: Clock;
  readonly newId: (kind: string) => string;
  readonly policy: DecisionPolicy;
  readonly market: TypeCatalog;
  readonly forecasting: PriceForecasts;
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
}

/** A run and its plans. */
export interface RunResult {
  readonly run: DecisionRun;
  readonly plans: readonly Plan[];
}

/** Plans that were approved and are not done: their moves count, and their nodes are left alone. */
export const statesUnderWay = ['approved', 'running', 'stopping'] as const;

/** Pictures of a plan need the nodes that its run saw: about 300 bytes each. */
const RUNS_WITH_NODES = 20;

/** The move of a plan, for caps and floors. */
export function moveOf({ remove, add }: Plan): MoveUnderWay {
  return { removes: remove.map(({ uid }) => uid), adds: add };
}

/**
 * Runs the engine on the present state of a cluster and streams its plans one by one. Every older plan that was only
 * proposed becomes stale: caps and floors hold for the plans of one run together, not across runs.
 * @throws AppError `resource.not-found` for an unknown cluster, `cluster.away` when its agent is not connected,
 * `engine.faulty` when a plug-in gives no answer that can be used
 */
export async function triggerRun(
  parts: RunParts,
  engine: RunnableEngine,
  clusterId: string,
  actor: PlanActor,
): Promise<RunResult> {
  const observed = presentState(parts, clusterId);
  const { store, journal, clock } = parts;
  const started = freshRun(parts, engine, clusterId);
  await journal.saveRun(started);
  await store.saveRunNodes(started, observed.asOf, observed.nodes.map(runNode), RUNS_WITH_NODES);
  try {
    const answer = await decide(parts, engine, observed);
    const older = await store.plansIn(['proposed'], clusterId);
    const plans = answer.proposals.map(proposal => planOf(parts, proposal, started, observed));
    const renewed = new Set(plans.flatMap(plan => plan.remove.map(({ uid }) => uid)));
    for (const plan of older) {
      const nodes = plan.remove.length === 1 ? 'this node' : 'these nodes';
      const outcome = plan.remove.some(({ uid }) => renewed.has(uid))
        ? `A newer run made a new plan for ${nodes}.`
        : `A newer run no longer proposes to replace ${nodes}.`;
      await journal.change(plan.id, {
        from: ['proposed'],
        actor,
        action: 'plan.superseded',
        apply: one => ({ ...one, state: 'stale', outcome }),
      });
    }
    for (const plan of plans) await journal.propose(plan, actor);
    const run = finishedRun(started, answer, clock.now());
    await journal.saveRun(run);
    return { run, plans };
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
  const answer = await decide(parts, engine, observed);
  const plans = answer.proposals.map(proposal => planOf(parts, proposal, started, observed));
  return { run: finishedRun(started, answer, parts.clock.now()), plans };
}

function presentState({ clusters }: RunParts, clusterId: string): SchedulableCluster {
  const observed = clusters.state(clusterId);
  if (!observed) throw new AppError('resource.not-found', `There is no cluster ${clusterId}.`);
  if (observed.cluster.state !== 'live') {
    throw new AppError('cluster.away', `The agent of cluster ${observed.cluster.name} is not connected.`);
  }
  return observed;
}

async function decide(
  parts: RunParts,
  engine: RunnableEngine,
  observed: SchedulableCluster,
): Promise<EngineAnswer> {
  const forecasts = await loadForecasts(observed, parts.market, parts.forecasting);
  const plans = await parts.store.plansIn(statesUnderWay);
  const ofCluster = plans.filter(({ clusterId }) => clusterId === observed.cluster.id);
  const state = {
    ...observed,
    underWay: ofCluster.map(moveOf),
    openBill: () => openBill(parts.clusters, parts.market, plans.map(moveOf)),
  };
  return engine.decide(state, forecasts, parts.policy);
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

function planOf(
  { newId, clock }: RunParts,
  proposal: Proposal,
  run: DecisionRun,
  observed: SchedulableCluster,
): Plan {
  const nowMs = clock.now();
  const { waves, engine, ...decided } = proposal;
  const byName = new Map(proposal.remove.map(node => [node.name, node]));
  const ordered = waves?.map(names => names.flatMap(name => byName.get(name) ?? []));
  return {
    ...decided,
    id: newId('plan'),
    runId: run.id,
    clusterId: run.clusterId,
    clusterName: observed.cluster.name,
    engine: engine ?? run.engine,
    ...(run.plugIn ? { plugIn: run.plugIn } : {}),
    state: 'proposed',
    createdAt: nowMs,
    changedAt: nowMs,
    steps: freshSteps(ordered ?? [proposal.remove]),
    approval: null,
    outcome: null,
  };
}
