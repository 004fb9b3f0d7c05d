import type { InventoryNode } from '../../../common/agent-protocol/index.ts';
import type { Plan, PlanNode, PlanStep } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { formatDuration } from '../../../common/units/index.ts';
import type { Clock } from '../../platform/index.ts';
import type { Capacity } from '../capacity/choose-capacity.ts';
import type { InstanceEnds, SeenInstance, SeenInstances } from '../capacity/instance-ends.ts';
import type { CapacityProvider } from '../capacity/node-orders.ts';
import type { PlanCheck } from '../check-plan.ts';

import type { ClusterControl, SchedulableCluster } from '../neighbours.ts';
import { instanceIdOf, nodeOfInstance } from '../node-of-instance.ts';
import { ownerOf } from '../owners/handshake.ts';
import type { DecisionPolicy } from '../policy.ts';
import type { StepLook } from '../step-look.ts';
import { groupProblems, isEnded, type LeavingInstance, unprovenWords } from './judge-instance.ts';
import type { NodeEnd } from './node-end.ts';

/** What ends of instances are decided and done with. */
export interface EndingParts {
  readonly clusters: Pick<ClusterControl, 'state'>;
  readonly capacity: Pick<Capacity, 'providerOf'>;
  readonly clock: Clock;
}

/** A cluster of which instances may be ended. */
interface EndableCluster {
  readonly ends: InstanceEnds;
  readonly awsCluster: string | undefined;
  readonly observed: SchedulableCluster;
  readonly region: string;
}

/** AWS is asked this often how far an end is. */
const LOOK_EVERY_MS = 5_000;
/** An order that AWS has taken shows within this time; later it is given again. */
const SETTLING_MS = 60_000;

/** Ends the instances of nodes whose owner does not, and knows before a plan begins whether it may. */
export class Endings {
  readonly #parts: EndingParts;
  readonly #lookedAtMs = new Map<string, number>();
  /** When this process ordered the end of instances; AWS may not show it everywhere at once. */
  readonly #orderedAtMs = new Map<string, number>();

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** How the instances of these nodes of a cluster end, by uid. Where AWS cannot be asked, no step ends them. */
  async choose(
    observed: SchedulableCluster,
    nodes: readonly Pick<PlanNode, 'uid'>[],
  ): Promise<ReadonlyMap<string, NodeEnd>> {
    const uids = new Set(nodes.map(({ uid }) => uid));
    const leaving = observed.inventory.nodes.filter(({ uid }) => uids.has(uid));
    const unowned = leaving.filter(node => ownerOf(node, observed).kind !== 'karpenter');
    const ends = new Map<string, NodeEnd>(leaving.map(({ uid }) => [uid, { by: 'owner' }]));
    if (unowned.length === 0) return ends;
    const cluster = await this.#endable(observed);
    const ids = unowned.flatMap(({ providerId }) => instanceIdOf(providerId) ?? []);
    const seen = typeof cluster === 'string' ? cluster : await seeInstances(cluster, ids);
    for (const node of unowned) {
      const end =
        typeof cluster === 'string' || typeof seen === 'string' ? String(seen) : endOf(node, cluster, seen);
      ends.set(
        node.uid,
        typeof end === 'string'
          ? { by: 'nobody', reason: end, instanceId: instanceIdOf(node.providerId) }
          : end,
      );
    }
    return ends;
  }

