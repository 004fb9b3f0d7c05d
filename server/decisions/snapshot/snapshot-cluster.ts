import type {
  InventoryBudget,
  InventoryNode,
  InventoryPod,
  InventoryPodShape,
  InventoryWorkload,
} from '../../../common/agent-protocol/index.ts';
import { AppError } from '../../../common/errors.ts';
import { type DrainBlocker, drainBlockers } from '../drain-blockers.ts';
import { occupancyByNode } from '../node-occupancy.ts';
import type { PodRules, Resources } from '../packing/problem.ts';
import type { DecisionPolicy } from '../policy.ts';
import { type WorkloadOwners, workloadOwners } from '../workload-owner.ts';
import { floorHolds } from './floor-holds.ts';
import type { MachinePrice } from './machine-market.ts';
import type { QuotedMachines, QuotedNode } from './machine-quotes.ts';
import { namespaceFinder, podRules } from './pod-rules.ts';
import type { Snapshot } from './snapshot.ts';
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
  readonly facts: QuotedNode['facts'];
  readonly price: MachinePrice;
  readonly inventory: InventoryNode;
  readonly allocatable: Resources;
  readonly podLimit: number;
  readonly pods: readonly SnapshotPod[];
  /** Every reason why it may not be drained now. */
  readonly blockers: readonly DrainBlocker[];
  /** Workloads whose pods do not leave it, because the policy keeps them on-demand. */
  readonly heldWorkloads: ReadonlySet<string>;
}

/** What a DaemonSet brings to every node that it fits. */
export interface SnapshotDaemonSet {
  /** `namespace/name` */
  readonly key: string;
  readonly requests: Resources;
  readonly shape: InventoryPodShape;
}

/** A snapshot as planning sees it. */
export interface SnapshotCluster {
  readonly nodes: readonly SnapshotNode[];
  readonly pending: readonly SnapshotPod[];
  readonly budgets: readonly InventoryBudget[];
  readonly daemonSets: readonly SnapshotDaemonSet[];
  readonly warnings: readonly string[];
}

/**
 * Reads every pod's needs and every node's reasons to stay; everything in the order of its name, whatever that of the snapshot.
 * @throws AppError `bug.unexpected` for a pod or DaemonSet whose shape is not among the snapshot's, or a node that is not quoted
 */
