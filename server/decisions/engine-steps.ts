import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import { formatDuration } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { Capacity } from './capacity/choose-capacity.ts';
import type { InstanceEnds } from './capacity/instance-ends.ts';
import type { NodeOrder, NodeOrders } from './capacity/node-orders.ts';
import type { PlanCheck } from './check-plan.ts';
import { checkWave, type WaveCheck } from './check-wave.ts';
import type { Endings } from './ending/endings.ts';
import { settlePods } from './making-room/settle-pods.ts';
import type { ClusterControl, SchedulableCluster, TypeCatalog } from './neighbours.ts';
import { nodeOfInstance } from './node-of-instance.ts';
import type { DecisionPolicy } from './policy.ts';
import { checkResize } from './resizing/check-resize.ts';
import { watchResize } from './resizing/watch-resize.ts';
import type { StepLook } from './step-look.ts';

/** What the engine needs for its own steps. */
export interface EngineStepParts {
  readonly clusters: Pick<ClusterControl, 'state' | 'measures'>;
  readonly market: TypeCatalog;
  readonly capacity: Pick<Capacity, 'providerOf'>;
  readonly endings: Pick<Endings, 'check' | 'look'>;
  readonly clock: Clock;
}

/** A step about an instance, with what it is looked at with. */
interface OrderedStep {
  readonly orders: NodeOrders;
  readonly ends: InstanceEnds;
  readonly plan: Plan;
  readonly step: PlanStep;
  readonly observed: SchedulableCluster;
  readonly region: string;
  readonly policy: DecisionPolicy;
}

/** An instance is asked for at EC2 this often while its node is not there. */
const LOOK_EVERY_MS = 10_000;
/** After a launch EC2 may not know its tags everywhere at once; an order that was interrupted is looked for this long. */
const TAGS_SETTLE_MS = 60_000;

/** A change of a node is in the inventory by then; who is cordoned after it was cordoned by somebody else. */
const REPORT_LAG_MS = 30_000;

/** The steps that no agent does. Each look may be repeated, also by another process: what it does, it does once. */
export class EngineSteps {
  readonly #parts: EngineStepParts;
  readonly #lookedAtMs = new Map<string, number>();
  /** Containers at their CPU limit, by plan; a fresh process begins to count anew. */
  readonly #atLimit = new Map<string, Map<string, { count: number; at: number }>>();

  constructor(parts: EngineStepParts) {
    this.#parts = parts;
  }

  /** @param policy how long things may take, and what may be drained */
  async look(plan: Plan, step: PlanStep, policy: DecisionPolicy): Promise<StepLook> {
    if (step.kind === 'check') return this.#check(plan, step, policy);
    if (step.kind === 'settle') return this.#settle(plan, step, policy);
    if (step.kind === 'watch') return this.#watch(plan, step, policy);
    if (step.kind === 'end-instance') return this.#parts.endings.look(plan, step, policy);
    const observed = this.#parts.clusters.state(plan.clusterId);
    const { orders, ends } = await this.#parts.capacity.providerOf(plan.clusterId);
    const region = observed?.cluster.region;
    if (!orders || !ends) {
      return {
        state: 'failed',
        detail: 'New nodes of this cluster come from its own provisioner now; nothing is ordered from EC2.',
      };
    }
    if (!observed || region == null)
      return { state: 'waits', detail: 'Waits: the region of the cluster is not known.' };
    if (step.kind === 'add-node') return this.#order(orders, orderOf(plan, step, region), step, policy);
    const ordered = { orders, ends, plan, step, observed, region, policy };
    return step.kind === 'wait-ready' ? this.#await(ordered) : this.#end(ordered);
  }

  async #check(plan: Plan, step: PlanStep, policy: DecisionPolicy): Promise<StepLook> {
    const { clusters, market } = this.#parts;
    const observed = clusters.state(plan.clusterId);
    const { resize } = plan;
    const opening = nodesThatOpen(plan, observed, this.#parts.clock.now());
    if (opening.length > 0)
      return { state: 'waits', detail: `Waits: node ${opening.join(', ')} was uncordoned just now.` };
    const check: WaveCheck = resize
      ? noneGone(checkResize({ ...plan, resize }, observed))
      : await this.#withEnds(checkWave(plan, step, observed, market.catalog.all(), policy), plan);
    if (check.verdict === 'holds')
      return {
        state: 'done',
        detail: 'The cluster is as planned.',
        gone: check.gone,
      };
    if (check.verdict === 'away') return { state: 'waits' };
    if (check.verdict === 'stale') return { state: 'failed', detail: check.text };
    const waitedMs = this.#sinceStart(step);
    return waitedMs < policy.drainMs
      ? { state: 'waits', detail: `Waits: ${check.text}` }
      : { state: 'failed', detail: `In ${formatDuration(waitedMs)} this did not pass: ${check.text}` };
  }

