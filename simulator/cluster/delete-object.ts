import type { KubernetesObject, Pod } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { isFinished } from './pod-facts.ts';
import type { ResourceName } from './resource-kinds.ts';

/** Seconds that a pod may take to stop when nobody says otherwise. */
const DEFAULT_GRACE_SECONDS = 30;

/** How to delete: the grace asked for in seconds (pods only), and now in ms. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly nowMs: number;
}

/**
 * Deletes as the API server does. A pod on a node starts to terminate and the kubelet removes it later; with grace 0, or
 * on no node, or finished, it goes at once. Anything with finalizers is only marked. Deleting a terminating pod again
 * changes nothing unless the grace is 0. Returns the object as it then is, `undefined` when there is none.
 */
export function deleteObject(
  store: ObjectStore,
  resource: ResourceName,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): KubernetesObject | undefined {
  const current: KubernetesObject | undefined = store.get(resource, namespace, name);
  if (!current) return undefined;
  const grace = resource === 'pods' ? graceSecondsOf(current as Pod, options) : 0;
  if (grace > 0) {
    if (current.metadata.deletionTimestamp) return current;
    return markDeleted(store, resource, current, options.nowMs, grace);
  }
  if (resource !== 'pods' && (current.metadata.finalizers ?? []).length > 0) {
    return current.metadata.deletionTimestamp
      ? current
      : markDeleted(store, resource, current, options.nowMs, 0);
  }
  return store.remove(resource, namespace, name);
}

function graceSecondsOf(pod: Pod, options: DeleteOptions): number {
  if (!pod.spec.nodeName || isFinished(pod)) return 0;
  return options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
}

function markDeleted(
  store: ObjectStore,
  resource: ResourceName,
  current: KubernetesObject,
  nowMs: number,
  graceSeconds: number,
): KubernetesObject | undefined {
  const { namespace, name } = current.metadata;
  const change = <T extends KubernetesObject>(object: T): T => ({
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: formatTime(nowMs + graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
    },
  });
  return store.update(resource, namespace, name, change);
}
