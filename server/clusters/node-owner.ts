import type { InventoryNode, InventoryNodeClaim } from '../../common/agent-protocol/index.ts';
import type { NodeOwner } from '../../common/contracts/index.ts';

/** What tells who owns a node. */
type OwnedNode = Pick<InventoryNode, 'name' | 'labels' | 'taints' | 'nodeClaim'>;

const KARPENTER_LABELS = ['karpenter.sh/nodepool', 'karpenter.sh/provisioner-name'];
const EKS_LABEL = 'eks.amazonaws.com/nodegroup';
/** Labels by which eksctl and kOps name the groups that they make; both are Auto Scaling groups. */
const GROUP_LABELS = ['alpha.eksctl.io/nodegroup-name', 'kops.k8s.io/instancegroup'];
/** Tags of Auto Scaling groups that some copy onto their nodes. */
const AUTOSCALER_LABEL = 'k8s.io/cluster-autoscaler/';
/** The cluster autoscaler taints only nodes of groups that it manages. */
const AUTOSCALER_TAINTS = ['ToBeDeletedByClusterAutoscaler', 'DeletionCandidateOfClusterAutoscaler'];

/**
 * Who owns a node, by what the cluster says of it. Karpenter comes first: on EKS Auto Mode and with eksctl its nodes may carry labels of
 * groups, too. A group that leaves no trace on its nodes cannot be seen: such a node is nobody's.
 * @param claims Karpenter's NodeClaims, where they are known; a node may be owned by one without saying so itself
 */
export function nodeOwner(node: OwnedNode, claims: readonly InventoryNodeClaim[] = []): NodeOwner {
  const { labels, taints } = node;
  const pool = KARPENTER_LABELS.find(label => labels[label] !== undefined);
  const claim = claimOf(node, claims);
  if (claim !== undefined) {
    const name = (pool && labels[pool]) ?? claim.nodePool;
    return { kind: 'karpenter', name, evidence: `NodeClaim ${claim.name}` };
  }
  if (pool !== undefined) return named('karpenter', labels, pool);
  if (labels[EKS_LABEL] !== undefined) return named('eks-node-group', labels, EKS_LABEL);
  const group = GROUP_LABELS.find(label => labels[label] !== undefined);
  if (group !== undefined) return named('auto-scaling-group', labels, group);
  const mark =
    Object.keys(labels).find(label => label.startsWith(AUTOSCALER_LABEL)) ??
    taints.find(({ key }) => AUTOSCALER_TAINTS.includes(key))?.key;
  if (mark !== undefined) return { kind: 'auto-scaling-group', name: null, evidence: mark };
  return { kind: 'nobody', name: null, evidence: 'no label, taint or NodeClaim names an owner' };
}

/** Whether Karpenter has taken a node of its own into its care: from then on its finalizer stands before every deletion. */
export function isRegistered(node: OwnedNode, claims: readonly InventoryNodeClaim[]): boolean {
  return node.labels['karpenter.sh/registered'] === 'true' || claimOf(node, claims) !== undefined;
}

function claimOf(
  { name, nodeClaim }: OwnedNode,
  claims: readonly InventoryNodeClaim[],
): Pick<InventoryNodeClaim, 'name' | 'nodePool'> | undefined {
  const found = claims.find(claim => claim.nodeName === name || claim.name === nodeClaim);
  return found ?? (nodeClaim === undefined ? undefined : { name: nodeClaim, nodePool: null });
}

function named(kind: NodeOwner['kind'], labels: OwnedNode['labels'], label: string): NodeOwner {
  return { kind, name: labels[label] ?? null, evidence: `label ${label}` };
}
