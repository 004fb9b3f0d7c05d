import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { Plan, PlanPod, PlanStep } from '../../../common/contracts/index.ts';
import { formatDuration, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { SchedulableCluster } from '../neighbours.ts';
import { isFinished } from '../node-occupancy.ts';
import type { DecisionPolicy } from '../policy.ts';
import type { StepLook } from '../step-look.ts';
import { workloadOwners } from '../workload-owner.ts';

/** A workload that has all the pods it wants by then has been scaled down meanwhile: none comes in place of the one that went. */
const FULL_AFTER_MS = MS_PER_MINUTE;
/** Enough to see what came otherwise. */
const NAMED = 3;

/**
 * Whether the pods that a wave evicted from nodes that stay run again, and where: their controllers make new ones, and the
 * scheduler chooses a node for each. One that it put elsewhere is told; whether the plan still holds then, the next wave's check says.
 */
export function settlePods(
  plan: Plan,
  step: PlanStep,
  observed: SchedulableCluster,
  policy: Pick<DecisionPolicy, 'drainMs'>,
  nowMs: number,
): StepLook {
  const evicted = plan.steps.filter(
    ({ kind, wave, startedAt }) => kind === 'evict' && wave === step.wave && startedAt !== null,
  );
  if (evicted.length === 0) return { state: 'done', detail: 'No pod had to be moved.' };
  // Objects state whole seconds, so what came in the first one counts.
  const sinceMs = Math.floor(Math.min(...evicted.map(({ startedAt }) => startedAt ?? nowMs)) / 1000) * 1000;
  const uids = new Set(evicted.map(({ pod }) => pod?.uid ?? ''));
  const alive = observed.inventory.pods.filter(pod => !isFinished(pod) && !pod.terminating);
  const waitedMs = nowMs - (step.startedAt ?? nowMs);
  const isLate = waitedMs >= policy.drainMs;
  const wait = (text: string): StepLook =>
    isLate
      ? { state: 'failed', detail: `In ${formatDuration(waitedMs)} this did not pass: ${text}` }
      : { state: 'waits', detail: `Waits: ${text}` };

  const left = alive.find(({ uid }) => uids.has(uid));
  if (left) return wait(`pod ${left.namespace}/${left.name} has not left node ${left.nodeName} yet.`);

  const owners = workloadOwners(observed.inventory.workloads);
  const moved = plan.pods.filter(({ uid }) => uids.has(uid));
  const known = new Set(plan.pods.map(({ uid }) => uid));
  const fresh = Map.groupBy(
    alive.filter(({ uid, createdAt }) => createdAt >= sinceMs && !known.has(uid)),
    pod => owners.keyOf(pod),
  );
  const landings: Landing[] = [];
  for (const [owner, own] of Map.groupBy(moved, pod => pod.owner)) {
    const came = fresh.get(owner) ?? [];
    const up = came.filter(({ nodeName, ready }) => nodeName !== null && ready);
    landings.push({ owner, own, up });
    if (up.length >= own.length) continue;
    const waiting = came.find(pod => !up.includes(pod));
    if (waiting)
      return wait(
        waiting.nodeName === null
          ? `pod ${waiting.namespace}/${waiting.name} has no node yet.`
          : `pod ${waiting.namespace}/${waiting.name} is not ready on node ${waiting.nodeName} yet.`,
      );
    if (waitedMs < FULL_AFTER_MS || !isFull(owner, observed))
      return wait(
        `${own.length - up.length} of ${own.length} pods of ${owner ?? 'no workload'} are not there again.`,
      );
  }
  return { state: 'done', detail: landingWords(plan, landings, observed) };
}

/** What was evicted of one workload, and what came in its place. */
interface Landing {
  readonly owner: string | null;
  readonly own: readonly PlanPod[];
  readonly up: readonly InventoryPod[];
}

function isFull(owner: string | null, { inventory }: SchedulableCluster): boolean {
  const workload = inventory.workloads.find(
    ({ kind, namespace, name }) => `${kind}/${namespace}/${name}` === owner,
  );
  return workload !== undefined && workload.readyReplicas >= workload.replicas;
}

function landingWords(plan: Plan, landings: readonly Landing[], observed: SchedulableCluster): string {
  const elsewhere: string[] = [];
  let asForeseen = 0;
  for (const { owner, own, up } of landings) {
    const foreseen = own.flatMap(({ to }) => (to === null ? [] : placesOf(plan, to, observed)));
    for (const { nodeName } of up.slice(0, own.length)) {
      const place = foreseen.findIndex(names => names.includes(nodeName ?? ''));
      if (place >= 0) {
        foreseen.splice(place, 1);
        asForeseen++;
      } else elsewhere.push(`a pod of ${owner} runs on node ${nodeName}`);
    }
  }
  const all = asForeseen + elsewhere.length;
  if (elsewhere.length === 0)
    return all === 1
      ? 'The pod runs where it was foreseen.'
      : `All ${all} pods run where they were foreseen.`;
  const more = elsewhere.length - NAMED;
  return `${asForeseen} of ${all} ${all === 1 ? 'pod' : 'pods'} run where foreseen; the scheduler chose otherwise for the rest: ${elsewhere.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** Nodes that a place of the plan may be: the one of its name, the one that was ordered for it, or any of its kind that came. */
function placesOf(plan: Plan, to: string, { nodes }: SchedulableCluster): string[][] {
  const target = plan.add.findIndex(({ key }) => key === to);
  const wanted = plan.add[target];
  if (!wanted) return [[to]];
  const ordered = plan.steps.find(step => step.kind === 'wait-ready' && step.target === target)?.node?.name;
  if (ordered !== undefined) return [[ordered]];
  return [
    nodes
      .filter(
        ({ instanceType, zone, capacityType, createdAt }) =>
          createdAt >= plan.createdAt &&
          instanceType === wanted.instanceType &&
          zone === wanted.zone &&
          capacityType === wanted.capacityType,
      )
      .map(({ name }) => name),
  ];
}
