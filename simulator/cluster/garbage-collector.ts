import { deleteObject } from './delete-object.ts';
import type { KubernetesObject } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { controllerOf } from './pod-facts.ts';
import type { ResourceName } from './resource-kinds.ts';

const OWNERS: readonly ResourceName[] = [
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'nodepools',
  'nodeclaims',
];
const OWNED: readonly ResourceName[] = ['replicasets', 'pods', 'nodeclaims', 'nodes'];

/**
 * Deletes what has lost its controller, and removes at once the pods and claims whose node object is gone (there is no
 * kubelet left to stop them).
 */
export function collectGarbage(store: ObjectStore, nowMs: number): void {
  const alive = new Set<string>();
  for (const resource of OWNERS) {
    for (const owner of store.list(resource)) alive.add(owner.metadata.uid);
  }
  for (const resource of OWNED) {
    const objects: readonly KubernetesObject[] = store.list(resource);
    for (const object of objects) {
      const owner = controllerOf(object);
      if (!owner || alive.has(owner.uid) || object.metadata.deletionTimestamp) continue;
      deleteObject(store, resource, object.metadata.namespace, object.metadata.name, { nowMs });
    }
  }
  for (const claim of store.list('nodeclaims')) {
    const { nodeName } = claim.status ?? {};
    if (nodeName === undefined || store.get('nodes', undefined, nodeName)) continue;
    store.remove('nodeclaims', undefined, claim.metadata.name);
  }
  for (const pod of store.list('pods')) {
    if (!pod.spec.nodeName || store.get('nodes', undefined, pod.spec.nodeName)) continue;
    store.remove('pods', pod.metadata.namespace, pod.metadata.name);
  }
}
