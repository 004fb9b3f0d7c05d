import { deleteObject } from './delete-object.ts';
import type { Node, Pod, Toleration, Workload } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { isFinished, isReady, isTerminating } from './pod-facts.ts';
import { templateHash } from './random.ts';
import { acceptsPod } from './scheduler.ts';
import { podsByController, stampPod } from './stamp-pod.ts';

const REVISION = 'controller-revision-hash';

/** What every daemon pod tolerates (daemon controller, `AddOrUpdateDaemonPodTolerations`): cordoned nodes among it. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  ...['not-ready', 'unreachable'].map(name => toleration(name, 'NoExecute')),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(name =>
    toleration(name, 'NoSchedule'),
  ),
];

/** Keeps one pod of every DaemonSet on every node that it fits, cordoned nodes included; outdated pods go one at a time. */
export function reconcileDaemonSets(store: ObjectStore, nowMs: number): void {
  const pods = podsByController(store);
  const nodes = store.list('nodes').filter(node => !node.metadata.deletionTimestamp);
  for (const set of store.list('daemonsets')) {
    if (set.metadata.deletionTimestamp) continue;
    const own = (pods.get(set.metadata.uid) ?? []).filter(pod => !isFinished(pod));
    const revision = templateHash(JSON.stringify(set.spec.template));
    const byNode = new Map(own.map(pod => [pod.spec.nodeName, pod]));
    const fitting = nodes.filter(node => acceptsPod(node, daemonPod(set), []));
    for (const node of fitting) {
      if (!byNode.has(node.metadata.name)) createOn(store, set, node, revision);
    }
    const live = own.filter(pod => !isTerminating(pod));
    const ready = live.filter(isReady).length;
    const outdated = live.find(pod => pod.metadata.labels?.[REVISION] !== revision);
    if (outdated && ready === fitting.length) {
      deleteObject(store, 'pods', outdated.metadata.namespace, outdated.metadata.name, { nowMs });
    }
    setStatus(store, set, fitting.length, live.length, ready);
  }
}

/** A pod of the set as it would be on any node: for what daemons take of a node that does not exist yet. */
export function daemonPod(set: Workload): Pod {
  const { template } = set.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...set.metadata, labels: template.metadata?.labels ?? {} },
    spec: { ...template.spec, tolerations: [...(template.spec.tolerations ?? []), ...DAEMON_TOLERATIONS] },
  };
}

function createOn(store: ObjectStore, set: Workload, node: Node, revision: string): void {
  stampPod(store, set, set.spec.template, {
    labels: { [REVISION]: revision, 'pod-template-generation': '1' },
    changeSpec: spec => ({ ...spec, ...daemonPod(set).spec, nodeName: node.metadata.name }),
  });
}

function setStatus(store: ObjectStore, set: Workload, wanted: number, current: number, ready: number): void {
  store.update('daemonsets', set.metadata.namespace, set.metadata.name, before => ({
    ...before,
    status: {
      observedGeneration: before.metadata.generation ?? 1,
      desiredNumberScheduled: wanted,
      currentNumberScheduled: current,
      updatedNumberScheduled: current,
      numberReady: ready,
      numberAvailable: ready,
      numberMisscheduled: 0,
    },
  }));
}

function toleration(name: string, effect: string): Toleration {
  return { key: `node.kubernetes.io/${name}`, operator: 'Exists', effect };
}
