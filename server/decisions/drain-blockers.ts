import type { InventoryBudget, InventoryNode, InventoryPod } from '../../common/agent-protocol/index.ts';
import type { NodeView, Reason } from '../../common/contracts/index.ts';
import { budgetsOf } from './budgets-of-pod.ts';
import type { NodeOccupancy } from './node-occupancy.ts';
import type { DecisionPolicy } from './policy.ts';
import type { WorkloadOwners } from './workload-owner.ts';

/** Why a node may not be drained: the object that keeps it, and the smallest change that would free it. */
export interface DrainBlocker {
  readonly code: string;
  readonly object: string | null;
  readonly text: string;
  readonly unblock: string | null;
}

type DrainableNode = Pick<NodeView, 'name' | 'ready' | 'cordoned'>;

const PINNING_LABEL = 'kubernetes.io/hostname';

/** Every reason, not just the first, why this node may not be drained now; none means that it may. */
export function drainBlockers(
  node: DrainableNode,
  inventoryNode: InventoryNode | undefined,
  occupancy: NodeOccupancy,
  budgets: readonly InventoryBudget[],
  policy: Pick<DecisionPolicy, 'allowLocalStorage'>,
): DrainBlocker[] {
  return [
    ...nodeBlockers(node, inventoryNode),
    ...[...occupancy.moving, ...occupancy.resident].filter(pod => pod.doNotDisrupt).map(doNotDisrupt),
    ...occupancy.moving.flatMap(pod => podBlockers(pod, policy)),
    ...occupancy.moving.flatMap(pod => budgetBlockers(pod, budgets)),
  ];
}

/** What an approver should know of a node that may be drained. */
export function drainWarnings(
  occupancy: NodeOccupancy,
  budgets: readonly InventoryBudget[],
  owners: WorkloadOwners,
): Reason[] {
  return occupancy.moving.flatMap(pod => {
    const workload = owners.workloadOf(pod);
    const warnings: Reason[] = [];
    if (workload && workload.replicas === 1 && budgetsOf(pod, budgets).length === 0) {
      warnings.push({
        code: 'single-replica',
        text: `${workload.kind} ${workload.namespace}/${workload.name} has one replica and no PodDisruptionBudget: it is down while its pod moves.`,
      });
    }
    if (pod.ownerKind === 'Job') {
      warnings.push({ code: 'job', text: `Pod ${nameOf(pod)} belongs to a Job and starts over.` });
    }
    if (pod.hasAffinity) {
      warnings.push({
        code: 'affinity',
        text: `Pod ${nameOf(pod)} has affinity rules; the scheduler may want a different node for it.`,
      });
    }
    return warnings;
  });
}

function nodeBlockers(node: DrainableNode, inventoryNode: InventoryNode | undefined): DrainBlocker[] {
  const found: DrainBlocker[] = [];
  const object = `Node/${node.name}`;
  if (!node.ready) {
    found.push({
      code: 'node-not-ready',
      object,
      text: `Node ${node.name} is not ready.`,
      unblock: 'Wait until the node is ready, or remove it by hand.',
    });
  }
  if (node.cordoned) {
    found.push({
      code: 'node-cordoned',
      object,
      text: `Node ${node.name} is cordoned already: somebody else is at work on it.`,
      unblock: `kubectl uncordon ${node.name}`,
    });
  }
  if (inventoryNode && 'node-role.kubernetes.io/control-plane' in inventoryNode.labels) {
    found.push({
      code: 'control-plane',
      object,
      text: `Node ${node.name} belongs to the control plane.`,
      unblock: null,
    });
  }
  return found;
}

function doNotDisrupt(pod: InventoryPod): DrainBlocker {
  return {
    code: 'do-not-disrupt',
    object: `Pod/${nameOf(pod)}`,
    text: `Pod ${nameOf(pod)} asks not to be disrupted.`,
    unblock: `Remove the do-not-disrupt annotation of pod ${nameOf(pod)}, or wait until it has ended.`,
  };
}

function podBlockers(pod: InventoryPod, policy: Pick<DecisionPolicy, 'allowLocalStorage'>): DrainBlocker[] {
  const found: DrainBlocker[] = [];
  const object = `Pod/${nameOf(pod)}`;
  if (pod.ownerKind === null) {
    found.push({
      code: 'bare-pod',
      object,
      text: `Pod ${nameOf(pod)} has no owner: nothing would start it again.`,
      unblock: `Run pod ${nameOf(pod)} from a Deployment, or delete it.`,
    });
  }
  if (pod.hasLocalStorage && !policy.allowLocalStorage) {
    found.push({
      code: 'local-storage',
      object,
      text: `Pod ${nameOf(pod)} would lose the data of its emptyDir or hostPath volume.`,
      unblock: `Keep the data of pod ${nameOf(pod)} in a PersistentVolume, or allow local storage in the policy.`,
    });
  }
  if (PINNING_LABEL in pod.nodeSelector) {
    found.push({
      code: 'pinned-to-node',
      object,
      text: `Pod ${nameOf(pod)} may run on this one node only.`,
      unblock: `Remove ${PINNING_LABEL} from the node selector of pod ${nameOf(pod)}.`,
    });
  }
  return found;
}

function budgetBlockers(pod: InventoryPod, budgets: readonly InventoryBudget[]): DrainBlocker[] {
  const mine = budgetsOf(pod, budgets);
  if (mine.length > 1) {
    const names = mine.map(budget => nameOf(budget)).join(' and ');
    return [
      {
        code: 'two-budgets',
        object: `Pod/${nameOf(pod)}`,
        text: `Pod ${nameOf(pod)} is selected by ${mine.length} PodDisruptionBudgets (${names}); Kubernetes then refuses every eviction.`,
        unblock: `Narrow one of ${names} so that it no longer selects the pod.`,
      },
    ];
  }
  return mine
    .filter(budget => !(budget.disruptionsAllowed > 0))
    .map(budget => ({
      code: 'budget-exhausted',
      object: `PodDisruptionBudget/${nameOf(budget)}`,
      text: `PodDisruptionBudget ${nameOf(budget)} allows no disruption now (${budget.currentHealthy} of ${budget.expectedPods} healthy, ${budget.desiredHealthy} needed), and selects pod ${nameOf(pod)}.`,
      unblock: `Run one more replica behind PodDisruptionBudget ${nameOf(budget)}, or let it tolerate one disruption.`,
    }));
}

function nameOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
