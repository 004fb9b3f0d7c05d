import type { Pod } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { amountOf, isTerminating } from './pod-facts.ts';
import { containerUsage } from './pretend-usage.ts';

/** How often the kernel is asked, and how long a killed container waits for its next start. */
const LOOK_EVERY_MS = 1_000;
const BACK_OFF_MS = 10_000;

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** The kernel: containers that use more memory than their limit. */
export interface MemoryKills {
  tick(nowMs: number): void;
}

/** Kills each container that uses more memory than its limit, again after every start, as the kernel and a kubelet do. */
export function createMemoryKills(store: ObjectStore): MemoryKills {
  let lookedMs = 0;
  const killedMs = new Map<string, number>();
  return {
    tick: nowMs => {
      if (nowMs - lookedMs < LOOK_EVERY_MS) return;
      lookedMs = nowMs;
      for (const pod of store.list('pods')) {
        if (pod.status?.phase !== 'Running' || isTerminating(pod)) continue;
        const killed = killedMs.get(pod.metadata.uid);
        if (killed !== undefined && nowMs - killed < BACK_OFF_MS) continue;
        const over = overLimit(pod, nowMs);
        if (over.length > 0) {
          killedMs.set(pod.metadata.uid, nowMs);
          change(store, pod, false, nowMs, status =>
            over.includes(status.name) ? kill(status, nowMs) : status,
          );
        } else if (killed !== undefined) {
          killedMs.delete(pod.metadata.uid);
          change(store, pod, true, nowMs, status => ({
            ...status,
            ready: true,
            started: true,
            state: { running: { startedAt: formatTime(nowMs) } },
          }));
        }
      }
    },
  };
}

/** Names of the containers that use more than they may, by what their node gives them. */
function overLimit(pod: Pod, nowMs: number): string[] {
  return pod.spec.containers
    .filter(container => {
      const status = pod.status?.containerStatuses?.find(one => one.name === container.name);
      const limit = (status?.resources ?? container.resources)?.limits?.memory;
      return (
        limit !== undefined &&
        containerUsage(pod, container, nowMs).memoryBytes > amountOf({ memory: limit }).memoryBytes
      );
    })
    .map(({ name }) => name);
}

function kill(status: ContainerStatus, nowMs: number): ContainerStatus {
  const finishedAt = formatTime(nowMs);
  return {
    ...status,
    ready: false,
    started: false,
    restartCount: (status.restartCount ?? 0) + 1,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt } },
  };
}

function change(
  store: ObjectStore,
  pod: Pod,
  isReady: boolean,
  nowMs: number,
  apply: (status: ContainerStatus) => ContainerStatus,
): void {
  store.update('pods', pod.metadata.namespace, pod.metadata.name, current => ({
    ...current,
    status: {
      ...current.status,
      conditions: (current.status?.conditions ?? []).map(condition =>
        condition.type === 'Ready' || condition.type === 'ContainersReady'
          ? { ...condition, status: isReady ? 'True' : 'False', lastTransitionTime: formatTime(nowMs) }
          : condition,
      ),
      containerStatuses: (current.status?.containerStatuses ?? []).map(apply),
    },
  }));
}
