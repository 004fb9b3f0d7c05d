import type { InventoryPod, InventoryWorkload } from '../../../common/agent-protocol/index.ts';
import { type ClusterState, type OomKill, type UsageProfile, usageOwner } from '../../clusters/index.ts';
import type { ContainerToSize, WorkloadToSize } from './sizing-state.ts';

/**
 * The pods of a cluster by the template that they are made from, with what is known of each container. What containers ask for is
 * read from the newest pod: while a change is rolled out, the older ones are on their way out. Pods of agents that do not tell
 * containers yet are left out.
 */
export function workloadsToSize(
  inventory: ClusterState['inventory'],
  profiles: readonly UsageProfile[],
  kills: readonly OomKill[],
): WorkloadToSize[] {
  const owners = new Map<string, InventoryWorkload>(
    inventory.workloads.map(one => [`${one.kind}/${one.namespace}/${one.name}`, one] as const),
  );
  const usage = new Map(profiles.map(one => [`${one.workload} ${one.container}`, one]));
  const killed = Map.groupBy(kills, one => `${one.workload} ${one.container}`);
  const horizontal = Map.groupBy(inventory.horizontalAutoscalers, targetOf);
  const vertical = Map.groupBy(inventory.verticalAutoscalers, targetOf);
  const pods = Map.groupBy(
    inventory.pods.filter(pod => pod.containers !== undefined && !pod.terminating && !isFinished(pod)),
    pod => usageOwner(pod, key => owners.get(key)) ?? `Pod/${pod.namespace}/${pod.name}`,
  );
  return [...pods].flatMap(([key, own]) => {
    const newest = own.reduce((a, b) =>
      b.createdAt > a.createdAt || (b.createdAt === a.createdAt && b.name > a.name) ? b : a,
    );
    const [kind = '', namespace = '', ...name] = key.split('/');
    return {
      key,
      kind,
      namespace,
      name: name.join('/'),
      isStatic: newest.isMirror || kind === 'Node',
      containers: (newest.containers ?? []).map(
        ({ name: container, requests, limits, heap }): ContainerToSize => ({
          name: container,
          requests,
          limits,
          ...(heap ? { heap } : {}),
          usage: usage.get(`${key} ${container}`),
          kills: killed.get(`${key} ${container}`) ?? [],
        }),
      ),
      podNodes: own.map(({ nodeName }) => nodeName),
      horizontal: horizontal.get(key) ?? [],
      vertical: vertical.get(key) ?? [],
    };
  });
}

function targetOf({
  targetKind,
  namespace,
  targetName,
}: {
  targetKind: string;
  namespace: string;
  targetName: string;
}) {
  return `${targetKind}/${namespace}/${targetName}`;
}

function isFinished({ phase }: InventoryPod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
