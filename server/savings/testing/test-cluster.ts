import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { NodeView } from '../../../common/contracts/index.ts';
import type { ObservedCluster } from '../../decisions/index.ts';

/** A moment. */
export const START = Date.UTC(2026, 10, 20);

/** A node at a price. */
export function node(name: string, price: number | null, createdAt: number): NodeView {
  const amounts = { cpuMilli: 0, memoryBytes: 0, pods: 0 };
  return {
    name,
    uid: `uid-${name}`,
    instanceType: 'm5.xlarge',
    zone: 'a',
    region: 'r',
    capacityType: 'spot',
    arch: 'amd64',
    ready: true,
    cordoned: false,
    createdAt,
    allocatable: amounts,
    requested: amounts,
    used: null,
    priceMicroUsdPerHour: price,
    priceProvenance: { source: 'test', asOf: START },
    priceUnknownReason: null,
  };
}

/** A pod of a StatefulSet on a node. */
export function pod(nodeName: string, owner = 'web'): InventoryPod {
  return {
    kind: 'Pod',
    namespace: 'shop',
    name: `${owner}-${nodeName}`,
    uid: `${owner}-${nodeName}`,
    labels: {},
    nodeName,
    phase: 'Running',
    ready: true,
    terminating: false,
    createdAt: 0,
    ownerKind: 'StatefulSet',
    ownerName: owner,
    requests: { cpuMilli: 1, memoryBytes: 1 },
    priority: null,
    nodeSelector: {},
    tolerations: [],
    hasLocalStorage: false,
    hasAffinity: false,
    isMirror: false,
    doNotDisrupt: false,
  };
}

/** A cluster as its agent told. */
export function observed(
  nodes: NodeView[],
  pods: InventoryPod[],
  state: 'live' | 'away' = 'live',
): ObservedCluster {
  return {
    cluster: {
      id: 'c1',
      name: 'shop',
      region: 'r',
      state,
      agentVersion: null,
      enrolledAt: 0,
      lastSeenAt: null,
      nodes: 0,
      spotNodes: 0,
      pods: 0,
      pendingPods: 0,
      costMicroUsdPerHour: null,
      nodesWithUnknownPrice: 0,
      requestedCpuShare: null,
      requestedMemoryShare: null,
    },
    nodes,
    inventory: { nodes: [], pods, budgets: [], workloads: [] },
    asOf: 0,
  };
}
