import type { Pod, PodDisruptionBudget } from './kubernetes-objects.ts';
import { matchesLabelSelector } from './label-selectors.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { controllerOf, isReady, isTerminating } from './pod-facts.ts';

/** An eviction that was allowed but whose pod is not terminating after this long no longer counts against the budget. */
const DISRUPTION_TIMEOUT_MS = 120_000;

/** Writes the status of every disruption budget, as the disruption controller does (`pkg/controller/disruption`). */
export function reconcileDisruptionBudgets(store: ObjectStore, nowMs: number): void {
  for (const budget of store.list('poddisruptionbudgets')) {
    const { namespace, name, generation } = budget.metadata;
    const pods = store
      .list('pods', namespace)
      .filter(pod => matchesLabelSelector(budget.spec.selector, pod.metadata.labels) && isCounted(pod));
    const disruptedPods = stillExpected(budget, pods, nowMs);
    const currentHealthy = pods.filter(
      pod => isReady(pod) && !isTerminating(pod) && disruptedPods[pod.metadata.name] === undefined,
    ).length;
    const { expectedPods, desiredHealthy } = targetsOf(store, budget, pods);
    const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
    store.update('poddisruptionbudgets', namespace, name, current => ({
      ...current,
      status: {
        observedGeneration: generation ?? 1,
        disruptionsAllowed,
        currentHealthy,
        desiredHealthy,
        expectedPods,
        ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
        conditions: [allowedCondition(current, disruptionsAllowed > 0, nowMs)],
      },
    }));
  }
}

function isCounted(pod: Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
}

function stillExpected(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  nowMs: number,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, at] of Object.entries(budget.status?.disruptedPods ?? {})) {
    const pod = pods.find(one => one.metadata.name === name);
    if (pod && !isTerminating(pod) && Date.parse(at) + DISRUPTION_TIMEOUT_MS > nowMs) kept[name] = at;
  }
  return kept;
}

function targetsOf(store: ObjectStore, budget: PodDisruptionBudget, pods: readonly Pod[]) {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable !== undefined) {
    const expectedPods = scaleOf(store, pods);
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - share(maxUnavailable, expectedPods)) };
  }
  if (typeof minAvailable === 'string' && minAvailable.endsWith('%')) {
    const expectedPods = scaleOf(store, pods);
    return { expectedPods, desiredHealthy: share(minAvailable, expectedPods) };
  }
  return { expectedPods: pods.length, desiredHealthy: Number(minAvailable ?? 1) };
}

/** An integer as it is, a percentage of a count rounded up (`GetScaledValueFromIntOrPercent` with roundUp). */
function share(value: number | string, of: number): number {
  const text = String(value);
  return text.endsWith('%') ? Math.ceil((Number(text.slice(0, -1)) * of) / 100) : Number(text);
}

/** How many pods the controllers of these pods want together; a pod without one counts for itself. */
function scaleOf(store: ObjectStore, pods: readonly Pod[]): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const { namespace } = pod.metadata;
    if (!owner) {
      scales.set(pod.metadata.uid, 1);
      continue;
    }
    if (owner.kind === 'StatefulSet') {
      scales.set(owner.uid, store.get('statefulsets', namespace, owner.name)?.spec.replicas ?? 1);
      continue;
    }
    const set = store.get('replicasets', namespace, owner.name);
    const parent = set && controllerOf(set);
    const deployment = parent && store.get('deployments', namespace, parent.name);
    if (deployment) scales.set(deployment.metadata.uid, deployment.spec.replicas ?? 1);
    else if (set) scales.set(set.metadata.uid, set.spec.replicas ?? 1);
  }
  return [...scales.values()].reduce((total, scale) => total + scale, 0);
}

function allowedCondition(budget: PodDisruptionBudget, allowed: boolean, nowMs: number) {
  const status = allowed ? ('True' as const) : ('False' as const);
  const before = budget.status?.conditions?.find(one => one.type === 'DisruptionAllowed');
  return {
    type: 'DisruptionAllowed',
    status,
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: budget.metadata.generation ?? 1,
    lastTransitionTime:
      before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : formatTime(nowMs),
  };
}
