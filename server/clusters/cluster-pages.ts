import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { PodView, WorkloadView } from '../../common/contracts/index.ts';
import { type InventoryState, isFinished } from './cluster-state.ts';
import { viewPod } from './cluster-views.ts';
import { usageOwner } from './usage/workload-of-pod.ts';

/** A page of rows in the order of their keys; `next` is the key of its last row, or null on the last page. */
export interface KeyPage<Row> {
  readonly rows: Row[];
  readonly next: string | null;
}

/** Which page: `limit` rows after the key `after`. */
export interface KeyPageQuery {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Pods by `namespace/name`, all or those on one node. */
export function podsPage(
  state: InventoryState,
  query: KeyPageQuery & { readonly node?: string | undefined },
): KeyPage<PodView> {
  const { node } = query;
  const keys = [...state.pods.keys()].filter(
    key => node === undefined || state.pods.get(key)?.nodeName === node,
  );
  const { rows, next } = pageOf(keys, query);
  return { rows: rows.flatMap(key => state.pods.get(key) ?? []).map(pod => viewPod(state, pod)), next };
}

/** What owns pods that have not ended, by `Kind/namespace/name`; a pod of its own stands for itself. */
export function workloadsPage(state: InventoryState, query: KeyPageQuery): KeyPage<WorkloadView> {
  const find = (key: string) => state.objects.get(key);
  const owned = Map.groupBy(
    [...state.pods.values()].filter(pod => !isFinished(pod)),
    pod => usageOwner(pod, find) ?? `Pod/${pod.namespace}/${pod.name}`,
  );
  const { rows, next } = pageOf([...owned.keys()], query);
  return { rows: rows.map(key => viewWorkload(state, key, owned.get(key) ?? [])), next };
}

function pageOf(keys: string[], { after, limit }: KeyPageQuery): KeyPage<string> {
  const left = (after === undefined ? keys : keys.filter(key => key > after)).sort();
  const rows = left.slice(0, limit);
  return { rows, next: left.length > limit ? (rows.at(-1) ?? null) : null };
}

function viewWorkload(state: InventoryState, key: string, pods: readonly InventoryPod[]): WorkloadView {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  const object = state.objects.get(key);
  const used = pods.flatMap(pod => state.podMeasures.get(`${pod.namespace}/${pod.name}`)?.used ?? []);
  return {
    key,
    kind,
    namespace,
    name,
    replicas: object && 'replicas' in object && object.replicas !== undefined ? object.replicas : null,
    pods: pods.length,
    readyPods: pods.filter(({ ready }) => ready).length,
    pendingPods: pods.filter(({ phase }) => phase === 'Pending').length,
    nodes: new Set(pods.flatMap(({ nodeName }) => nodeName ?? [])).size,
    requests: sum(pods.map(({ requests }) => requests)),
    used: used.length === 0 ? null : sum(used),
    measuredPods: used.length,
  };
}

function sum(amounts: readonly { readonly cpuMilli: number; readonly memoryBytes: number }[]) {
  return {
    cpuMilli: amounts.reduce((total, { cpuMilli }) => total + cpuMilli, 0),
    memoryBytes: amounts.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
  };
}