  /** Which of these instances of a cluster have come to their end; none where AWS cannot be asked. */
  async gone(clusterId: string, instanceIds: readonly string[]): Promise<readonly string[]> {
    const observed = this.#parts.clusters.state(clusterId);
    const cluster = observed && (await this.#endable(observed));
    if (cluster === undefined || typeof cluster === 'string') return [];
    const seen = await seeInstances(cluster, instanceIds);
    return typeof seen === 'string' ? [] : instanceIds.filter(id => isEnded(seen.instances.get(id)));
  }

  /** Whether all instances that a plan has yet to end could be ended now; changes nothing. */
  async check(plan: Plan): Promise<PlanCheck> {
    const steps = plan.steps.filter(({ kind, state }) => kind === 'end-instance' && state === 'waiting');
    if (steps.length === 0) return { verdict: 'holds' };
    const observed = this.#parts.clusters.state(plan.clusterId);
    const cluster = observed && (await this.#endable(observed));
    if (cluster === undefined) return { verdict: 'wait', text: 'The cluster has not reported yet.' };
    if (typeof cluster === 'string') return { verdict: 'stale', text: cluster };
    const { ends, region } = cluster;
    try {
      const seen = await ends.see(
        region,
        steps.flatMap(({ instanceId }) => instanceId ?? []),
      );
      const problems: string[] = [];
      const leaving: LeavingInstance[] = [];
      for (const { node, instanceId } of steps) {
        const found = cluster.observed.inventory.nodes.find(({ uid }) => uid === node?.uid);
        const instance = seen.instances.get(instanceId ?? '');
        // A node that went by itself is looked at again when its turn comes.
        if (!found || !instance || isEnded(instance)) continue;
        const unproven = unprovenWords(instance, judged(found), taggedAs(cluster));
        if (unproven !== undefined) problems.push(unproven);
        else leaving.push({ node: found.name, instance });
      }
      problems.push(...groupProblems(leaving, seen.groups));
      if (problems.length > 0) return { verdict: 'stale', text: problems.join(' ') };
      const alone = leaving.filter(({ instance }) => instance.place === null);
      if (alone.length > 0)
        await ends.tryOut(
          region,
          alone.map(({ instance }) => instance.instanceId),
        );
      return { verdict: 'holds' };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { verdict: error.code === 'market.unreachable' ? 'wait' : 'stale', text: error.message };
    }
  }

  /** Goes on with the end of an instance. Each look may be repeated, also by another process: the instance is ended once. */
  async look(plan: Plan, step: PlanStep, policy: DecisionPolicy): Promise<StepLook> {
    const { instanceId = '', node } = step;
    const observed = this.#parts.clusters.state(plan.clusterId);
    const cluster = observed && (await this.#endable(observed));
    if (cluster === undefined) return { state: 'waits', detail: 'Waits: the cluster has not reported yet.' };
    if (typeof cluster === 'string') return { state: 'failed', detail: cluster };
    if (!this.#isTime(instanceId)) return { state: 'waits' };
    const { ends, region } = cluster;
    const seen = await ends.see(region, [instanceId]).catch((error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    });
    if (seen instanceof AppError) return this.#later(step, policy, seen.message, seen.code);
    const instance = seen.instances.get(instanceId);
    if (instance === undefined || isEnded(instance)) {
      this.#lookedAtMs.delete(instanceId);
      this.#orderedAtMs.delete(instanceId);
      const state = instance === undefined ? 'gone' : instance.state;
      return {
        state: 'done',
        detail: `Instance ${instanceId} is ${state}: nothing is paid for it any more.`,
      };
    }
    const group = instance.place ? seen.groups.get(instance.place.group) : undefined;
    const isTerminating = instance.place?.lifecycleState.startsWith('Terminating') === true;
    const isOrdered = isTerminating || this.#orderedAtMs.has(instanceId);
    const waitedMs = this.#parts.clock.now() - (step.startedAt ?? this.#parts.clock.now());
    if (isOrdered && waitedMs >= policy.instanceEndMs) return this.#lingers(instance, waitedMs);
    if (isTerminating)
      return {
        state: 'waits',
        detail: `Waits: Auto Scaling group ${instance.place?.group} ends it (${instance.place?.lifecycleState}).`,
      };
    const orderedAtMs = this.#orderedAtMs.get(instanceId) ?? Number.NEGATIVE_INFINITY;
    if (this.#parts.clock.now() - orderedAtMs < SETTLING_MS) return { state: 'waits' };
    if (plan.state === 'stopping')
      return { state: 'skipped', detail: 'Stopped before the instance was ended.' };
    const found = cluster.observed.inventory.nodes.find(({ uid }) => uid === node?.uid);
    // The agent gives nodes back when CloudOptim is away for long; a pod may come at any moment then.
    if (found && !found.unschedulable)
      return this.#later(step, policy, `node ${found.name} is schedulable, so its instance is not ended.`);
    const unproven = unprovenWords(
      instance,
      found ? judged(found) : { name: node?.name ?? '', zone: null },
      taggedAs(cluster),
    );
    const [problem] = [
      ...(unproven === undefined ? [] : [unproven]),
      ...groupProblems([{ node: node?.name ?? '', instance }], seen.groups),
    ];
    if (problem !== undefined) return { state: 'failed', detail: problem };
    // The agent drained it; what its last report still shows may have come since.
    if (nodeOfInstance(cluster.observed, instanceId)?.isUsed)
      return this.#later(step, policy, `pods run on node ${node?.name}, which was drained.`);
    const change = group ? { group: { name: group.name, from: group.desired, to: group.desired - 1 } } : {};
    const answer = await (instance.place
      ? ends.endInGroup(region, instanceId)
      : ends.end(region, instanceId));
    if (answer.kind === 'refused') return { state: 'failed', detail: answer.reason };
    if (answer.kind === 'later') return this.#later(step, policy, answer.reason);
    this.#orderedAtMs.set(instanceId, this.#parts.clock.now());
    return { state: 'waits', detail: 'Waits: AWS has taken the order to end it.', change };
  }

  /** AWS has the order, and nothing takes it back: who waits for a lifecycle hook may wait for two days. */
  #lingers({ instanceId, state, place }: SeenInstance, waitedMs: number): StepLook {
    this.#lookedAtMs.delete(instanceId);
    this.#orderedAtMs.delete(instanceId);
    const where = place ? `${place.lifecycleState} in Auto Scaling group ${place.group}` : state;
    return {
      state: 'done',
      detail: `After ${formatDuration(waitedMs)} instance ${instanceId} is still terminating (${where}); it goes on costing until AWS shows it gone.`,
      change: { lingers: true },
    };
  }

  /** The means to end instances of a cluster; a sentence where there are none. */
  async #endable(observed: SchedulableCluster): Promise<EndableCluster | string> {
    const { ends, awsCluster }: CapacityProvider = await this.#parts.capacity.providerOf(observed.cluster.id);
    const { region } = observed.cluster;
    if (!ends)
      return 'CloudOptim may end no instances of this cluster; its page lets it, under New nodes and old instances.';
    if (region == null) return 'The region of the cluster is not known, so no instance of it can be ended.';
    return { ends, awsCluster, observed, region };
  }

  /** A trouble that may pass within the time for a node to become ready. */
  #later(step: PlanStep, policy: DecisionPolicy, reason: string, code?: AppError['code']): StepLook {
    const nowMs = this.#parts.clock.now();
    const waitedMs = nowMs - (step.startedAt ?? nowMs);
    const mayPass = code === undefined || code === 'market.unreachable';
    if (mayPass && waitedMs < policy.nodeReadyMs) return { state: 'waits', detail: `Waits: ${reason}` };
    return {
      state: 'failed',
      detail: mayPass ? `In ${formatDuration(waitedMs)} this did not pass: ${reason}` : reason,
    };
  }

  #isTime(instanceId: string): boolean {
    const nowMs = this.#parts.clock.now();
    const before = this.#lookedAtMs.get(instanceId);
    if (before !== undefined && nowMs - before < LOOK_EVERY_MS) return false;
    this.#lookedAtMs.set(instanceId, nowMs);
    return true;
  }
}

/** How the plan ends the instance of a node; a sentence where it may not. */
function endOf(
  node: InventoryNode,
  cluster: EndableCluster,
  { instances, groups }: SeenInstances,
): NodeEnd | string {
  const instanceId = instanceIdOf(node.providerId);
  if (instanceId === undefined) return `Node ${node.name} does not tell which EC2 instance it is.`;
  const instance = instances.get(instanceId);
  if (!instance) return `EC2 in ${cluster.region} knows no instance ${instanceId}.`;
  const unproven = unprovenWords(instance, judged(node), taggedAs(cluster));
  if (unproven !== undefined) return unproven;
  const group = instance.place ? (groups.get(instance.place.group) ?? null) : null;
  return { by: 'engine', instanceId, group };
}

/** What AWS says of instances; a sentence where it cannot be asked. */
async function seeInstances(
  { ends, region }: EndableCluster,
  instanceIds: readonly string[],
): Promise<SeenInstances | string> {
  try {
    return await ends.see(region, instanceIds);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

function taggedAs({ observed, awsCluster }: EndableCluster) {
  return { name: observed.cluster.name, awsName: awsCluster };
}

function judged({ name, labels }: InventoryNode) {
  return { name, zone: labels['topology.kubernetes.io/zone'] ?? null };
}
