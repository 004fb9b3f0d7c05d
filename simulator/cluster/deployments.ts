import type { Workload } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { controllerOf } from './pod-facts.ts';
import { templateHash } from './random.ts';
import { ownedBy } from './stamp-pod.ts';

/**
 * Gives every Deployment a ReplicaSet for its template. A changed template is rolled out: the new set grows by a quarter
 * more than wanted at a time, old sets shrink as new pods become ready, so that at most a quarter is ever missing.
 */
export function reconcileDeployments(store: ObjectStore, nowMs: number): void {
  const sets = setsByDeployment(store);
  for (const deployment of store.list('deployments')) {
    if (deployment.metadata.deletionTimestamp) continue;
    const own = sets.get(deployment.metadata.uid) ?? [];
    const hash = templateHash(JSON.stringify(deployment.spec.template));
    const current = own.find(set => set.metadata.labels?.['pod-template-hash'] === hash);
    const old = own.filter(set => set !== current);
    const wanted = deployment.spec.replicas ?? 1;
    if (!current) {
      const first = own.length === 0;
      createSet(store, deployment, hash, first ? wanted : 0);
    } else if (!deployment.spec.paused) {
      rollOut(store, current, old, wanted);
    }
    setStatus(store, deployment, current, old, nowMs);
  }
}

function rollOut(store: ObjectStore, current: Workload, old: readonly Workload[], wanted: number): void {
  const surge = Math.ceil(wanted / 4);
  const mayMiss = Math.floor(wanted / 4);
  const oldTotal = sum(old, set => set.spec.replicas ?? 0);
  const size = current.spec.replicas ?? 0;
  const grown = oldTotal === 0 ? wanted : Math.max(size, Math.min(wanted, wanted + surge - oldTotal));
  scale(store, current, Math.min(grown, wanted));
  const ready = sum([current, ...old], set => set.status?.readyReplicas ?? 0);
  // Pods of old sets that are not ready are no loss, so they may go before anything else.
  let spare = Math.max(0, ready - (wanted - mayMiss)) + sum(old, unready);
  for (const set of old) {
    const replicas = set.spec.replicas ?? 0;
    const less = Math.min(replicas, spare);
    spare -= less;
    scale(store, set, replicas - less);
  }
}

function unready(set: Workload): number {
  return Math.max(0, (set.spec.replicas ?? 0) - (set.status?.readyReplicas ?? 0));
}

function scale(store: ObjectStore, set: Workload, replicas: number): void {
  store.update('replicasets', set.metadata.namespace, set.metadata.name, current => ({
    ...current,
    spec: { ...current.spec, replicas },
  }));
}

function createSet(store: ObjectStore, deployment: Workload, hash: string, replicas: number): void {
  const { template, selector } = deployment.spec;
  const stamped = { ...template.metadata?.labels, 'pod-template-hash': hash };
  store.create('replicasets', {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace ? { namespace: deployment.metadata.namespace } : {}),
      labels: stamped,
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas,
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels: stamped } },
    },
  });
}

function setStatus(
  store: ObjectStore,
  deployment: Workload,
  current: Workload | undefined,
  old: readonly Workload[],
  nowMs: number,
): void {
  const all = current ? [current, ...old] : old;
  const ready = sum(all, set => set.status?.readyReplicas ?? 0);
  const wanted = deployment.spec.replicas ?? 1;
  const available = ready >= wanted - Math.floor(wanted / 4);
  const updated = current?.status?.replicas ?? 0;
  const complete = updated === wanted && ready === wanted && sum(old, set => set.spec.replicas ?? 0) === 0;
  store.update('deployments', deployment.metadata.namespace, deployment.metadata.name, before => ({
    ...before,
    status: {
      observedGeneration: before.metadata.generation ?? 1,
      replicas: sum(all, set => set.status?.replicas ?? 0),
      updatedReplicas: updated,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, wanted - ready),
      conditions: [
        condition(
          before,
          'Available',
          available,
          available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          nowMs,
        ),
        condition(
          before,
          'Progressing',
          true,
          complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
          nowMs,
        ),
      ],
    },
  }));
}

function condition(deployment: Workload, type: string, holds: boolean, reason: string, nowMs: number) {
  const status = holds ? ('True' as const) : ('False' as const);
  const before = deployment.status?.conditions?.find(one => one.type === type);
  if (before && before.status === status && before.reason === reason) return before;
  const lastTransitionTime =
    before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : formatTime(nowMs);
  return { type, status, reason, lastUpdateTime: formatTime(nowMs), lastTransitionTime };
}

function setsByDeployment(store: ObjectStore): Map<string, Workload[]> {
  const found = new Map<string, Workload[]>();
  for (const set of store.list('replicasets')) {
    const uid = controllerOf(set)?.uid;
    if (uid !== undefined) found.set(uid, [...(found.get(uid) ?? []), set]);
  }
  return found;
}

function sum(sets: readonly Workload[], of: (set: Workload) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}
