import { bytesFromQuantity, cpuMilliFromQuantity } from '../../common/units/index.ts';
import type { OwnerReference, Pod, PodSpec, Taint, Toleration } from './kubernetes-objects.ts';

/** CPU in milli-cores and memory in bytes. */
export interface Amount {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** What a pod reserves on its node: the sum of its containers, or its largest init container if that is more. */
export function podRequests(spec: PodSpec): Amount {
  let cpuMilli = 0;
  let memoryBytes = 0;
  for (const container of spec.containers) {
    const own = amountOf(container.resources?.requests);
    cpuMilli += own.cpuMilli;
    memoryBytes += own.memoryBytes;
  }
  for (const container of spec.initContainers ?? []) {
    const own = amountOf(container.resources?.requests);
    cpuMilli = Math.max(cpuMilli, own.cpuMilli);
    memoryBytes = Math.max(memoryBytes, own.memoryBytes);
  }
  return { cpuMilli, memoryBytes };
}

/** Whole GPUs as a resource. */
export const GPU = 'nvidia.com/gpu';

/** GPUs that a pod reserves on its node. */
export function gpuRequests(spec: PodSpec): number {
  return spec.containers.reduce((sum, { resources }) => sum + Number(resources?.requests?.[GPU] ?? 0), 0);
}

/** The `cpu` and `memory` of a resource list; what is absent or unreadable counts as 0. */
export function amountOf(resources: Readonly<Record<string, string>> | undefined): Amount {
  return {
    cpuMilli: cpuMilliFromQuantity(resources?.cpu ?? '0') ?? 0,
    memoryBytes: bytesFromQuantity(resources?.memory ?? '0') ?? 0,
  };
}

/** Whether the pod's Ready condition is true. */
export function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    condition => condition.type === 'Ready' && condition.status === 'True',
  );
}

/** Whether the pod has run to its end. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether somebody has asked for the pod's deletion. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** The object that manages the pod, if any. */
export function controllerOf(object: {
  readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] };
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(owner => owner.controller === true);
}

/** Whether the tolerations cover every taint that keeps pods away (`PreferNoSchedule` keeps none away). */
export function toleratesTaints(
  tolerations: readonly Toleration[] | undefined,
  taints: readonly Taint[] | undefined,
): boolean {
  return (taints ?? []).every(
    taint =>
      taint.effect === 'PreferNoSchedule' ||
      (tolerations ?? []).some(toleration => tolerates(toleration, taint)),
  );
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.operator === 'Exists') return !toleration.key || toleration.key === taint.key;
  return toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '');
}

/** `Guaranteed`, `Burstable` or `BestEffort`, by the requests and limits of the containers. */
export function qosClassOf(spec: PodSpec): string {
  const resources = spec.containers.map(container => container.resources);
  if (resources.every(one => !one?.requests && !one?.limits)) return 'BestEffort';
  const guaranteed = resources.every(
    one =>
      one?.limits?.cpu !== undefined &&
      one.limits.memory !== undefined &&
      (one.requests?.cpu ?? one.limits.cpu) === one.limits.cpu &&
      (one.requests?.memory ?? one.limits.memory) === one.limits.memory,
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
