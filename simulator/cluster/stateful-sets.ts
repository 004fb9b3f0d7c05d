import { deleteObject } from './delete-object.ts';
import type { Pod, Workload } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { isFinished, isReady, isTerminating } from './pod-facts.ts';
import { templateHash } from './random.ts';
import { podsByController, stampPod } from './stamp-pod.ts';

const REVISION = 'controller-revision-hash';

/**
 * Keeps the pods NAME-0 … NAME-(n-1) of every StatefulSet. A new pod takes the old one's name, so it only comes once the
 * old one is gone. A changed template replaces one pod at a time, the highest ordinal first, when all are ready.
 */
export function reconcileStatefulSets(store: ObjectStore, nowMs: number): void {
  const pods = podsByController(store);
  for (const set of store.list('statefulsets')) {
    if (set.metadata.deletionTimestamp) continue;
    const own = pods.get(set.metadata.uid) ?? [];
    const wanted = set.spec.replicas ?? 1;
    const revision = `${set.metadata.name}-${templateHash(JSON.stringify(set.spec.template))}`;
    for (const pod of own) {
      const surplus = ordinalOf(pod) >= wanted && !isTerminating(pod);
      if (surplus || isFinished(pod)) remove(store, pod, nowMs);
    }
    for (let ordinal = 0; ordinal < wanted; ordinal++) ensurePod(store, set, ordinal, revision);
    const live = own.filter(pod => !isTerminating(pod) && !isFinished(pod) && ordinalOf(pod) < wanted);
    const ready = live.filter(isReady).length;
    const outdated = live.filter(pod => pod.metadata.labels?.[REVISION] !== revision);
    if (ready === wanted && outdated.length > 0) {
      const highest = outdated.toSorted((a, b) => ordinalOf(b) - ordinalOf(a))[0];
      if (highest) remove(store, highest, nowMs);
    }
    setStatus(store, set, { wanted: live.length, ready, updated: live.length - outdated.length, revision });
  }
}

function ensurePod(store: ObjectStore, set: Workload, ordinal: number, revision: string): void {
  const name = `${set.metadata.name}-${ordinal}`;
  if (store.get('pods', set.metadata.namespace, name)) return;
  const claims = set.spec.volumeClaimTemplates ?? [];
  stampPod(store, set, set.spec.template, {
    name,
    labels: {
      [REVISION]: revision,
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
    changeSpec: spec => ({
      ...spec,
      volumes: [
        ...(spec.volumes ?? []),
        ...claims.map(claim => ({
          name: claim.metadata.name,
          persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
        })),
      ],
    }),
  });
}

function remove(store: ObjectStore, pod: Pod, nowMs: number): void {
  deleteObject(store, 'pods', pod.metadata.namespace, pod.metadata.name, { nowMs });
}

function ordinalOf(pod: Pod): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}

function setStatus(
  store: ObjectStore,
  set: Workload,
  counts: {
    readonly wanted: number;
    readonly ready: number;
    readonly updated: number;
    readonly revision: string;
  },
): void {
  store.update('statefulsets', set.metadata.namespace, set.metadata.name, current => ({
    ...current,
    status: {
      observedGeneration: current.metadata.generation ?? 1,
      replicas: counts.wanted,
      readyReplicas: counts.ready,
      availableReplicas: counts.ready,
      updatedReplicas: counts.updated,
      currentRevision: counts.revision,
      updateRevision: counts.revision,
    },
  }));
}
