import { createHash } from 'node:crypto';
import type { InventoryObject, InventoryPodShape } from '../../common/agent-protocol/index.ts';
import {
  type KubernetesObject,
  type PodObject,
  projectBudget,
  projectHorizontalAutoscaler,
  projectNamespace,
  projectNode,
  projectNodeClaim,
  projectNodePool,
  projectPod,
  projectPodShape,
  projectStorageClass,
  projectTemplateShape,
  projectVerticalAutoscaler,
  projectVolume,
  projectVolumeClaim,
  projectWorkload,
  type WorkloadObject,
} from '../../common/kubernetes/index.ts';
import type { ProjectedObject } from './projected-object.ts';

/** A kind of object that is watched, and what of it the server gets; `undefined` for nothing. */
interface WatchedKind {
  readonly kind: InventoryObject['kind'];
  readonly path: string;
  readonly project: (object: KubernetesObject) => ProjectedObject | undefined;
  /** Not every cluster serves it; where it is not served there are none. */
  readonly mayBeAbsent?: true;
  /** A role of an older version does not allow it. What hangs on it is then unknown, and the rest is told all the same. */
  readonly mayBeRefused?: true;
}

export const watched: readonly WatchedKind[] = [
  plain('Node', '/api/v1/nodes', projectNode),
  { kind: 'Pod', path: '/api/v1/pods', project: pod },
  plain('PodDisruptionBudget', '/apis/policy/v1/poddisruptionbudgets', projectBudget),
  ...(['Deployment', 'ReplicaSet', 'StatefulSet'] as const).map(kind =>
    plain(kind, `/apis/apps/v1/${kind.toLowerCase()}s`, object => projectWorkload(kind, object)),
  ),
  { kind: 'DaemonSet', path: '/apis/apps/v1/daemonsets', project: daemonSet },
  {
    ...plain(
      'HorizontalPodAutoscaler',
      '/apis/autoscaling/v2/horizontalpodautoscalers',
      projectHorizontalAutoscaler,
    ),
    mayBeAbsent: true,
  },
  {
    ...plain(
      'VerticalPodAutoscaler',
      '/apis/autoscaling.k8s.io/v1/verticalpodautoscalers',
      projectVerticalAutoscaler,
    ),
    mayBeAbsent: true,
  },
  { ...plain('Namespace', '/api/v1/namespaces', projectNamespace), mayBeRefused: true },
  {
    ...plain('PersistentVolumeClaim', '/api/v1/persistentvolumeclaims', projectVolumeClaim),
    mayBeRefused: true,
  },
  { ...plain('PersistentVolume', '/api/v1/persistentvolumes', projectVolume), mayBeRefused: true },
  {
    ...plain('StorageClass', '/apis/storage.k8s.io/v1/storageclasses', projectStorageClass),
    mayBeAbsent: true,
    mayBeRefused: true,
  },
  {
    ...plain('NodePool', '/apis/karpenter.sh/v1/nodepools', projectNodePool),
    mayBeAbsent: true,
    mayBeRefused: true,
  },
  {
    ...plain('NodeClaim', '/apis/karpenter.sh/v1/nodeclaims', projectNodeClaim),
    mayBeAbsent: true,
    mayBeRefused: true,
  },
];

function plain(
  kind: WatchedKind['kind'],
  path: string,
  project: (object: KubernetesObject) => InventoryObject,
): WatchedKind {
  return { kind, path, project: object => ({ object: project(object) }) };
}

function pod(raw: PodObject): ProjectedObject | undefined {
  const shape = projectPodShape(raw, hashOf);
  return withShape(projectPod(raw, shape.name), shape);
}

function daemonSet(raw: WorkloadObject): ProjectedObject | undefined {
  const shape = projectTemplateShape(raw.spec?.template?.spec ?? {}, hashOf);
  return withShape(projectWorkload('DaemonSet', raw, shape.name), shape);
}

function withShape(
  object: InventoryObject | undefined,
  shape: InventoryPodShape,
): ProjectedObject | undefined {
  return object && { object, shape };
}

/** 132 bits: nobody who may make pods can make two shapes of one name. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
