import type { KubernetesObject, Pod, PretendCluster } from '../cluster/index.ts';
import { containerUsage, formatTime, nodeUsage } from '../cluster/index.ts';
import type { ApiRequest } from './api-request.ts';
import { objectFilter } from './selectors.ts';
import { notFound, unknownPath } from './status.ts';

const API_VERSION = 'metrics.k8s.io/v1beta1';

/** GET on metrics.k8s.io: usage of nodes or of pods with their containers, one object or a list, at `nowMs`. */
export function answerMetrics(cluster: PretendCluster, request: ApiRequest, nowMs: number): object {
  const { path } = request;
  if (path.resource !== 'nodes' && path.resource !== 'pods') throw unknownPath();
  const filter = objectFilter(request.query);
  const kind = path.resource === 'nodes' ? 'NodeMetrics' : 'PodMetrics';
  const items =
    path.resource === 'nodes'
      ? nodeMetrics(cluster, filter, nowMs)
      : podMetrics(cluster, path.namespace, filter, nowMs);
  if (path.name !== undefined) {
    const found = items.find(one => one.name === path.name);
    if (!found) throw notFound({ resource: path.resource, group: 'metrics.k8s.io' }, path.name);
    return { kind, apiVersion: API_VERSION, ...found.body };
  }
  return {
    kind: `${kind}List`,
    apiVersion: API_VERSION,
    metadata: {},
    items: items.map(one => ({ kind, apiVersion: API_VERSION, ...one.body })),
  };
}

function nodeMetrics(cluster: PretendCluster, filter: (object: KubernetesObject) => boolean, nowMs: number) {
  const byNode = new Map<string, Pod[]>();
  for (const pod of cluster.store.list('pods')) {
    const node = pod.spec.nodeName;
    if (node !== undefined) byNode.set(node, [...(byNode.get(node) ?? []), pod]);
  }
  return cluster.store
    .list('nodes')
    .filter(node => filter(node) && cluster.instances.hasKubelet(node.metadata.name))
    .map(node => ({
      name: node.metadata.name,
      body: {
        ...sample(node, nowMs),
        usage: quantities(nodeUsage(byNode.get(node.metadata.name) ?? [], nowMs)),
      },
    }));
}

function podMetrics(
  cluster: PretendCluster,
  namespace: string | undefined,
  filter: (object: KubernetesObject) => boolean,
  nowMs: number,
) {
  return cluster.store
    .list('pods', namespace)
    .filter(pod => pod.status?.phase === 'Running' && filter(pod))
    .map(pod => ({
      name: pod.metadata.name,
      body: {
        ...sample(pod, nowMs),
        containers: pod.spec.containers.map(container => ({
          name: container.name,
          usage: quantities(containerUsage(pod, container, nowMs)),
        })),
      },
    }));
}

function sample(object: KubernetesObject, nowMs: number) {
  const { name, namespace, labels } = object.metadata;
  return {
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      creationTimestamp: formatTime(nowMs),
    },
    timestamp: formatTime(nowMs),
    window: '15s',
  };
}

function quantities(usage: { readonly cpuMilli: number; readonly memoryBytes: number }) {
  return { cpu: `${Math.round(usage.cpuMilli * 1e6)}n`, memory: `${Math.round(usage.memoryBytes / 1024)}Ki` };
}
