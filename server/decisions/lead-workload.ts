import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { WorkloadOwners } from './workload-owner.ts';

/**
 * The workload that a decision about a node is foremost about: the one whose pods request most of it, CPU and memory weighed by
 * their shares of what all pods there request; ties go to the first by name. `undefined` where no pod has an owner.
 */
export function leadWorkload(pods: readonly InventoryPod[], owners: WorkloadOwners): string | undefined {
  const total = { cpu: 0, memory: 0 };
  for (const { requests } of pods) {
    total.cpu += requests.cpuMilli;
    total.memory += requests.memoryBytes;
  }
  const shares = new Map<string, number>();
  for (const pod of pods) {
    const key = owners.keyOf(pod);
    if (key === null) continue;
    const { cpuMilli, memoryBytes } = pod.requests;
    const share = cpuMilli / Math.max(1, total.cpu) + memoryBytes / Math.max(1, total.memory);
    shares.set(key, (shares.get(key) ?? 0) + share);
  }
  const ordered = [...shares].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return ordered[0]?.[0];
}
