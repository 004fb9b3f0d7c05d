import type { InventoryWorkload } from '../agent-protocol/index.ts';
import type { WorkloadObject } from './kubernetes-objects.ts';
import { controllerOf } from './object-facts.ts';
import { podRequests } from './pod-requests.ts';

/**
 * Who owns pods and how many it wants. A DaemonSet wants one on each node it is scheduled to.
 * @param shape of a DaemonSet: the name of its template's `projectTemplateShape`
 */
export function projectWorkload(
  kind: InventoryWorkload['kind'],
  workload: WorkloadObject,
  shape?: string,
): InventoryWorkload {
  const { metadata = {}, spec = {}, status = {} } = workload;
  const owner = controllerOf(metadata);
  const perNode = kind === 'DaemonSet';
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    // The API server fills in 1 where `replicas` is left out.
    replicas: perNode ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1),
    readyReplicas: (perNode ? status.numberReady : status.readyReplicas) ?? 0,
    ownerKind: owner?.kind ?? null,
    ownerName: owner?.name ?? null,
    ...(shape === undefined ? {} : { template: { shape, requests: podRequests(spec.template?.spec ?? {}) } }),
  };
}
