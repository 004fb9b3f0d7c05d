import type { Node, NodeClaim, NodePool } from './kubernetes-objects.ts';
import type { CapacityType } from './node-instances.ts';
import { formatTime, type ObjectStore } from './object-store.ts';
import { ownedBy } from './stamp-pod.ts';

interface ClaimedOffering {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
}

/** A NodeClaim of a pool, as Karpenter makes it before the instance is there. */
export function createClaim(store: ObjectStore, pool: NodePool, offering: ClaimedOffering): NodeClaim {
  const created = store.create('nodeclaims', {
    metadata: {
      generateName: `${pool.metadata.name}-`,
      labels: {
        'karpenter.sh/nodepool': pool.metadata.name,
        'karpenter.sh/capacity-type': offering.capacityType,
        'node.kubernetes.io/instance-type': offering.instanceType,
        'topology.kubernetes.io/zone': offering.zone,
      },
      ownerReferences: [ownedBy(pool)],
    },
    spec: {
      nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
      requirements: [
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [offering.instanceType] },
        { key: 'topology.kubernetes.io/zone', operator: 'In', values: [offering.zone] },
        { key: 'karpenter.sh/capacity-type', operator: 'In', values: [offering.capacityType] },
      ],
    },
  });
  if (!created) throw new Error(`the NodeClaim of pool ${pool.metadata.name} could not be created`);
  return created;
}

/** The node of a claim is registered: each names the other. */
export function registerNode(store: ObjectStore, claim: NodeClaim, node: Node, nowMs: number): void {
  store.update('nodes', undefined, node.metadata.name, current => ({
    ...current,
    metadata: { ...current.metadata, ownerReferences: [ownedBy(claim)] },
  }));
  store.update('nodeclaims', undefined, claim.metadata.name, current => ({
    ...current,
    status: {
      nodeName: node.metadata.name,
      ...(node.spec.providerID ? { providerID: node.spec.providerID } : {}),
      conditions: ['Launched', 'Registered', 'Initialized', 'Ready'].map(condition => ({
        type: condition,
        status: 'True' as const,
        reason: condition,
        lastTransitionTime: formatTime(nowMs),
      })),
    },
  }));
}
