import { deleteObject } from './delete-object.ts';
import type { Condition, Container, Node, Pod } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { controllerOf, isFinished, isTerminating, qosClassOf, toleratesTaints } from './pod-facts.ts';
import { hashText } from './random.ts';

/** How long pretend pods take, in ms. */
export interface KubeletTiming {
  /** From binding to Running and Ready. */
  readonly startMs: number;
  /** A pod stops between this … */
  readonly minStopMs: number;
  /** … and this, whatever its grace period. */
  readonly maxStopMs: number;
  /** A Job's pod runs for this long. */
  readonly jobRunMs: number;
}

/** The kubelets of all pretend instances. */
export interface Kubelets {
  /** Starts, finishes and removes pods of the nodes whose kubelet runs. */
  tick(nowMs: number): void;
}

/** `runsOn(nodeName)`: whether that node has a pretend instance with a living kubelet; a hand-made node has none. */
export function createKubelets(
  store: ObjectStore,
  timing: KubeletTiming,
  runsOn: (nodeName: string) => boolean,
): Kubelets {
  const seenBoundMs = new Map<string, number>();
  const seenStoppingMs = new Map<string, number>();
  const startedMs = new Map<string, number>();

  const tickPod = (pod: Pod, node: Node, nowMs: number): void => {
    const { uid, namespace, name } = pod.metadata;
    if (isTerminating(pod)) {
      const since = remember(seenStoppingMs, uid, nowMs);
      if (nowMs - since >= stopMs(pod, timing)) store.remove('pods', namespace, name);
      return;
    }
    if (isFinished(pod)) return;
    if (
      !toleratesTaints(
        pod.spec.tolerations,
        node.spec.taints?.filter(taint => taint.effect === 'NoExecute'),
      )
    ) {
      deleteObject(store, 'pods', namespace, name, { nowMs });
      return;
    }
    if (pod.status?.phase !== 'Running') {
      if (nowMs - remember(seenBoundMs, uid, nowMs) >= timing.startMs) startPod(store, pod, node, nowMs);
      return;
    }
    const since = remember(startedMs, uid, nowMs);
    if (controllerOf(pod)?.kind === 'Job' && nowMs - since >= timing.jobRunMs) finishPod(store, pod, nowMs);
  };

  return {
    tick: nowMs => {
      const alive = new Set<string>();
      for (const pod of store.list('pods')) {
        alive.add(pod.metadata.uid);
        const node = pod.spec.nodeName ? store.get('nodes', undefined, pod.spec.nodeName) : undefined;
        if (node && runsOn(node.metadata.name)) tickPod(pod, node, nowMs);
      }
      for (const seen of [seenBoundMs, seenStoppingMs, startedMs]) {
        for (const uid of seen.keys()) if (!alive.has(uid)) seen.delete(uid);
      }
    },
  };
}

function remember(seen: Map<string, number>, uid: string, nowMs: number): number {
  const since = seen.get(uid);
  if (since !== undefined) return since;
  seen.set(uid, nowMs);
  return nowMs;
}

function stopMs(pod: Pod, timing: KubeletTiming): number {
  const spread = Math.max(0, timing.maxStopMs - timing.minStopMs);
  const own = timing.minStopMs + (spread === 0 ? 0 : hashText(pod.metadata.uid) % (spread + 1));
  const grace = pod.metadata.deletionGracePeriodSeconds;
  return grace === undefined ? own : Math.min(own, grace * 1000);
}

function startPod(store: ObjectStore, pod: Pod, node: Node, nowMs: number): void {
  const at = formatTime(nowMs);
  const hostIP = node.status?.addresses?.find(one => one.type === 'InternalIP')?.address ?? '10.0.0.1';
  const conditions: Condition[] = [
    'PodReadyToStartContainers',
    'Initialized',
    'Ready',
    'ContainersReady',
    'PodScheduled',
  ].map(type => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: at }));
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    status: {
      ...current.status,
      phase: 'Running',
      conditions,
      hostIP,
      podIP: current.spec.hostNetwork ? hostIP : podAddress(current.metadata.uid),
      startTime: at,
      qosClass: qosClassOf(current.spec),
      containerStatuses: current.spec.containers.map(container => running(container, at)),
    },
  }));
}

function running(container: Container, at: string) {
  return {
    name: container.name,
    image: container.image,
    imageID: `${container.image}@sha256:${hashText(container.image).toString(16).padStart(64, '0')}`,
    containerID: `containerd://${hashText(container.name + at)
      .toString(16)
      .padStart(64, '0')}`,
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: at } },
    lastState: {},
    ...(container.resources ? { resources: container.resources } : {}),
    ...(container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
  };
}

function finishPod(store: ObjectStore, pod: Pod, nowMs: number): void {
  const at = formatTime(nowMs);
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    status: {
      ...current.status,
      phase: 'Succeeded',
      conditions: (current.status?.conditions ?? []).map(condition =>
        condition.type === 'Ready' || condition.type === 'ContainersReady'
          ? { ...condition, status: 'False' as const, reason: 'PodCompleted', lastTransitionTime: at }
          : condition,
      ),
      containerStatuses: (current.status?.containerStatuses ?? []).map(status => ({
        ...status,
        ready: false,
        started: false,
        state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: at } },
      })),
    },
  }));
}

function podAddress(uid: string): string {
  const hash = hashText(uid);
  return `10.0.${128 + (hash % 64)}.${1 + ((hash >>> 8) % 254)}`;
}
