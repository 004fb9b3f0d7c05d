import type { InventoryNode } from '../agent-protocol/index.ts';
import { bytesFromQuantity, cpuMilliFromQuantity } from '../units/index.ts';
import type { NodeObject } from './kubernetes-objects.ts';
import { createdAt } from './object-facts.ts';

/** A Node as the server gets it: labels, taints and what pods may use; no annotations, no addresses. */
export function projectNode(node: NodeObject): InventoryNode {
  const { metadata = {}, spec = {}, status = {} } = node;
  const allocatable = status.allocatable ?? {};
  return {
    kind: 'Node',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    providerId: spec.providerID || null,
    labels: { ...metadata.labels },
    taints: (spec.taints ?? []).map(({ key, value, effect }) =>
      value === undefined ? { key, effect } : { key, value, effect },
    ),
    unschedulable: spec.unschedulable === true,
    ready: (status.conditions ?? []).some(one => one.type === 'Ready' && one.status === 'True'),
    createdAt: createdAt(metadata),
    allocatable: {
      cpuMilli: cpuMilliFromQuantity(allocatable.cpu ?? '0') ?? 0,
      memoryBytes: bytesFromQuantity(allocatable.memory ?? '0') ?? 0,
      pods: bytesFromQuantity(allocatable.pods ?? '0') ?? 0,
    },
  };
}
