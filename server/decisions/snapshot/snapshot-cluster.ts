import type { InventoryBudget, InventoryNode, InventoryPod } from '../../../common/agent-protocol/index.ts';
import {
  doNotDisrupt,
  type PodObject,
  podResources,
  projectBudget,
  projectNode,
  projectPod,
  projectWorkload,
  resourceAmounts,
} from '../../../common/kubernetes/index.ts';
import { nodeFacts } from '../../clusters/index.ts';
import { type DrainBlocker, drainBlockers } from '../drain-blockers.ts';
import { occupancyByNode } from '../node-occupancy.ts';
import type { PodRules, Resources } from '../packing/problem.ts';
import type { DecisionPolicy } from '../policy.ts';
import { type WorkloadOwners, workloadOwners } from '../workload-owner.ts';
import { namespaceFinder, podRules } from './pod-rules.ts';
import type { Snapshot } from './read-snapshot.ts';
import { type VolumeReach, volumeReach } from './volume-zones.ts';

/** A pod that holds room on a node, or waits for one. */
export interface SnapshotPod {
  /** `namespace/name` */
  readonly key: string;
  /** `Deployment/shop/web`; the pod's own key where nothing owns it. */
  readonly owner: string;
  readonly inventory: InventoryPod;
  readonly requests: Resources;
  readonly rules: PodRules;
  /** It stays with its node: of a DaemonSet, static, or about to end. */
  readonly isResident: boolean;
}

export interface SnapshotNode {
  readonly name: string;
  readonly facts: ReturnType<typeof nodeFacts>;
  readonly inventory: InventoryNode;
  readonly allocatable: Resources;
  readonly podLimit: number;
  readonly pods: readonly SnapshotPod[];
  /** Every reason why it may not be drained now. */
  readonly blockers: readonly DrainBlocker[];
}

/** A snapshot as planning sees it. */
export interface SnapshotCluster {
  readonly nodes: readonly SnapshotNode[];
  readonly pending: readonly SnapshotPod[];
  readonly budgets: readonly InventoryBudget[];
  readonly owners: WorkloadOwners;
  readonly daemonSets: Snapshot['daemonSets'];
  readonly warnings: readonly string[];
}

/** Reads every pod's needs and every node's reasons to stay, by name order. */
export function snapshotCluster(snapshot: Snapshot, policy: DecisionPolicy): SnapshotCluster {
  const budgets = snapshot.budgets.map(projectBudget);
  const owners = workloadOwners([
    ...snapshot.deployments.map(one => projectWorkload('Deployment', one)),
    ...snapshot.replicaSets.map(one => projectWorkload('ReplicaSet', one)),
    ...snapshot.statefulSets.map(one => projectWorkload('StatefulSet', one)),
    ...snapshot.daemonSets.map(one => projectWorkload('DaemonSet', one)),
  ]);
  const reachOf = volumeReach(snapshot);
  const used = [...new Set(snapshot.pods.map(pod => pod.metadata?.namespace ?? 'default'))];
  const namespacesOf = namespaceFinder(snapshot.namespaces, used);
  const own = new Map<string, DrainBlocker[]>();
  const pods = snapshot.pods.flatMap(pod => {
    const inventory = projectPod(pod);
    if (!inventory) return [];
    const reach = reachOf(pod);
    const rules = podRules(pod, reach, namespacesOf);
    const read = podOf(pod, inventory, rules, owners);
    own.set(read.key, ownBlockers(pod, read, reach));
    return read;
  });
  const occupancyOf = occupancyByNode(pods.map(pod => pod.inventory));
  const byNode = Map.groupBy(pods, pod => pod.inventory.nodeName);
  const nodes = snapshot.nodes.map((node): SnapshotNode => {
    const inventory = projectNode(node);
    const { name, ready, unschedulable } = inventory;
    const here = (byNode.get(name) ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const {
      cpu = 0,
      memory = 0,
      pods: podLimit = 0,
      ...extended
    } = resourceAmounts(node.status?.allocatable);
    return {
      name,
      facts: nodeFacts(inventory),
      inventory,
      allocatable: { cpuMilli: cpu, memoryBytes: memory, extended },
      podLimit,
      pods: here,
      blockers: [
        ...(doNotDisrupt(node) ? [nodeAsksToStay(name)] : []),
        ...drainBlockers(
          { name, ready, cordoned: unschedulable },
          inventory,
          occupancyOf(name),
          budgets,
          policy,
        ),
        ...here.filter(pod => !pod.isResident).flatMap(pod => own.get(pod.key) ?? []),
      ],
    };
  });
  return {
    nodes: nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    pending: byNode.get(null) ?? [],
    budgets,
    owners,
    daemonSets: snapshot.daemonSets,
    warnings: snapshot.warnings,
  };
}

function podOf(
  { spec = {} }: PodObject,
  inventory: InventoryPod,
  rules: PodRules,
  owners: WorkloadOwners,
): SnapshotPod {
  const key = `${inventory.namespace}/${inventory.name}`;
  const { cpu = 0, memory = 0, ...extended } = podResources(spec);
  const { ownerKind, isMirror, terminating } = inventory;
  return {
    key,
    owner: owners.keyOf(inventory) ?? `Pod/${key}`,
    inventory,
    requests: { cpuMilli: cpu, memoryBytes: memory, extended },
    rules,
    isResident: isMirror || terminating || ownerKind === 'DaemonSet' || ownerKind === 'Node',
  };
}

/** What keeps a pod where it is beyond what agents report. */
function ownBlockers({ spec = {} }: PodObject, { key }: SnapshotPod, reach: VolumeReach): DrainBlocker[] {
  const object = `Pod/${key}`;
  const found: DrainBlocker[] = [];
  if (reach.pinnedBy !== null) {
    const text = `Pod ${key} uses ${reach.pinnedBy}.`;
    found.push({
      code: 'pinned-volume',
      object,
      text,
      unblock: 'Move its data to a volume of a zone, or list pvc and pv in the snapshot.',
    });
  }
  const { schedulerName = 'default-scheduler' } = spec;
  if (schedulerName !== 'default-scheduler') {
    const text = `Pod ${key} is placed by the scheduler "${schedulerName}", whose rules are not known here.`;
    found.push({ code: 'other-scheduler', object, text, unblock: null });
  }
  if ((spec.resourceClaims ?? []).length > 0) {
    const text = `Pod ${key} claims devices (resourceClaims), which are not known here.`;
    found.push({ code: 'resource-claims', object, text, unblock: null });
  }
  return found;
}

function nodeAsksToStay(name: string): DrainBlocker {
  return {
    code: 'do-not-disrupt',
    object: `Node/${name}`,
    text: `Node ${name} asks not to be disrupted.`,
    unblock: `Remove the do-not-disrupt or scale-down-disabled annotation of node ${name}.`,
  };
}
