import type { SchedulableCluster } from '../neighbours.ts';

const KARPENTER_LABELS = ['karpenter.sh/nodepool', 'karpenter.sh/provisioner-name'];

/** Who brings nodes in this cluster, as far as its objects tell; `undefined` when nobody is seen. */
export function provisionerSeen({ inventory, scheduling }: SchedulableCluster): string | undefined {
  const hasLabel = (label: string) => inventory.nodes.some(({ labels }) => labels[label] !== undefined);
  const runs = (part: string) =>
    inventory.workloads.some(({ kind, name }) => kind === 'Deployment' && name.includes(part));
  if ((scheduling.nodePools ?? []).length > 0 || KARPENTER_LABELS.some(hasLabel) || runs('karpenter'))
    return 'Karpenter';
  return runs('cluster-autoscaler') ? 'the cluster autoscaler' : undefined;
}
