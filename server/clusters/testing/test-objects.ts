import type {
  AgentMessage,
  AgentMessageBody,
  InventoryNode,
  InventoryObject,
  InventoryPod,
} from '../../../common/agent-protocol/index.ts';

/** A node of 4 cores and 16 GB on Spot in eu-west-1a. */
export function testNode(name: string, change: Partial<InventoryNode> = {}): InventoryNode {
  return {
    kind: 'Node',
    name,
    uid: `uid-${name}`,
    providerId: `aws:///eu-west-1a/i-${name}`,
    labels: {
      'topology.kubernetes.io/zone': 'eu-west-1a',
      'topology.kubernetes.io/region': 'eu-west-1',
      'node.kubernetes.io/instance-type': 'm5.xlarge',
      'karpenter.sh/capacity-type': 'spot',
      'kubernetes.io/arch': 'amd64',
    },
    taints: [],
    unschedulable: false,
    ready: true,
    createdAt: 1,
    allocatable: { cpuMilli: 4000, memoryBytes: 16_000_000_000, pods: 58 },
    ...change,
  };
}

/** A running pod in namespace `shop` that asks for 500 m and 1 GB. */
export function testPod(
  name: string,
  nodeName: string | null,
  change: Partial<InventoryPod> = {},
): InventoryPod {
  return {
    kind: 'Pod',
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    labels: { app: 'web' },
    nodeName,
    phase: nodeName === null ? 'Pending' : 'Running',
    ready: nodeName !== null,
    terminating: false,
    createdAt: 1,
    ownerKind: 'ReplicaSet',
    ownerName: 'web',
    requests: { cpuMilli: 500, memoryBytes: 1_000_000_000 },
    priority: null,
    nodeSelector: {},
    tolerations: [],
    hasLocalStorage: false,
    hasAffinity: false,
    isMirror: false,
    doNotDisrupt: false,
    ...change,
  };
}

/** Messages numbered from `firstSeq`. */
export function messages(firstSeq: number, ...bodies: AgentMessageBody[]): AgentMessage[] {
  return bodies.map((body, index) => ({ seq: firstSeq + index, at: 1, body }));
}

export function snapshot(...objects: InventoryObject[]): AgentMessageBody {
  return { kind: 'inventory.snapshot', objects, kubernetesVersion: 'v1.35.0' };
}

export function delta(upserts: InventoryObject[], removals: string[] = []): AgentMessageBody {
  return { kind: 'inventory.delta', upserts, removals };
}
