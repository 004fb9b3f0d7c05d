import type { InventoryNode } from '../agent-protocol/index.ts';
import { doNotDisrupt } from './do-not-disrupt.ts';
import type { NodeObject, TaintSpec } from './kubernetes-objects.ts';
import { createdAt } from './object-facts.ts';
import { resourceAmounts } from './pod-requests.ts';

/** A Node as the server gets it: labels, taints and what pods may use; no annotations, no addresses. */
export function projectNode(node: NodeObject): InventoryNode {
  const { metadata = {}, spec = {}, status = {} } = node;
  const nodeClaim = metadata.ownerReferences?.find(({ kind }) => kind === 'NodeClaim')?.name;
  const { cpu = 0, memory = 0, pods = 0, ...extended } = resourceAmounts(status.allocatable);
  return {
    kind: 'Node',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    providerId: spec.providerID || null,
    labels: { ...metadata.labels },
    taints: (spec.taints ?? []).map(projectTaint),
    unschedulable: spec.unschedulable === true,
    ready: (status.conditions ?? []).some(one => one.type === 'Ready' && one.status === 'True'),
    createdAt: createdAt(metadata),
    allocatable: { cpuMilli: cpu, memoryBytes: memory, pods },
    extended: Object.fromEntries(Object.entries(extended).filter(([, amount]) => amount !== 0)),
    doNotDisrupt: doNotDisrupt(node),
    ...(nodeClaim === undefined ? {} : { nodeClaim }),
  };
}

/** A taint without the time when it was added. */
export function projectTaint({ key, value, effect }: TaintSpec): InventoryNode['taints'][number] {
  return value === undefined ? { key, effect } : { key, value, effect };
}
