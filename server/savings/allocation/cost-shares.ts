/** What one workload cost over a time, and what of it is known how. */
export interface WorkloadShare {
  labels: Readonly<Record<string, string>>;
  cpuMicroUsd: number;
  memoryMicroUsd: number;
  /** Held: the larger of request and usage. */
  cpuMilliMs: number;
  memoryKibMs: number;
  /** Pod-time on nodes with a price; of that, with requests only because usage was unknown. */
  podMs: number;
  requestOnlyMs: number;
  /** Pod-time on nodes without a price: it costs something, and nobody knows what. */
  unpricedMs: number;
}

/** The cost of a cluster over a time, shared out. `costMicroUsd` is exactly the sum of the parts. */
export interface CostShares {
  /** By key: `Deployment/shop/web`. */
  readonly workloads: Map<string, WorkloadShare>;
  costMicroUsd: number;
  idleCpuMicroUsd: number;
  idleMemoryMicroUsd: number;
  /** The GPU part of nodes that have any. */
  gpuMicroUsd: number;
  /** Node-time with a price; of that, with a capacity that leaves out what the system reserves. */
  nodeMs: number;
  allocatableOnlyMs: number;
  /** Node-time without a price, by reason. */
  readonly unpricedMs: Map<string, number>;
  /** Time during which the cluster was seen. */
  observedMs: number;
}

/** Nothing, of a workload. */
export function noShare(labels: WorkloadShare['labels'] = {}): WorkloadShare {
  return {
    labels,
    cpuMicroUsd: 0,
    memoryMicroUsd: 0,
    cpuMilliMs: 0,
    memoryKibMs: 0,
    podMs: 0,
    requestOnlyMs: 0,
    unpricedMs: 0,
  };
}

/** Nothing, of nobody. */
export function noShares(): CostShares {
  return {
    workloads: new Map(),
    costMicroUsd: 0,
    idleCpuMicroUsd: 0,
    idleMemoryMicroUsd: 0,
    gpuMicroUsd: 0,
    nodeMs: 0,
    allocatableOnlyMs: 0,
    unpricedMs: new Map(),
    observedMs: 0,
  };
}

/** Adds `more` to `sum`. Labels of the later one stay. */
export function addShares(sum: CostShares, more: CostShares): void {
  sum.costMicroUsd += more.costMicroUsd;
  sum.idleCpuMicroUsd += more.idleCpuMicroUsd;
  sum.idleMemoryMicroUsd += more.idleMemoryMicroUsd;
  sum.gpuMicroUsd += more.gpuMicroUsd;
  sum.nodeMs += more.nodeMs;
  sum.allocatableOnlyMs += more.allocatableOnlyMs;
  sum.observedMs += more.observedMs;
  for (const [reason, ms] of more.unpricedMs)
    sum.unpricedMs.set(reason, (sum.unpricedMs.get(reason) ?? 0) + ms);
  for (const [workload, share] of more.workloads) {
    const known = sum.workloads.get(workload);
    if (known) addShare(known, share);
    else sum.workloads.set(workload, { ...share });
  }
}

/** Adds what a workload cost at another time, or what another one cost. */
export function addShare(sum: WorkloadShare, more: WorkloadShare): void {
  sum.labels = more.labels;
  sum.cpuMicroUsd += more.cpuMicroUsd;
  sum.memoryMicroUsd += more.memoryMicroUsd;
  sum.cpuMilliMs += more.cpuMilliMs;
  sum.memoryKibMs += more.memoryKibMs;
  sum.podMs += more.podMs;
  sum.requestOnlyMs += more.requestOnlyMs;
  sum.unpricedMs += more.unpricedMs;
}

/** Namespaces that Kubernetes makes for itself. */
const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

export type HolderKind = 'workload' | 'daemonset' | 'system';

/** Parts of a workload's key, and whether it serves users or the cluster: each node has its DaemonSets. */
export function describeWorkload(key: string): {
  kind: string;
  namespace: string;
  name: string;
  holder: HolderKind;
} {
  const [kind = '', namespace = '', ...name] = key.split('/');
  const holder = SYSTEM_NAMESPACES.has(namespace)
    ? 'system'
    : kind === 'DaemonSet'
      ? 'daemonset'
      : 'workload';
  return { kind, namespace, name: name.join('/'), holder };
}
