import type {
  KubernetesObject,
  Node,
  NodeClaim,
  NodePool,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  Workload,
} from './kubernetes-objects.ts';

/** Which object type each stored resource holds. */
export interface ResourceTypes {
  nodes: Node;
  namespaces: KubernetesObject;
  pods: Pod;
  configmaps: KubernetesObject;
  events: KubernetesObject;
  serviceaccounts: KubernetesObject;
  persistentvolumes: PersistentVolume;
  persistentvolumeclaims: PersistentVolumeClaim;
  deployments: Workload;
  replicasets: Workload;
  statefulsets: Workload;
  daemonsets: Workload;
  jobs: Workload;
  horizontalpodautoscalers: KubernetesObject;
  poddisruptionbudgets: PodDisruptionBudget;
  priorityclasses: KubernetesObject;
  storageclasses: KubernetesObject;
  leases: KubernetesObject;
  nodepools: NodePool;
  nodeclaims: NodeClaim;
}

/** Plural name of a stored resource. */
export type ResourceName = keyof ResourceTypes;

/** How the API names one kind of object, and which subresources it serves. */
export interface ResourceKind {
  readonly resource: ResourceName;
  readonly kind: string;
  readonly singular: string;
  readonly group: string;
  readonly version: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly hasStatus: boolean;
}

/** Every stored kind. Group `''` is the core group. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  cluster('nodes', 'Node', '', 'v1', ['no']),
  cluster('namespaces', 'Namespace', '', 'v1', ['ns']),
  namespaced('pods', 'Pod', '', 'v1', ['po']),
  namespaced('configmaps', 'ConfigMap', '', 'v1', ['cm'], false),
  namespaced('events', 'Event', '', 'v1', ['ev'], false),
  namespaced('serviceaccounts', 'ServiceAccount', '', 'v1', ['sa'], false),
  cluster('persistentvolumes', 'PersistentVolume', '', 'v1', ['pv']),
  namespaced('persistentvolumeclaims', 'PersistentVolumeClaim', '', 'v1', ['pvc']),
  namespaced('deployments', 'Deployment', 'apps', 'v1', ['deploy']),
  namespaced('replicasets', 'ReplicaSet', 'apps', 'v1', ['rs']),
  namespaced('statefulsets', 'StatefulSet', 'apps', 'v1', ['sts']),
  namespaced('daemonsets', 'DaemonSet', 'apps', 'v1', ['ds']),
  namespaced('jobs', 'Job', 'batch', 'v1', []),
  namespaced('horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'autoscaling', 'v2', ['hpa']),
  namespaced('poddisruptionbudgets', 'PodDisruptionBudget', 'policy', 'v1', ['pdb']),
  cluster('priorityclasses', 'PriorityClass', 'scheduling.k8s.io', 'v1', ['pc'], false),
  cluster('storageclasses', 'StorageClass', 'storage.k8s.io', 'v1', ['sc'], false),
  namespaced('leases', 'Lease', 'coordination.k8s.io', 'v1', [], false),
  cluster('nodepools', 'NodePool', 'karpenter.sh', 'v1', []),
  cluster('nodeclaims', 'NodeClaim', 'karpenter.sh', 'v1', []),
];

const BY_RESOURCE = new Map(RESOURCE_KINDS.map(kind => [kind.resource, kind]));

/** The kind of a stored resource. */
export function resourceKind(resource: ResourceName): ResourceKind {
  const kind = BY_RESOURCE.get(resource);
  if (!kind) throw new Error(`no kind is registered for the resource ${resource}`);
  return kind;
}

/** `v1`, `apps/v1`, … */
export function apiVersionOf(kind: Pick<ResourceKind, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

function cluster(
  resource: ResourceName,
  kind: string,
  group: string,
  version: string,
  shortNames: readonly string[],
  hasStatus = true,
): ResourceKind {
  return {
    resource,
    kind,
    singular: kind.toLowerCase(),
    group,
    version,
    namespaced: false,
    shortNames,
    hasStatus,
  };
}

function namespaced(
  resource: ResourceName,
  kind: string,
  group: string,
  version: string,
  shortNames: readonly string[],
  hasStatus = true,
): ResourceKind {
  return { ...cluster(resource, kind, group, version, shortNames, hasStatus), namespaced: true };
}
