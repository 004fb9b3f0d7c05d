import { deleteObject } from './delete-object.ts';
import type { Pod, PodDisruptionBudget } from './kubernetes-objects.ts';
import { matchesLabelSelector } from './label-selectors.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { isFinished, isReady, isTerminating } from './pod-facts.ts';

/** One eviction request. Preconditions that do not hold refuse it. */
export interface EvictionRequest {
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly nowMs: number;
}

/** What the API server would answer to an eviction. */
export type EvictionOutcome =
  | { readonly kind: 'evicted' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'conflict'; readonly message: string }
  | { readonly kind: 'several-budgets' }
  | { readonly kind: 'budget-not-observed'; readonly budget: PodDisruptionBudget }
  | { readonly kind: 'budget-exhausted'; readonly budget: PodDisruptionBudget };

/**
 * The eviction subresource (`pkg/registry/core/pod/storage/eviction.go`): a pod that is pending, finished or already
 * terminating skips its budget; otherwise exactly one budget may cover it and one disruption is taken from it.
 */
export function evictPod(store: ObjectStore, request: EvictionRequest): EvictionOutcome {
  const pod = store.get('pods', request.namespace, request.name);
  if (!pod) return { kind: 'not-found' };
  const conflict = brokenPrecondition(pod, request);
  if (conflict) return { kind: 'conflict', message: conflict };
  if (skipsBudget(pod)) return finish(store, request);

  const budgets = store
    .list('poddisruptionbudgets', request.namespace)
    .filter(budget => matchesLabelSelector(budget.spec.selector, pod.metadata.labels));
  if (budgets.length > 1) return { kind: 'several-budgets' };
  const [budget] = budgets;
  if (!budget || toleratesLoss(pod, budget)) return finish(store, request);

  if ((budget.status?.observedGeneration ?? 0) < (budget.metadata.generation ?? 1)) {
    return { kind: 'budget-not-observed', budget };
  }
  if ((budget.status?.disruptionsAllowed ?? 0) <= 0) return { kind: 'budget-exhausted', budget };
  if (!request.dryRun) takeOne(store, budget, pod, request.nowMs);
  return finish(store, request);
}

function skipsBudget(pod: Pod): boolean {
  return isTerminating(pod) || isFinished(pod) || pod.status?.phase === 'Pending';
}

/** A pod that is not ready may go although the budget counts it: always, or as long as the rest is healthy enough. */
function toleratesLoss(pod: Pod, budget: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false;
  if (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const healthy = budget.status?.currentHealthy ?? 0;
  const desired = budget.status?.desiredHealthy ?? 0;
  return desired > 0 && healthy >= desired;
}

function takeOne(store: ObjectStore, budget: PodDisruptionBudget, pod: Pod, nowMs: number): void {
  store.update('poddisruptionbudgets', budget.metadata.namespace, budget.metadata.name, current =>
    current.status
      ? {
          ...current,
          status: {
            ...current.status,
            disruptionsAllowed: current.status.disruptionsAllowed - 1,
            disruptedPods: { ...current.status.disruptedPods, [pod.metadata.name]: formatTime(nowMs) },
          },
        }
      : current,
  );
}

function finish(store: ObjectStore, request: EvictionRequest): EvictionOutcome {
  if (!request.dryRun) deleteObject(store, 'pods', request.namespace, request.name, request);
  return { kind: 'evicted' };
}

function brokenPrecondition(pod: Pod, request: EvictionRequest): string | undefined {
  const about = `Operation cannot be fulfilled on pods "${request.name}":`;
  if (request.uid !== undefined && request.uid !== pod.metadata.uid) {
    return `${about} the UID in the precondition (${request.uid}) does not match the UID in record (${pod.metadata.uid}). The object might have been deleted and then recreated`;
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== pod.metadata.resourceVersion) {
    return `${about} the ResourceVersion in the precondition (${request.resourceVersion}) does not match the ResourceVersion in record (${pod.metadata.resourceVersion}). The object might have been modified`;
  }
  return undefined;
}
