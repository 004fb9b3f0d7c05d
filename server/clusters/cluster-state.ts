import type {
  AgentMessageBody,
  InventoryBudget,
  InventoryHorizontalAutoscaler,
  InventoryNamespace,
  InventoryNode,
  InventoryNodeClaim,
  InventoryNodePool,
  InventoryObject,
  InventoryPod,
  InventoryPodShape,
  InventoryStorageClass,
  InventoryVerticalAutoscaler,
  InventoryVolume,
  InventoryVolumeClaim,
  InventoryWorkload,
} from '../../common/agent-protocol/index.ts';
import type { ClusterSummary, NodeView, Resources } from '../../common/contracts/index.ts';
import type { InventoryChanges } from './inventory-store.ts';
import { ReportedPods } from './usage/reported-pods.ts';

/** A cluster as last committed, for planning and booking. `asOf` tells how old it is. */
export interface ClusterState {
  readonly cluster: ClusterSummary;
  readonly nodes: NodeView[];
  readonly inventory: {
    readonly nodes: InventoryNode[];
    readonly pods: InventoryPod[];
    readonly budgets: InventoryBudget[];
    readonly workloads: InventoryWorkload[];
    readonly horizontalAutoscalers: InventoryHorizontalAutoscaler[];
    readonly verticalAutoscalers: InventoryVerticalAutoscaler[];
  };
  /** What else decides where pods may go; all of it empty where the agent is of protocol 2 or older. */
  readonly scheduling: {
    readonly shapes: InventoryPodShape[];
    readonly claims: InventoryVolumeClaim[];
    readonly volumes: InventoryVolume[];
    readonly storageClasses: InventoryStorageClass[];
    readonly namespaces: InventoryNamespace[];
    readonly nodePools: InventoryNodePool[];
    readonly nodeClaims: InventoryNodeClaim[];
  };
  /** When the last inventory was committed, in ms. */
  readonly asOf: number;
}

/** CPU and memory in use. */
export interface Used {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** What a pod and, since agents of version 2, its containers used at a moment. The next report changes it. */
export interface PodMeasure {
  /** ms UTC, by the clock of the agent, never ahead of ours. */
  readonly at: number;
  readonly used: Used;
  readonly containers: readonly { readonly name: string; readonly used: Used }[] | undefined;
}

interface KeptMeasure extends PodMeasure {
  at: number;
  readonly used: { cpuMilli: number; memoryBytes: number };
  containers:
    | { readonly name: string; readonly used: { cpuMilli: number; memoryBytes: number } }[]
    | undefined;
}

type PlanningKind =
  | 'PodShape'
  | 'PersistentVolumeClaim'
  | 'PersistentVolume'
  | 'StorageClass'
  | 'Namespace'
  | 'NodePool'
  | 'NodeClaim';

export type UsageReport = Extract<AgentMessageBody, { kind: 'usage' }>;

/** Whose values a step touched: names of nodes, `namespace/name` of pods. */
interface Touched {
  readonly nodes: Set<string>;
  readonly pods: Set<string>;
}

const NO_PODS: ReadonlySet<string> = new Set();

/** A pod that has ended holds nothing of its node any more. */
export function isFinished(pod: InventoryPod): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/**
 * What runs in one cluster: a fold of inventory changes and usage. The result depends on the changes alone, and a
 * step costs what it changes. Sums of a node are taken afresh after each change of its pods, so that they cannot drift.
 */
export class InventoryState {
  readonly objects = new Map<string, InventoryObject>();
  readonly nodes = new Map<string, InventoryNode>();
  /** By `namespace/name`. */
  readonly pods = new Map<string, InventoryPod>();
  readonly budgets = new Map<string, InventoryBudget>();
  readonly workloads = new Map<string, InventoryWorkload>();
  readonly horizontalAutoscalers = new Map<string, InventoryHorizontalAutoscaler>();
  readonly verticalAutoscalers = new Map<string, InventoryVerticalAutoscaler>();
  /** Every other kind, by kind and key. */
  readonly #others = new Map<InventoryObject['kind'], Map<string, InventoryObject>>();
  readonly nodeUsage = new Map<string, Used>();
  /** The last measure of each pod; by `namespace/name`. */
  readonly podMeasures = new Map<string, KeptMeasure>();
  /** What reports of usage are about, by the objects as they are. */
  readonly reported = new ReportedPods(key => this.objects.get(key));
  readonly #podsByNode = new Map<string, Set<string>>();
  /** By node; forgotten when one of its pods changes. */
  readonly #requested = new Map<string, Readonly<Resources>>();

