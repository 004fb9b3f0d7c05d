import type { InventoryNamespace } from '../agent-protocol/index.ts';
import type { KubernetesObject } from './kubernetes-objects.ts';

/** A Namespace as the server gets it. */
export function projectNamespace({ metadata = {} }: KubernetesObject): InventoryNamespace {
  return {
    kind: 'Namespace',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    labels: { ...metadata.labels },
  };
}
