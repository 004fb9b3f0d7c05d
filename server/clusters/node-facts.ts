import type { InventoryNode } from '../../common/agent-protocol/index.ts';
import type { CapacityType } from '../../common/contracts/index.ts';

/** What labels and provider id tell about the machine of a node; `null` where they do not. */
export interface NodeFacts {
  readonly region: string | null;
  readonly zone: string | null;
  readonly instanceType: string | null;
  readonly capacityType: CapacityType;
  readonly arch: string | null;
}

const CAPACITY_LABELS = [
  'karpenter.sh/capacity-type',
  'eks.amazonaws.com/capacityType',
  'node.kubernetes.io/lifecycle',
  'node-lifecycle',
  'lifecycle',
];
const SPOT = new Set(['spot', 'ec2spot']);
const ON_DEMAND = new Set(['on-demand', 'on_demand', 'ondemand', 'normal']);

/**
 * Reads the well-known labels, their deprecated forms, and the zone in `aws:///eu-west-1a/i-…`.
 * Labels: kubernetes.io "Well-Known Labels", Karpenter, EKS managed node groups.
 */
export function nodeFacts(node: Pick<InventoryNode, 'labels' | 'providerId'>): NodeFacts {
  const { labels, providerId } = node;
  const zone =
    labels['topology.kubernetes.io/zone'] ??
    labels['failure-domain.beta.kubernetes.io/zone'] ??
    /^aws:\/\/\/([^/]+)\//.exec(providerId ?? '')?.[1] ??
    null;
  return {
    region:
      labels['topology.kubernetes.io/region'] ??
      labels['failure-domain.beta.kubernetes.io/region'] ??
      /^([a-z]+(?:-[a-z]+)+-\d+)[a-z]$/.exec(zone ?? '')?.[1] ??
      null,
    zone,
    instanceType:
      labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'] ?? null,
    capacityType: capacityTypeOf(labels),
    arch: labels['kubernetes.io/arch'] ?? labels['beta.kubernetes.io/arch'] ?? null,
  };
}

function capacityTypeOf(labels: Record<string, string>): CapacityType {
  for (const name of CAPACITY_LABELS) {
    const value = labels[name]?.toLowerCase();
    if (value === undefined) continue;
    if (SPOT.has(value)) return 'spot';
    if (ON_DEMAND.has(value)) return 'on-demand';
  }
  return 'unknown';
}
