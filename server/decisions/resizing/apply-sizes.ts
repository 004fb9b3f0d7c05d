import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { PlanResize } from '../../../common/contracts/index.ts';
import type { ObservedCluster } from '../neighbours.ts';
import { workloadOwners } from '../workload-owner.ts';

/** The inventory once these resizes are done: the same pods on the same nodes, asking for what they then ask for. */
export function withSizes<Inventory extends ObservedCluster['inventory']>(
  inventory: Inventory,
  resizes: readonly PlanResize[],
): Inventory {
  if (resizes.length === 0) return inventory;
  const byKey = new Map(resizes.map(one => [one.workload.key, one]));
  const owners = workloadOwners(inventory.workloads);
  return {
    ...inventory,
    pods: inventory.pods.map(pod => {
      const resize = byKey.get(owners.keyOf(pod) ?? '');
      return resize ? resized(pod, resize) : pod;
    }),
    workloads: inventory.workloads.map(workload => {
      const resize = byKey.get(`${workload.kind}/${workload.namespace}/${workload.name}`);
      if (!resize || workload.template === undefined) return workload;
      const { cpuMilli, memoryBytes } = workload.template.requests;
      const more = difference(resize);
      const requests = { cpuMilli: cpuMilli + more.cpuMilli, memoryBytes: memoryBytes + more.memoryBytes };
      return { ...workload, template: { ...workload.template, requests } };
    }),
  };
}

function resized(pod: InventoryPod, resize: PlanResize): InventoryPod {
  const more = difference(resize);
  return {
    ...pod,
    requests: {
      cpuMilli: pod.requests.cpuMilli + more.cpuMilli,
      memoryBytes: pod.requests.memoryBytes + more.memoryBytes,
    },
  };
}

/** What each pod asks for more, negative for less. Init containers that end seldom ask for most, so sums move alike. */
function difference({ containers }: PlanResize): { cpuMilli: number; memoryBytes: number } {
  let cpuMilli = 0;
  let memoryBytes = 0;
  for (const { now, after } of containers) {
    cpuMilli += (after.cpuRequestMilli ?? 0) - (now.cpuRequestMilli ?? 0);
    memoryBytes += (after.memoryRequestBytes ?? 0) - (now.memoryRequestBytes ?? 0);
  }
  return { cpuMilli, memoryBytes };
}
