import type { InventoryPod } from '../agent-protocol/index.ts';
import { doNotDisruptMark } from './do-not-disrupt.ts';
import type { PodObject } from './kubernetes-objects.ts';
import { controllerOf, createdAt } from './object-facts.ts';
import { podRequests } from './pod-requests.ts';
import { projectContainers } from './project-container.ts';
import { projectTolerations } from './project-tolerations.ts';
import { claimsOf } from './project-volume.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * A Pod as the server gets it; `undefined` for a finished one, which holds nothing on its node. Environment, commands,
 * images and annotations stay in the cluster, and of volumes all but the names of claims.
 * @param shape the name of its `projectPodShape`
 */
export function projectPod(pod: PodObject, shape: string): InventoryPod | undefined {
  const { metadata = {}, spec = {}, status = {} } = pod;
  if (isFinished(pod)) return undefined;
  const owner = controllerOf(metadata);
  const mark = doNotDisruptMark(pod);
  const claims = claimsOf(pod);
  return {
    kind: 'Pod',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    labels: { ...metadata.labels },
    nodeName: spec.nodeName || null,
    phase: status.phase ?? 'Unknown',
    ready: (status.conditions ?? []).some(one => one.type === 'Ready' && one.status === 'True'),
    terminating: metadata.deletionTimestamp !== undefined,
    createdAt: createdAt(metadata),
    ownerKind: owner?.kind ?? null,
    ownerName: owner?.name ?? null,
    requests: podRequests(spec),
    priority: spec.priority ?? null,
    nodeSelector: { ...spec.nodeSelector },
    tolerations: projectTolerations(spec),
    hasLocalStorage: hasLocalStorage(pod),
    hasAffinity: hasAffinity(spec),
    isMirror: isMirror(pod),
    doNotDisrupt: mark !== undefined,
    ...(mark === undefined ? {} : { doNotDisruptBy: mark }),
    containers: projectContainers(pod),
    shape,
    ...(claims.length === 0 ? {} : { claims }),
  };
}

/** Succeeded or Failed: it will not run again. */
export function isFinished(pod: PodObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** A static pod's shadow in the API: it lives and dies with its node. */
export function isMirror(pod: PodObject): boolean {
  return pod.metadata?.annotations?.[mirrorAnnotation] !== undefined;
}

/** What an eviction would lose: emptyDir volumes, as `kubectl drain` sees it. A hostPath stays on the node. */
export function hasLocalStorage(pod: PodObject): boolean {
  return (pod.spec?.volumes ?? []).some(volume => volume.emptyDir !== undefined && volume.emptyDir !== null);
}

/** Anything beyond selector and tolerations that limits the nodes a scheduler may choose. */
function hasAffinity(spec: NonNullable<PodObject['spec']>): boolean {
  const terms = Object.values(spec.affinity ?? {}).some(term => term !== null && term !== undefined);
  return (
    terms || (spec.topologySpreadConstraints ?? []).some(one => one.whenUnsatisfiable !== 'ScheduleAnyway')
  );
}
