import type {
  InventoryBudget,
  InventoryNamespace,
  InventoryNode,
  InventoryNodeClaim,
  InventoryNodePool,
  InventoryPod,
  InventoryPodShape,
  InventoryStorageClass,
  InventoryVolume,
  InventoryVolumeClaim,
  InventoryWorkload,
} from '../../../common/agent-protocol/index.ts';

/** All that decides where pods may go, as an agent tells it or as it is read from what kubectl prints; in any order. */
export interface Snapshot {
  readonly nodes: readonly InventoryNode[];
  /** None that has ended. */
  readonly pods: readonly InventoryPod[];
  readonly shapes: readonly InventoryPodShape[];
  readonly budgets: readonly InventoryBudget[];
  readonly workloads: readonly InventoryWorkload[];
  readonly claims: readonly InventoryVolumeClaim[];
  readonly volumes: readonly InventoryVolume[];
  readonly storageClasses: readonly InventoryStorageClass[];
  readonly namespaces: readonly InventoryNamespace[];
  /** Karpenter's; absent where it is not known whether there are any. */
  readonly nodePools?: readonly InventoryNodePool[];
  readonly nodeClaims?: readonly InventoryNodeClaim[];
  /** What lacks, and what that means for a plan; sentences. */
  readonly warnings: readonly string[];
}
