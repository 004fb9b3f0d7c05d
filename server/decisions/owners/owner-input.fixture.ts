import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import { policyDocument } from '../../../common/contracts/index.ts';
import { GIB, nodeAt, podOn, stateOf } from '../small-cluster.fixture.ts';
import type { Offering } from './karpenter-requirements.ts';
import type { OwnedNode, OwnerInput } from './owner-input.ts';

/** vCPU and on-demand price of a few types; Spot costs 40 % of it in us-east-1a and 30 % in us-east-1b. */
const TYPES: readonly (readonly [string, number, number])[] = [
  ['c5.large', 2, 85_000],
  ['m5.large', 2, 96_000],
  ['c5.xlarge', 4, 170_000],
  ['m5.xlarge', 4, 192_000],
  ['m6i.xlarge', 4, 192_000],
  ['m5.2xlarge', 8, 384_000],
];

/** Every type in two zones, on demand and as Spot. */
export const offerings: readonly Offering[] = TYPES.flatMap(([instanceType, vcpu, price]) =>
  (['us-east-1a', 'us-east-1b'] as const).flatMap(zone =>
    (['on-demand', 'spot'] as const).map(capacityType => ({
      instanceType,
      zone,
      capacityType,
      priceMicroUsdPerHour:
        capacityType === 'on-demand' ? price : Math.round(price * (zone === 'us-east-1a' ? 0.4 : 0.3)),
      region: 'us-east-1',
      arch: 'amd64',
      vcpu,
      memoryMib: vcpu * 4096,
      gpuCount: 0,
      pods: 58,
      allocatable: { cpuMilli: vcpu * 1000 - 80, memoryBytes: vcpu * 3.5 * GIB },
    })),
  ),
);

/** A NodePool that admits everything, empties nothing and states no budgets. */
export function poolOf(name: string, change: Partial<InventoryNodePool> = {}): InventoryNodePool {
  return {
    kind: 'NodePool',
    name,
    uid: name,
    weight: 0,
    requirements: [
      { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot', 'on-demand'] },
      { key: 'karpenter.k8s.aws/instance-category', operator: 'In', values: ['c', 'm'] },
    ],
    labels: {},
    taints: [],
    limits: {},
    consolidationPolicy: 'WhenEmpty',
    consolidateAfter: 'Never',
    budgets: [],
    ...change,
  };
}

/** A node of an owner, m5.xlarge on demand in us-east-1a unless said otherwise. */
export function owned(
  name: string,
  owner: OwnedNode['owner']['kind'],
  ownerName: string | null,
  change: Partial<Omit<OwnedNode, 'owner' | 'inventory'>> & { labels?: Record<string, string> } = {},
): OwnedNode {
  const { labels = {}, ...facts } = change;
  const place = {
    instanceType: 'm5.xlarge',
    zone: 'us-east-1a',
    capacityType: 'on-demand' as const,
    ...facts,
  };
  const [inventory] = stateOf([nodeAt(name, place)], []).inventory.nodes;
  if (!inventory) throw new Error('a state has its nodes');
  return {
    inventory: {
      ...inventory,
      labels: { ...inventory.labels, ...labels },
      providerId: `aws:///us-east-1a/i-0${name.length}ab`,
    },
    owner: { kind: owner, name: ownerName, evidence: 'test' },
    isLeaving: false,
    ...place,
  };
}

/** A pod that waits, of half a CPU and 1 GiB unless said otherwise. */
export function waiting(cpuMilli = 500, memoryBytes = GIB, nodeSelector: Record<string, string> = {}) {
  return { cpuMilli, memoryBytes, nodeSelector, tolerations: [] };
}

/** Nodes, pools and what else is given, under the default policy, on a winter Wednesday. */
export function inputOf(change: Partial<OwnerInput> = {}): OwnerInput {
  return {
    nodes: [],
    pods: [podOn('gone', 'web-1')],
    nodePools: [],
    nodeClaims: [],
    coming: [],
    waiting: [],
    offerings,
    paid: [],
    policy: policyDocument.parse({}),
    nowMs: Date.UTC(2026, 11, 2, 12),
    ...change,
  };
}
