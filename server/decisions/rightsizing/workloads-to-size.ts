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
  const usage = Map.groupBy(profiles, one => one.workload);
  const killed = Map.groupBy(kills, one => one.workload);
  const horizontal = Map.groupBy(inventory.horizontalAutoscalers, targetOf);
  const vertical = Map.groupBy(inventory.verticalAutoscalers, targetOf);
  const made = new Map<string, { newest: InventoryPod; readonly podNodes: (string | null)[] }>();
  for (const pod of inventory.pods) {
    if (pod.containers === undefined || pod.terminating || isFinished(pod)) continue;
    const key = usageOwner(pod, one => owners.get(one)) ?? `Pod/${pod.namespace}/${pod.name}`;
    const workload = made.get(key);
    if (workload === undefined) made.set(key, { newest: pod, podNodes: [pod.nodeName] });
    else {
      if (isNewer(pod, workload.newest)) workload.newest = pod;
      workload.podNodes.push(pod.nodeName);
    }
  }
  const workloads: WorkloadToSize[] = [];
  for (const [key, { newest, podNodes }] of made) {
    const kindEnd = key.indexOf('/');
    const namespaceEnd = key.indexOf('/', kindEnd + 1);
    const kind = key.slice(0, kindEnd);
    const own = usage.get(key);
    const ownKills = killed.get(key);
    workloads.push({
      key,
      kind,
      namespace: key.slice(kindEnd + 1, namespaceEnd),
      name: key.slice(namespaceEnd + 1),
      isStatic: newest.isMirror || kind === 'Node',
      containers: (newest.containers ?? []).map(
        ({ name: container, requests, limits, heap }): ContainerToSize => ({
          name: container,
          requests,
          limits,
          ...(heap ? { heap } : {}),
          usage: own?.find(one => one.container === container),
          kills: ownKills?.filter(one => one.container === container) ?? [],
        }),
      ),
      podNodes,
      horizontal: horizontal.get(key) ?? [],
      vertical: vertical.get(key) ?? [],
    });
  }
  return workloads;
}

function isNewer(a: InventoryPod, b: InventoryPod): boolean {
  return a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.name > b.name);
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