  /** The check of a wave that holds, and holds no more where an instance of the plan could not be ended. */
  async #withEnds(check: WaveCheck, plan: Plan): Promise<WaveCheck> {
    if (check.verdict !== 'holds') return check;
    const ends = await this.#parts.endings.check(plan);
    return ends.verdict === 'holds' ? check : ends;
  }

  #watch(plan: Plan, step: PlanStep, policy: DecisionPolicy): StepLook {
    const { clusters, clock } = this.#parts;
    const observed = clusters.state(plan.clusterId);
    const { resize } = plan;
    if (!resize || observed?.cluster.state !== 'live') return { state: 'waits' };
    const atLimit = this.#atLimit.get(plan.id) ?? new Map();
    this.#atLimit.set(plan.id, atLimit);
    const look = watchResize(
      { ...plan, resize },
      step,
      observed,
      clusters.measures(plan.clusterId),
      atLimit,
      policy,
      clock.now(),
    );
    if (look.state !== 'waits') this.#atLimit.delete(plan.id);
    return look;
  }

  #settle(plan: Plan, step: PlanStep, policy: DecisionPolicy): StepLook {
    const observed = this.#parts.clusters.state(plan.clusterId);
    if (observed?.cluster.state !== 'live') return { state: 'waits' };
    return settlePods(plan, step, observed, policy, this.#parts.clock.now());
  }

  async #order(
    orders: NodeOrders,
    order: NodeOrder,
    step: PlanStep,
    policy: DecisionPolicy,
  ): Promise<StepLook> {
    const answer = await orders.launch(order);
    if (answer.kind === 'launched') {
      const { instanceId } = answer;
      return { state: 'done', detail: `EC2 launched ${instanceId}.`, change: { instanceId } };
    }
    if (answer.kind === 'later' && this.#sinceStart(step) < policy.nodeReadyMs)
      return { state: 'waits', detail: `Waits: ${answer.reason}` };
    return { state: 'failed', detail: answer.reason };
  }

  async #await({ orders, plan, step, observed, region, policy }: OrderedStep): Promise<StepLook> {
    const instanceId = plan.steps.find(
      one => one.kind === 'add-node' && one.target === step.target,
    )?.instanceId;
    if (instanceId === undefined) return { state: 'failed', detail: 'No instance was launched.' };
    const node = nodeOfInstance(observed, instanceId);
    const change = { instanceId, node: node ? { name: node.name, uid: node.uid } : null };
    if (node?.ready && !node.cordoned)
      return { state: 'done', detail: `Node ${node.name} is ready.`, change };
    const waitedMs = this.#sinceStart(step);
    const stands = node ? `its node ${node.name} is not ready` : 'it has not joined the cluster';
    if (waitedMs >= policy.nodeReadyMs) {
      const detail = `Instance ${instanceId} brought no ready node in ${formatDuration(waitedMs)}: ${stands}`;
      return { state: 'failed', detail, change };
    }
    const gone = await this.#goneWords(orders, region, instanceId);
    if (gone !== undefined)
      return { state: 'failed', detail: `Instance ${instanceId} brought no ready node: ${gone}`, change };
    return { state: 'waits', detail: `Waits for instance ${instanceId}: ${stands}.`, change };
  }

  async #end({ orders, ends, plan, step, observed, region, policy }: OrderedStep): Promise<StepLook> {
    const ordered = plan.steps.find(({ index }) => index === step.undoes);
    let { instanceId } = step;
    if (instanceId === undefined && ordered) {
      instanceId = await orders.find(orderOf(plan, ordered, region)).catch(() => undefined);
      if (instanceId === undefined) {
        return this.#sinceStart(ordered) < TAGS_SETTLE_MS
          ? { state: 'waits', detail: 'Looks for the instance of an order that was interrupted.' }
          : { state: 'done', detail: 'No instance came.' };
      }
    }
    if (instanceId === undefined) return { state: 'done', detail: 'No instance came.' };
    const change = { instanceId };
    const node = nodeOfInstance(observed, instanceId);
    if (node?.isUsed) {
      return {
        state: 'skipped',
        detail: `Pods run on node ${node.name}: instance ${instanceId} is kept.`,
        change,
      };
    }
    const answer = await ends.end(region, instanceId);
    if (answer.kind === 'ended')
      return { state: 'done', detail: `Instance ${instanceId} is terminated.`, change };
    if (answer.kind === 'later' && this.#sinceStart(step) < policy.nodeReadyMs)
      return { state: 'waits', detail: `Waits: ${answer.reason}`, change };
    return { state: 'failed', detail: answer.reason, change };
  }

  async #goneWords(orders: NodeOrders, region: string, instanceId: string): Promise<string | undefined> {
    const nowMs = this.#parts.clock.now();
    if (nowMs - (this.#lookedAtMs.get(instanceId) ?? nowMs) < LOOK_EVERY_MS) {
      if (!this.#lookedAtMs.has(instanceId)) this.#lookedAtMs.set(instanceId, nowMs);
      return undefined;
    }
    this.#lookedAtMs.set(instanceId, nowMs);
    const look = await orders.look(region, instanceId);
    return look.kind === 'gone' ? look.reason : undefined;
  }

  #sinceStart({ startedAt }: PlanStep): number {
    const nowMs = this.#parts.clock.now();
    return nowMs - (startedAt ?? nowMs);
  }
}

/** Names of nodes that the plan uncordoned a moment ago, of which the inventory does not tell it yet. */
function nodesThatOpen({ steps }: Plan, observed: SchedulableCluster | undefined, nowMs: number): string[] {
  return steps.flatMap(({ kind, state, node, endedAt }) => {
    const isFresh = kind === 'release' && state === 'done' && nowMs - (endedAt ?? 0) < REPORT_LAG_MS;
    const seen = isFresh ? observed?.nodes.find(({ uid }) => uid === node?.uid) : undefined;
    return seen?.cordoned ? [seen.name] : [];
  });
}

/** A resize is about no nodes. */
function noneGone(check: PlanCheck): WaveCheck {
  return check.verdict === 'holds' ? { ...check, gone: [] } : check;
}

function orderOf(plan: Plan, step: PlanStep, region: string): NodeOrder {
  const target = plan.add[step.target ?? -1];
  if (!target) throw new Error(`Step ${step.index} of plan ${plan.id} names no node to add.`);
  const { id: planId, clusterId, clusterName } = plan;
  return { clusterId, clusterName, region, planId, step: step.index, target };
}
