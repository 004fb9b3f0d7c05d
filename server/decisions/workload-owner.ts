import type { InventoryPod, InventoryWorkload } from '../../common/agent-protocol/index.ts';

type OwnedPod = Pick<InventoryPod, 'namespace' | 'ownerKind' | 'ownerName'>;

/** Finds who wants a pod to exist, past the ReplicaSet of a Deployment. */
export interface WorkloadOwners {
  /** The topmost workload that is known; `undefined` for a bare pod or an owner that is not reported, e.g. a Job. */
  workloadOf(pod: OwnedPod): InventoryWorkload | undefined;
  /** `Deployment/shop/web`; the direct owner where nothing is known of it; `null` for a bare pod. */
  keyOf(pod: OwnedPod): string | null;
}

/** Owners among these workloads. */
export function workloadOwners(workloads: readonly InventoryWorkload[]): WorkloadOwners {
  const byKey = new Map(workloads.map(one => [workloadKey(one.kind, one.namespace, one.name), one]));
  const workloadOf = (pod: OwnedPod): InventoryWorkload | undefined => {
    if (pod.ownerKind === null || pod.ownerName === null) return undefined;
    const direct = byKey.get(workloadKey(pod.ownerKind, pod.namespace, pod.ownerName));
    if (direct?.ownerKind == null || direct.ownerName === null) return direct;
    return byKey.get(workloadKey(direct.ownerKind, direct.namespace, direct.ownerName)) ?? direct;
  };
  return {
    workloadOf,
    keyOf: pod => {
      const workload = workloadOf(pod);
      if (workload) return workloadKey(workload.kind, workload.namespace, workload.name);
      if (pod.ownerKind === null || pod.ownerName === null) return null;
      return workloadKey(pod.ownerKind, pod.namespace, pod.ownerName);
    },
  };
}

function workloadKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