  /** All objects of a kind that is kept for planning alone. */
  ofKind<Kind extends PlanningKind>(kind: Kind): Extract<InventoryObject, { kind: Kind }>[] {
    return [...(this.#others.get(kind)?.values() ?? [])] as Extract<InventoryObject, { kind: Kind }>[];
  }

  /** Takes committed changes; tells which views they touch. */
  apply(changes: InventoryChanges): Touched {
    const touched: Touched = { nodes: new Set(), pods: new Set() };
    if (changes.size > 0) this.reported.forget();
    for (const [key, object] of changes) {
      const before = this.objects.get(key);
      if (object) this.objects.set(key, object);
      else this.objects.delete(key);
      this.#place(key, before, object, touched);
    }
    return touched;
  }

  /** Takes a usage report of a moment; tells the nodes that it touches. What it says of objects that are not known is passed over. */
  applyUsage(report: UsageReport, at: number, touched = new Set<string>()): Set<string> {
    for (const { name, used } of report.nodes) {
      if (!this.nodes.has(name)) continue;
      this.nodeUsage.set(name, used);
      touched.add(name);
    }
    for (const [place, { namespace, name, used, containers }] of report.pods.entries()) {
      const found = this.reported.at(place, namespace, name);
      if (!found) continue;
      const measure = this.podMeasures.get(found.key);
      if (measure) retake(measure, at, used, containers);
      else this.podMeasures.set(found.key, { at, used: { ...used }, containers: copyOf(containers) });
    }
    return touched;
  }

  /** Sum of the requests of the unfinished pods on a node. */
  requestedOn(nodeName: string): Readonly<Resources> {
    const known = this.#requested.get(nodeName);
    if (known) return known;
    let cpuMilli = 0;
    let memoryBytes = 0;
    let pods = 0;
    for (const key of this.#podsByNode.get(nodeName) ?? NO_PODS) {
      const pod = this.pods.get(key);
      if (!pod || isFinished(pod)) continue;
      cpuMilli += pod.requests.cpuMilli;
      memoryBytes += pod.requests.memoryBytes;
      pods++;
    }
    const sum = { cpuMilli, memoryBytes, pods };
    if (pods > 0) this.#requested.set(nodeName, sum);
    return sum;
  }

  #place(
    key: string,
    before: InventoryObject | undefined,
    after: InventoryObject | null,
    touched: Touched,
  ): void {
    const object = after ?? before;
    if (!object) return;
    switch (object.kind) {
      case 'Node':
        setOrDelete(this.nodes, object.name, after as InventoryNode | null);
        if (isReplaced(before, after)) this.nodeUsage.delete(object.name);
        touched.nodes.add(object.name);
        return;
      case 'Pod': {
        const podKey = `${object.namespace}/${object.name}`;
        setOrDelete(this.pods, podKey, after as InventoryPod | null);
        if (isReplaced(before, after)) this.podMeasures.delete(podKey);
        this.#move(podKey, before as InventoryPod | undefined, after as InventoryPod | null, touched);
        touched.pods.add(podKey);
        return;
      }
      case 'PodDisruptionBudget':
        setOrDelete(this.budgets, key, after as InventoryBudget | null);
        return;
      case 'HorizontalPodAutoscaler':
        setOrDelete(this.horizontalAutoscalers, key, after as InventoryHorizontalAutoscaler | null);
        return;
      case 'VerticalPodAutoscaler':
        setOrDelete(this.verticalAutoscalers, key, after as InventoryVerticalAutoscaler | null);
        return;
      case 'Deployment':
      case 'ReplicaSet':
      case 'StatefulSet':
      case 'DaemonSet':
        setOrDelete(this.workloads, key, after as InventoryWorkload | null);
        return;
      default: {
        const ofKind = this.#others.get(object.kind) ?? new Map<string, InventoryObject>();
        this.#others.set(object.kind, ofKind);
        setOrDelete(ofKind, key, after);
      }
    }
  }

  #move(
    podKey: string,
    before: InventoryPod | undefined,
    after: InventoryPod | null,
    touched: Touched,
  ): void {
    const from = before?.nodeName ?? null;
    const to = after?.nodeName ?? null;
    for (const name of [from, to]) {
      if (name === null) continue;
      touched.nodes.add(name);
      this.#requested.delete(name);
    }
    if (from === to) return;
    if (from !== null) {
      const pods = this.#podsByNode.get(from);
      pods?.delete(podKey);
      if (pods?.size === 0) this.#podsByNode.delete(from);
    }
    if (to === null) return;
    const pods = this.#podsByNode.get(to) ?? new Set();
    this.#podsByNode.set(to, pods.add(podKey));
  }
}

/** Writes figures over those of the last report: kept objects of each would soon be most of the garbage of a server with many agents. */
function retake(kept: KeptMeasure, at: number, used: Used, containers: PodMeasure['containers']): void {
  kept.at = at;
  kept.used.cpuMilli = used.cpuMilli;
  kept.used.memoryBytes = used.memoryBytes;
  const known = kept.containers;
  if (!containers || known?.length !== containers.length) {
    kept.containers = copyOf(containers);
    return;
  }
  for (const [place, { name, used }] of containers.entries()) {
    const one = known[place];
    if (one?.name === name) {
      one.used.cpuMilli = used.cpuMilli;
      one.used.memoryBytes = used.memoryBytes;
    } else known[place] = { name, used: { ...used } };
  }
}

function copyOf(containers: PodMeasure['containers']): KeptMeasure['containers'] {
  return containers?.map(({ name, used }) => ({ name, used: { ...used } }));
}

/** An object of the same name that was made anew has used nothing yet. */
function isReplaced(before: InventoryObject | undefined, after: InventoryObject | null): boolean {
  const uidOf = (object: InventoryObject) => ('uid' in object ? object.uid : undefined);
  return !after || (before !== undefined && uidOf(before) !== uidOf(after));
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