export function snapshotCluster(
  snapshot: Snapshot,
  machines: QuotedMachines,
  policy: DecisionPolicy,
): SnapshotCluster {
  const budgets = byKey(snapshot.budgets);
  const owners = workloadOwners(snapshot.workloads);
  const shapeNamed = new Map(snapshot.shapes.map(shape => [shape.name, shape]));
  const shapeOf = (name = ''): InventoryPodShape => {
    const shape = shapeNamed.get(name);
    if (!shape) throw new AppError('bug.unexpected', `A snapshot lacks the shape "${name}".`);
    return shape;
  };
  const reachOf = volumeReach(snapshot);
  const used = [...new Set(snapshot.pods.map(({ namespace }) => namespace))].sort();
  const namespacesOf = namespaceFinder(byKey(snapshot.namespaces), used);
  const own = new Map<string, DrainBlocker[]>();
  // Pods of one workload ask for the same, and thousands of equal rules would be compared one by one later.
  const known = new Map<string, PodRules>();
  const rulesOf = (inventory: InventoryPod, shape: InventoryPodShape, reach: VolumeReach): PodRules => {
    const { namespace, labels, priority } = inventory;
    const key = JSON.stringify([shape.name, namespace, labels, priority, reach.zones]);
    const rules = known.get(key) ?? podRules(inventory, shape, reach, namespacesOf);
    known.set(key, rules);
    return rules;
  };
  const pods = byKey(snapshot.pods).map(inventory => {
    const shape = shapeOf(inventory.shape);
    const reach = reachOf(inventory);
    const read = podOf(inventory, shape, rulesOf(inventory, shape, reach), owners);
    own.set(read.key, ownBlockers(read, shape, reach));
    return read;
  });
  const occupancyOf = occupancyByNode(pods.map(pod => pod.inventory));
  const byNode = Map.groupBy(pods, pod => pod.inventory.nodeName);
  const drainable = byKey(snapshot.nodes).map((inventory): Omit<SnapshotNode, 'heldWorkloads'> => {
    const { name, ready, unschedulable, extended = {} } = inventory;
    const { cpuMilli, memoryBytes, pods: podLimit } = inventory.allocatable;
    const here = byNode.get(name) ?? [];
    const quoted = machines.nodes.get(name);
    if (!quoted) throw new AppError('bug.unexpected', `Nobody asked what node ${name} costs.`);
    return {
      name,
      ...quoted,
      inventory,
      allocatable: { cpuMilli, memoryBytes, extended },
      podLimit,
      pods: here,
      blockers: [
        ...(inventory.doNotDisrupt ? [nodeAsksToStay(name)] : []),
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
  const pending = byNode.get(null) ?? [];
  const holds = floorHolds(drainable, pending, policy.workloads);
  const nodes = drainable.map((node): SnapshotNode => {
    const held = holds.get(node.name) ?? [];
    return {
      ...node,
      blockers: [...node.blockers, ...held.map(({ blocker }) => blocker)],
      heldWorkloads: new Set(held.map(({ workload }) => workload)),
    };
  });
  return {
    nodes,
    pending,
    budgets,
    daemonSets: byKey(snapshot.workloads).flatMap(one => daemonSetOf(one, shapeOf) ?? []),
    warnings: snapshot.warnings,
  };
}

function podOf(
  inventory: InventoryPod,
  { extended = {} }: InventoryPodShape,
  rules: PodRules,
  owners: WorkloadOwners,
): SnapshotPod {
  const key = keyOf(inventory);
  const { ownerKind, isMirror, terminating, requests } = inventory;
  return {
    key,
    owner: owners.keyOf(inventory) ?? `Pod/${key}`,
    inventory,
    requests: { cpuMilli: requests.cpuMilli, memoryBytes: requests.memoryBytes, extended },
    rules,
    isResident: isMirror || terminating || ownerKind === 'DaemonSet' || ownerKind === 'Node',
  };
}

function daemonSetOf(
  { kind, namespace, name, template }: InventoryWorkload,
  shapeOf: (name: string) => InventoryPodShape,
): SnapshotDaemonSet | undefined {
  if (kind !== 'DaemonSet' || !template) return undefined;
  const { cpuMilli, memoryBytes } = template.requests;
  const shape = shapeOf(template.shape);
  const requests = { cpuMilli, memoryBytes, extended: shape.extended ?? {} };
  return { key: keyOf({ namespace, name }), requests, shape };
}

/** What keeps a pod where it is beyond what every engine looks at. */
function ownBlockers({ key }: SnapshotPod, shape: InventoryPodShape, reach: VolumeReach): DrainBlocker[] {
  const object = `Pod/${key}`;
  const found: DrainBlocker[] = [];
  if (reach.pinnedBy !== null) {
    const text = `Pod ${key} uses ${reach.pinnedBy}.`;
    found.push({
      code: 'pinned-volume',
      object,
      text,
      unblock: 'Move its data to a volume of a zone; where nothing is known of it, let pvc and pv be listed.',
    });
  }
  if (shape.schedulerName !== undefined) {
    const text = `Pod ${key} is placed by the scheduler "${shape.schedulerName}", whose rules are not known here.`;
    found.push({ code: 'other-scheduler', object, text, unblock: null });
  }
  if (shape.claimsDevices) {
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

function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

function byKey<T extends { readonly namespace?: string; readonly name: string }>(all: readonly T[]): T[] {
  const keyed = all.map(one => ({ one, key: `${one.namespace ?? ''}/${one.name}` }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one);
}
