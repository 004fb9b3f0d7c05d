import type { ObjectMeta, OwnerReference } from './kubernetes-objects.ts';

/** When the object was created, ms UTC; 0 when it does not say. */
export function createdAt(metadata: ObjectMeta): number {
  const at = Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(at) ? 0 : at;
}

/** The owner that controls the object (`controller: true`), as kubectl and the controllers understand it. */
export function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
  return metadata.ownerReferences?.find(owner => owner.controller === true);
}

const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Whether the cluster keeps its own works in this namespace. */
export function isSystemNamespace(namespace: string): boolean {
  return SYSTEM_NAMESPACES.has(namespace);
}
