import { isDeepStrictEqual } from 'node:util';
import type { Condition, Node, Pod } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { amountOf, isTerminating, podRequests } from './pod-facts.ts';
import { freeByNode } from './scheduler.ts';

const PENDING = 'PodResizePending';

/** The kubelets' answers to in-place resizes. */
export interface PodResizes {
  tick(nowMs: number): void;
}

/**
 * Carries out changed container resources of running pods `delayMs` after they were asked for, without a restart. What the
 * node could never hold is `Infeasible`, what it cannot hold now is `Deferred` and tried again.
 */
export function createPodResizes(store: ObjectStore, delayMs: number): PodResizes {
  const askedMs = new Map<string, number>();
  return {
    tick: nowMs => {
      const asking = store.list('pods').filter(isAsking);
      const uids = new Set(asking.map(pod => pod.metadata.uid));
      for (const uid of askedMs.keys()) if (!uids.has(uid)) askedMs.delete(uid);
      for (const pod of asking) {
        const since = askedMs.get(pod.metadata.uid) ?? nowMs;
        askedMs.set(pod.metadata.uid, since);
        const node = pod.spec.nodeName ? store.get('nodes', undefined, pod.spec.nodeName) : undefined;
        if (node && nowMs - since >= delayMs) answerResize(store, pod, node, nowMs);
      }
    },
  };
}

function isAsking(pod: Pod): boolean {
  if (pod.status?.phase !== 'Running' || isTerminating(pod)) return false;
  return pod.spec.containers.some(container => {
    const actual = pod.status?.containerStatuses?.find(status => status.name === container.name);
    return actual !== undefined && !isDeepStrictEqual(actual.resources, container.resources);
  });
}

function answerResize(store: ObjectStore, pod: Pod, node: Node, nowMs: number): void {
  const wanted = podRequests(pod.spec);
  const whole = amountOf(node.status?.allocatable);
  // The pod's own new requests are already counted, so a node that is too full shows less than nothing.
  const left = freeByNode(store).get(node.metadata.name);
  if (wanted.cpuMilli > whole.cpuMilli || wanted.memoryBytes > whole.memoryBytes) {
    setPending(
      store,
      pod,
      'Infeasible',
      'Node does not have enough capacity for the requested resources',
      nowMs,
    );
  } else if (left && (left.cpuMilli < 0 || left.memoryBytes < 0)) {
    setPending(
      store,
      pod,
      'Deferred',
      'Node has not enough room for the requested resources at the moment',
      nowMs,
    );
  } else {
    actuate(store, pod);
  }
}

function actuate(store: ObjectStore, pod: Pod): void {
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    status: {
      ...current.status,
      observedGeneration: current.metadata.generation ?? 1,
      conditions: withoutPending(current),
      containerStatuses: (current.status?.containerStatuses ?? []).map(status => {
        const resources = current.spec.containers.find(
          container => container.name === status.name,
        )?.resources;
        return {
          ...status,
          ...(resources ? { resources } : {}),
          ...(resources?.requests ? { allocatedResources: resources.requests } : {}),
        };
      }),
    },
  }));
}

function setPending(store: ObjectStore, pod: Pod, reason: string, message: string, nowMs: number): void {
  const before = pod.status?.conditions?.find(condition => condition.type === PENDING);
  const observedGeneration = pod.metadata.generation ?? 1;
  if (before?.reason === reason && before.observedGeneration === observedGeneration) return;
  const condition: Condition = {
    type: PENDING,
    status: 'True',
    reason,
    message,
    observedGeneration,
    lastTransitionTime: formatTime(nowMs),
  };
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    status: { ...current.status, observedGeneration, conditions: [...withoutPending(current), condition] },
  }));
}

function withoutPending(pod: Pod): readonly Condition[] {
  return (pod.status?.conditions ?? []).filter(condition => condition.type !== PENDING);
}
