import type { InventoryNode } from '../../../common/agent-protocol/index.ts';
import type { NodeOwner, Plan } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { isRegistered, nodeOwner } from '../../clusters/index.ts';
import type { SchedulableCluster } from '../neighbours.ts';

/** What tells how nodes are owned. */
export type OwnedCluster = Pick<SchedulableCluster, 'inventory' | 'scheduling'>;

/**
 * Why nodes may not be taken away by deleting their Node objects: a sentence for each that its owner would bring back, or go on
 * paying for. Not for those whose instance the plan ends itself. Karpenter takes that deletion as its own order: its finalizer (`karpenter.sh/termination`) drains the node, ends the
 * instance and removes the NodeClaim (karpenter.sh, "Disruption", control flow). Nobody else does: an Auto Scaling group knows
 * nothing of Node objects.
 */
export function withoutHandshake(
  nodes: readonly Pick<Plan['remove'][number], 'uid' | 'endedBy'>[],
  cluster: OwnedCluster,
): string[] {
  return nodes.flatMap(({ uid, endedBy }) => {
    if (endedBy === 'engine') return [];
    const node = cluster.inventory.nodes.find(one => one.uid === uid);
    return (node && problemOf(node, cluster)) ?? [];
  });
}

/**
 * @throws AppError `plan.owned-elsewhere` naming the first node of a plan that may not be taken away by deleting its Node object, and
 * how many more there are
 */
export function demandHandshake({ remove }: Pick<Plan, 'remove'>, cluster: OwnedCluster | undefined): void {
  const [first, ...more] = cluster ? withoutHandshake(remove, cluster) : [];
  if (first === undefined) return;
  throw new AppError(
    'plan.owned-elsewhere',
    more.length === 0 ? first : `${first} So it is with ${more.length} more of its nodes.`,
  );
}

/** The owner of a node of a cluster. */
export function ownerOf(node: InventoryNode, { scheduling }: OwnedCluster): NodeOwner {
  return nodeOwner(node, scheduling.nodeClaims);
}

function problemOf(node: InventoryNode, cluster: OwnedCluster): string | undefined {
  const { nodePools = [], nodeClaims = [] } = cluster.scheduling;
  const owner = ownerOf(node, cluster);
  if (owner.kind === 'nobody') return undefined;
  if (owner.kind !== 'karpenter') {
    const group = `${owner.kind === 'eks-node-group' ? 'EKS node group' : 'Auto Scaling group'}${owner.name === null ? '' : ` ${owner.name}`}`;
    return `Node ${node.name} belongs to ${group}, which would keep or bring back its instance when the Node object is deleted: its desired size has to be lowered instead.`;
  }
  const replicas = nodePools.find(({ name }) => name === owner.name)?.replicas;
  if (replicas !== undefined)
    return `Node ${node.name} belongs to NodePool ${owner.name}, which keeps ${replicas} nodes and would bring it back: its spec.replicas has to be lowered instead.`;
  if (!isRegistered(node, nodeClaims))
    return `Node ${node.name} belongs to NodePool ${owner.name ?? '(unnamed)'}, but Karpenter has not registered it: nothing would end its instance when the Node object is deleted.`;
  return undefined;
}
