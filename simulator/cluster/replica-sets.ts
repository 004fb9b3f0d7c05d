import { deleteObject } from './delete-object.ts';
import type { Pod, Workload } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { isFinished, isReady, isTerminating } from './pod-facts.ts';
import { podsByController, stampPod } from './stamp-pod.ts';

/** Makes every ReplicaSet have as many live pods as it wants, and writes what it has into its status. */
export function reconcileReplicaSets(store: ObjectStore, nowMs: number): void {
  const pods = podsByController(store);
  for (const set of store.list('replicasets')) {
    if (set.metadata.deletionTimestamp) continue;
    const live = (pods.get(set.metadata.uid) ?? []).filter(pod => !isTerminating(pod) && !isFinished(pod));
    const wanted = set.spec.replicas ?? 1;
    for (let missing = wanted - live.length; missing > 0; missing--) stampPod(store, set, set.spec.template);
    const surplus = live.toSorted(leastMissedFirst).slice(0, Math.max(0, live.length - wanted));
    for (const { metadata } of surplus) {
      deleteObject(store, 'pods', metadata.namespace, metadata.name, { nowMs });
    }
    // A roll-out reads this count to see what it may still take away, so pods that just went must not be in it.
    const ready = live.filter(pod => isReady(pod) && !surplus.includes(pod)).length;
    setStatus(store, set, wanted, ready);
  }
}

function leastMissedFirst(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number => (pod.spec.nodeName ? 1 : 0) + (isReady(pod) ? 2 : 0);
  return (
    rank(a) - rank(b) ||
    b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) ||
    a.metadata.name.localeCompare(b.metadata.name)
  );
}

function setStatus(store: ObjectStore, set: Workload, replicas: number, ready: number): void {
  store.update('replicasets', set.metadata.namespace, set.metadata.name, current => ({
    ...current,
    status: {
      ...current.status,
      observedGeneration: current.metadata.generation ?? 1,
      replicas,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  }));
}
