import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { SchedulableCluster } from '../neighbours.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * A live cluster as it is planned for: the same as a snapshot of it would be.
 * @throws AppError `cluster.agent-outdated` where the agent does not tell where pods may go, `cluster.away` while a part of what
 * it tells is still to come
 */
export function liveSnapshot({ cluster, inventory, scheduling }: SchedulableCluster): Snapshot {
  const { nodes, budgets, workloads } = inventory;
  const pods = inventory.pods.filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
  const daemonSets = workloads.filter(({ kind }) => kind === 'DaemonSet');
  const isOutdated =
    pods.some(({ shape }) => shape === undefined) ||
    nodes.some(({ extended }) => extended === undefined) ||
    daemonSets.some(({ template }) => template === undefined);
  if (isOutdated) {
    const version = cluster.agentVersion === null ? '' : ` (version ${cluster.agentVersion})`;
    throw new AppError(
      'cluster.agent-outdated',
      `The agent of cluster ${cluster.name}${version} does not tell where pods may run: it speaks a protocol older than 3.`,
    );
  }
  const { shapes, claims, volumes, storageClasses, namespaces } = scheduling;
  const known = new Set(shapes.map(({ name }) => name));
  const used = [...pods.map(({ shape }) => shape), ...daemonSets.map(({ template }) => template?.shape)];
  if (used.some(name => !known.has(name ?? ''))) {
    throw new AppError(
      'cluster.away',
      `The agent of cluster ${cluster.name} is still telling where pods may run.`,
      { hint: 'Try again in a few seconds. Nothing was changed.' },
    );
  }
  return {
    nodes,
    pods,
    shapes,
    budgets,
    workloads,
    claims,
    volumes,
    storageClasses,
    namespaces,
    warnings: [
      ...homelessPods(pods, new Set(nodes.map(({ name }) => name))),
      ...(namespaces.length === 0 && shapes.some(choosesNamespaces)
        ? [
            'Rules of pods choose namespaces by label, and no namespace is known: they count for all. Let the agent list namespaces.',
          ]
        : []),
      ...(claims.length === 0 && pods.some(pod => pod.claims !== undefined)
        ? [
            'Pods claim volumes, and no claim is known: these pods stay. Let the agent list persistentvolumeclaims and persistentvolumes.',
          ]
        : []),
    ],
  };
}

function homelessPods(pods: readonly InventoryPod[], nodes: ReadonlySet<string>): string[] {
  const { length } = pods.filter(({ nodeName }) => nodeName !== null && !nodes.has(nodeName));
  if (length === 0) return [];
  return [
    `${length} ${length === 1 ? 'pod runs' : 'pods run'} on nodes that are not known, and ${length === 1 ? 'is' : 'are'} left out.`,
  ];
}

function choosesNamespaces({ podAffinity = [], podAntiAffinity = [] }: Snapshot['shapes'][number]): boolean {
  return [...podAffinity, ...podAntiAffinity].some(({ namespaceSelector: by }) => {
    if (by === undefined) return false;
    return Object.keys(by.matchLabels ?? {}).length > 0 || (by.matchExpressions ?? []).length > 0;
  });
}
