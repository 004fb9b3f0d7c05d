import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { PlanResize } from '../../../common/contracts/index.ts';
import type { ObservedCluster } from '../neighbours.ts';
import { workloadOwners } from '../workload-owner.ts';

/** Pods of the workload that run or are to run. */
export function podsOfResize(
  { workload }: { readonly workload: Pick<PlanResize['workload'], 'key' | 'namespace'> },
  { inventory }: Pick<ObservedCluster, 'inventory'>,
): InventoryPod[] {
  const owners = workloadOwners(inventory.workloads);
  return inventory.pods.filter(
    pod =>
      pod.namespace === workload.namespace &&
      !pod.terminating &&
      pod.phase !== 'Succeeded' &&
      pod.phase !== 'Failed' &&
      owners.keyOf(pod) === workload.key,
  );
}

/** Whether a pod asks for what it is to ask for before (`now`) or after the resize. */
export function asksFor(pod: InventoryPod, { containers }: PlanResize, when: 'now' | 'after'): boolean {
  return containers.every(change => {
    const { [when]: sizes, name } = change;
    const found = pod.containers?.find(one => one.name === name);
    return (
      found !== undefined &&
      (found.requests.cpuMilli ?? null) === sizes.cpuRequestMilli &&
      (found.requests.memoryBytes ?? null) === sizes.memoryRequestBytes &&
      (found.limits.cpuMilli ?? null) === sizes.cpuLimitMilli &&
      (found.limits.memoryBytes ?? null) === sizes.memoryLimitBytes
    );
  });
}

/** The pod that gets the new sizes first: a ready one, the youngest, which has the least to lose. */
export function canaryOf(
  resize: PlanResize,
  observed: Pick<ObservedCluster, 'inventory'>,
): { namespace: string; name: string; uid: string } | undefined {
  const [first] = podsOfResize(resize, observed)
    .filter(pod => pod.ready && asksFor(pod, resize, 'now'))
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1));
  return first && { namespace: first.namespace, name: first.name, uid: first.uid };
}
