import type {
  KubernetesObject,
  Node,
  Pod,
  PodDisruptionBudget,
  ResourceKind,
  Workload,
} from '../cluster/index.ts';

/** What the client asked for: whole objects or only metadata in each row, and whether column definitions are sent. */
export interface TableChoice {
  readonly include: 'None' | 'Metadata' | 'Object';
  readonly columns: boolean;
}

type Cell = string | number;
type Column = readonly [name: string, cell: (object: never, nowMs: number) => Cell, wide?: boolean];

/** The table that an `Accept: application/json;as=Table` header and `includeObject` ask for, if they do. */
export function tableChoice(accept: string, query: URLSearchParams): TableChoice | undefined {
  const first = accept.split(',')[0] ?? '';
  if (!/;\s*as=Table\b/.test(first)) return undefined;
  const include = query.get('includeObject');
  return { include: include === 'None' || include === 'Object' ? include : 'Metadata', columns: true };
}

/** A `meta.k8s.io/v1` Table of the objects, as `kubectl get` prints it; ages are against `nowMs`. */
export function asTable(
  kind: ResourceKind,
  objects: readonly KubernetesObject[],
  choice: TableChoice,
  nowMs: number,
  resourceVersion: string,
  listMetadata: object = {},
): object {
  const columns = COLUMNS[kind.resource] ?? PLAIN;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { ...listMetadata, resourceVersion },
    columnDefinitions: choice.columns
      ? columns.map(([name, , wide]) => ({
          name,
          type: 'string',
          format: name === 'Name' ? 'name' : '',
          description: '',
          priority: wide ? 1 : 0,
        }))
      : null,
    rows: objects.map(object => ({
      cells: columns.map(([, cell]) => cell(object as never, nowMs)),
      ...(choice.include === 'None'
        ? {}
        : { object: choice.include === 'Object' ? object : metadataOf(object) }),
    })),
  };
}

function metadataOf(object: KubernetesObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** `45s`, `12m`, `3h4m`, `3d`: ages as kubectl writes them. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`;
  if (hours < 48) return `${hours}h`;
  return `${Math.floor(hours / 24)}d`;
}

const NAME: Column = ['Name', (object: KubernetesObject) => object.metadata.name];
const AGE: Column = [
  'Age',
  (object: KubernetesObject, nowMs) => formatAge(nowMs - Date.parse(object.metadata.creationTimestamp)),
];
const PLAIN: readonly Column[] = [NAME, AGE];

const COLUMNS: Readonly<Partial<Record<ResourceKind['resource'], readonly Column[]>>> = {
  nodes: [
    NAME,
    ['Status', nodeState],
    ['Roles', () => '<none>'],
    AGE,
    ['Version', (node: Node) => node.status?.nodeInfo?.kubeletVersion ?? '<unknown>'],
    ['Internal-IP', (node: Node) => addressOf(node), true],
    ['External-IP', () => '<none>', true],
    ['OS-Image', (node: Node) => node.status?.nodeInfo?.osImage ?? '<unknown>', true],
    ['Kernel-Version', (node: Node) => node.status?.nodeInfo?.kernelVersion ?? '<unknown>', true],
    [
      'Container-Runtime',
      (node: Node) => node.status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
      true,
    ],
  ],
  pods: [
    NAME,
    ['Ready', (pod: Pod) => `${readyContainers(pod)}/${pod.spec.containers.length}`],
    ['Status', podState],
    [
      'Restarts',
      (pod: Pod) => (pod.status?.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0),
    ],
    AGE,
    ['IP', (pod: Pod) => pod.status?.podIP ?? '<none>', true],
    ['Node', (pod: Pod) => pod.spec.nodeName ?? '<none>', true],
    ['Nominated Node', () => '<none>', true],
    ['Readiness Gates', () => '<none>', true],
  ],
  deployments: [
    NAME,
    ['Ready', (own: Workload) => `${own.status?.readyReplicas ?? 0}/${own.spec.replicas ?? 1}`],
    ['Up-to-date', (own: Workload) => own.status?.updatedReplicas ?? 0],
    ['Available', (own: Workload) => own.status?.availableReplicas ?? 0],
    AGE,
  ],
  replicasets: [
    NAME,
    ['Desired', (own: Workload) => own.spec.replicas ?? 1],
    ['Current', (own: Workload) => own.status?.replicas ?? 0],
    ['Ready', (own: Workload) => own.status?.readyReplicas ?? 0],
    AGE,
  ],
  statefulsets: [
    NAME,
    ['Ready', (own: Workload) => `${own.status?.readyReplicas ?? 0}/${own.spec.replicas ?? 1}`],
    AGE,
  ],
  daemonsets: [
    NAME,
    ['Desired', (own: KubernetesObject) => count(own, 'desiredNumberScheduled')],
    ['Current', (own: KubernetesObject) => count(own, 'currentNumberScheduled')],
    ['Ready', (own: KubernetesObject) => count(own, 'numberReady')],
    ['Available', (own: KubernetesObject) => count(own, 'numberAvailable')],
    AGE,
  ],
  poddisruptionbudgets: [
    NAME,
    ['Min Available', (own: PodDisruptionBudget) => own.spec.minAvailable ?? 'N/A'],
    ['Max Unavailable', (own: PodDisruptionBudget) => own.spec.maxUnavailable ?? 'N/A'],
    ['Allowed Disruptions', (own: PodDisruptionBudget) => own.status?.disruptionsAllowed ?? 0],
    AGE,
  ],
  namespaces: [NAME, ['Status', () => 'Active'], AGE],
  nodeclaims: [
    NAME,
    ['Type', (own: KubernetesObject) => own.metadata.labels?.['node.kubernetes.io/instance-type'] ?? ''],
    ['Capacity', (own: KubernetesObject) => own.metadata.labels?.['karpenter.sh/capacity-type'] ?? ''],
    ['Zone', (own: KubernetesObject) => own.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''],
    ['Node', (own: { status?: { nodeName?: string } }) => own.status?.nodeName ?? ''],
    AGE,
  ],
};

function nodeState(node: Node): string {
  const ready = node.status?.conditions?.find(condition => condition.type === 'Ready')?.status;
  const state = ready === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
  return node.spec.unschedulable ? `${state},SchedulingDisabled` : state;
}

function addressOf(node: Node): string {
  return node.status?.addresses?.find(one => one.type === 'InternalIP')?.address ?? '<none>';
}

function podState(pod: Pod): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  if (pod.status?.phase === 'Succeeded') return 'Completed';
  if (pod.status?.phase === 'Pending' && pod.spec.nodeName) return 'ContainerCreating';
  return pod.status?.phase ?? 'Pending';
}

function readyContainers(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).filter(status => status.ready).length;
}

function count(object: KubernetesObject, field: string): number {
  return (object.status as Readonly<Record<string, number>> | undefined)?.[field] ?? 0;
}
