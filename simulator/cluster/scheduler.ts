import type { Node, NodeSelectorTerm, Pod } from './kubernetes-objects.ts';
import { matchesAnyTerm, matchesLabelSelector } from './label-selectors.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import type { Amount } from './pod-facts.ts';
import {
  amountOf,
  GPU,
  gpuRequests,
  isFinished,
  isTerminating,
  podRequests,
  toleratesTaints,
} from './pod-facts.ts';

/** What is still free on a node, counting every pod bound to it that has not finished. */
export interface FreeOnNode extends Amount {
  readonly pods: number;
  readonly gpus: number;
}

/** Binds every pending pod to the emptiest node that takes it. A pod that fits nowhere gets the condition Unschedulable. */
export function schedulePods(store: ObjectStore, nowMs: number): void {
  const pending = store.list('pods').filter(isWaiting);
  if (pending.length === 0) return;
  const free = freeByNode(store);
  const nodes = store.list('nodes').filter(isOpen);
  // Oldest first, as the scheduling queue does; versions are given out in order of change.
  for (const pod of pending.toSorted(byCreation)) {
    const requests = wantedBy(pod);
    const terms = volumeTerms(store, pod);
    let best: Node | undefined;
    let bestScore = -1;
    for (const node of nodes) {
      const left = free.get(node.metadata.name);
      if (!left || !hasRoom(left, requests) || !acceptsPod(node, pod, terms)) continue;
      const score = emptiness(node, left, requests);
      if (score > bestScore) {
        best = node;
        bestScore = score;
      }
    }
    if (!best) {
      markUnschedulable(store, pod, nodes.length, nowMs);
      continue;
    }
    const left = free.get(best.metadata.name);
    if (left) free.set(best.metadata.name, minus(left, requests));
    bindPod(store, pod, best.metadata.name, nowMs);
  }
}

/** Whether the pod still looks for a node. */
export function isWaiting(pod: Pod): boolean {
  return !pod.spec.nodeName && !isTerminating(pod) && !isFinished(pod);
}

/** Free room of every node by its name. */
export function freeByNode(store: ObjectStore): Map<string, FreeOnNode> {
  const free = new Map<string, FreeOnNode>();
  for (const node of store.list('nodes')) {
    const allocatable = node.status?.allocatable;
    free.set(node.metadata.name, {
      ...amountOf(allocatable),
      pods: Number(allocatable?.pods ?? 0),
      gpus: Number(allocatable?.[GPU] ?? 0),
    });
  }
  for (const pod of store.list('pods')) {
    if (!pod.spec.nodeName || isFinished(pod)) continue;
    const left = free.get(pod.spec.nodeName);
    if (left) free.set(pod.spec.nodeName, minus(left, wantedBy(pod)));
  }
  return free;
}

/** Whether the requests fit into the room that is left. */
function hasRoom(left: FreeOnNode, wanted: Wanted): boolean {
  return (
    left.pods >= 1 &&
    left.cpuMilli >= wanted.cpuMilli &&
    left.memoryBytes >= wanted.memoryBytes &&
    left.gpus >= wanted.gpus
  );
}

/** What a pod reserves. */
interface Wanted extends Amount {
  readonly gpus: number;
}

function wantedBy({ spec }: Pod): Wanted {
  return { ...podRequests(spec), gpus: gpuRequests(spec) };
}

/** The node selector terms that a pod's volumes add: a zonal disk keeps the pod in its zone. Every entry must hold. */
export function volumeTerms(store: ObjectStore, pod: Pod): readonly (readonly NodeSelectorTerm[])[] {
  const terms: (readonly NodeSelectorTerm[])[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = volume.persistentVolumeClaim?.claimName;
    if (name === undefined) continue;
    const claim = store.get('persistentvolumeclaims', pod.metadata.namespace, name);
    const disk = claim?.spec.volumeName
      ? store.get('persistentvolumes', undefined, claim.spec.volumeName)
      : undefined;
    const required = disk?.spec.nodeAffinity?.required?.nodeSelectorTerms;
    if (required) terms.push(required);
  }
  return terms;
}

/** Whether a node's labels and taints admit the pod; room is not looked at. */
export function acceptsPod(
  node: Pick<Node, 'metadata' | 'spec'>,
  pod: Pod,
  terms: readonly (readonly NodeSelectorTerm[])[],
): boolean {
  const labels = node.metadata.labels ?? {};
  const required =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    matchesLabelSelector({ matchLabels: pod.spec.nodeSelector ?? {} }, labels) &&
    (!required || matchesAnyTerm(required, labels)) &&
    terms.every(one => matchesAnyTerm(one, labels)) &&
    toleratesTaints(pod.spec.tolerations, node.spec.taints)
  );
}

function isOpen(node: Node): boolean {
  const ready = (node.status?.conditions ?? []).some(
    condition => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready && node.spec.unschedulable !== true && node.metadata.deletionTimestamp === undefined;
}

function byCreation(a: Pod, b: Pod): number {
  return (
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
    a.metadata.name.localeCompare(b.metadata.name)
  );
}

function emptiness(node: Node, left: FreeOnNode, requests: Amount): number {
  const whole = amountOf(node.status?.allocatable);
  const cpu = (left.cpuMilli - requests.cpuMilli) / Math.max(1, whole.cpuMilli);
  const memory = (left.memoryBytes - requests.memoryBytes) / Math.max(1, whole.memoryBytes);
  return (cpu + memory) / 2;
}

function minus(left: FreeOnNode, requests: Wanted): FreeOnNode {
  return {
    pods: left.pods - 1,
    gpus: left.gpus - requests.gpus,
    cpuMilli: left.cpuMilli - requests.cpuMilli,
    memoryBytes: left.memoryBytes - requests.memoryBytes,
  };
}

function bindPod(store: ObjectStore, pod: Pod, nodeName: string, nowMs: number): void {
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    spec: { ...current.spec, nodeName },
    status: {
      ...current.status,
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: formatTime(nowMs) }],
    },
  }));
}

function markUnschedulable(store: ObjectStore, pod: Pod, nodes: number, nowMs: number): void {
  const known = pod.status?.conditions?.some(
    condition => condition.type === 'PodScheduled' && condition.reason === 'Unschedulable',
  );
  if (known) return;
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    status: {
      ...current.status,
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: `0/${store.list('nodes').length} nodes are available: none of ${nodes} schedulable nodes has room or fits.`,
          lastTransitionTime: formatTime(nowMs),
        },
      ],
    },
  }));
}
