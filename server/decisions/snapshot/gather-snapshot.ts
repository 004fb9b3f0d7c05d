import {
  controllerOf,
  type KubernetesObject,
  type PodObject,
  projectBudget,
  projectNamespace,
  projectNode,
  projectNodeClaim,
  projectNodePool,
  projectPod,
  projectPodShape,
  projectStorageClass,
  projectTemplateShape,
  projectVolume,
  projectVolumeClaim,
  projectWorkload,
  type WorkloadObject,
} from '../../../common/kubernetes/index.ts';
import type { Snapshot } from './snapshot.ts';

/** Kinds of objects that decide where pods may go; of all others nothing is taken. */
const snapshotKinds = [
  'Node',
  'Pod',
  'PodDisruptionBudget',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'Namespace',
  'NodePool',
  'NodeClaim',
] as const;
export type SnapshotKind = (typeof snapshotKinds)[number];

/**
 * Makes a snapshot from objects that come one after the other, the same as an agent would tell of them. An object is cut down to what a plan
 * needs as it comes: environment, commands and annotations are never kept.
 */
export class SnapshotGatherer {
  readonly #kinds = new Map<SnapshotKind, number>();
  readonly #podOwners = new Set<string>();
  readonly #shapes = new Map<string, Snapshot['shapes'][number]>();
  readonly #found = {
    nodes: [] as Snapshot['nodes'][number][],
    pods: [] as Snapshot['pods'][number][],
    budgets: [] as Snapshot['budgets'][number][],
    workloads: [] as Snapshot['workloads'][number][],
    claims: [] as Snapshot['claims'][number][],
    volumes: [] as Snapshot['volumes'][number][],
    storageClasses: [] as Snapshot['storageClasses'][number][],
    namespaces: [] as Snapshot['namespaces'][number][],
    nodePools: [] as NonNullable<Snapshot['nodePools']>[number][],
    nodeClaims: [] as NonNullable<Snapshot['nodeClaims']>[number][],
  };

  /** How many objects of a kind have come. */
  count(kind: SnapshotKind): number {
    return this.#kinds.get(kind) ?? 0;
  }

  /** Takes one object as the API tells it; nothing of a kind that no plan asks for. */
  add({ kind, ...object }: KubernetesObject & { readonly kind: string }): void {
    if (!isSnapshotKind(kind)) return;
    this.#kinds.set(kind, this.count(kind) + 1);
    const found = this.#found;
    switch (kind) {
      case 'Node':
        found.nodes.push(projectNode(object));
        return;
      case 'Pod':
        this.#addPod(object as PodObject);
        return;
      case 'PodDisruptionBudget':
        found.budgets.push(projectBudget(object));
        return;
      case 'Deployment':
      case 'ReplicaSet':
      case 'StatefulSet':
        found.workloads.push(projectWorkload(kind, object));
        return;
      case 'DaemonSet':
        this.#addDaemonSet(object);
        return;
      case 'PersistentVolumeClaim':
        found.claims.push(projectVolumeClaim(object));
        return;
      case 'PersistentVolume':
        found.volumes.push(projectVolume(object));
        return;
      case 'StorageClass':
        found.storageClasses.push(projectStorageClass(object));
        return;
      case 'Namespace':
        found.namespaces.push(projectNamespace(object));
        return;
      case 'NodePool':
        if (isKarpenters(object)) found.nodePools.push(projectNodePool(object));
        return;
      case 'NodeClaim':
        if (isKarpenters(object)) found.nodeClaims.push(projectNodeClaim(object));
    }
  }

  /** All that came. @param warnings of what lacks; what a print of kubectl would lack, unless given */
  snapshot(warnings: readonly string[] = this.#warnings()): Snapshot {
    const { nodePools, nodeClaims, ...found } = this.#found;
    return {
      ...found,
      shapes: [...this.#shapes.values()],
      // Without any, whether there are some is not known.
      ...(nodePools.length > 0 ? { nodePools } : {}),
      ...(nodeClaims.length > 0 ? { nodeClaims } : {}),
      warnings,
    };
  }

  #addPod(pod: PodObject): void {
    const owner = pod.metadata && controllerOf(pod.metadata);
    if (owner) this.#podOwners.add(owner.kind);
    const projected = projectPod(pod, this.#keepShape(projectPodShape(pod, nameOf)));
    if (projected) this.#found.pods.push(projected);
  }

  #addDaemonSet(object: WorkloadObject): void {
    const shape = projectTemplateShape(object.spec?.template?.spec ?? {}, nameOf);
    this.#found.workloads.push(projectWorkload('DaemonSet', object, this.#keepShape(shape)));
  }

  #keepShape(shape: Snapshot['shapes'][number]): string {
    this.#shapes.set(shape.name, shape);
    return shape.name;
  }

  #warnings(): string[] {
    const lacking = (kind: SnapshotKind) => this.count(kind) === 0;
    const uses = (kind: string) => this.#podOwners.has(kind);
    return [
      ...(lacking('Pod')
        ? ['There are no pods in it: every node then looks empty. List pods of all namespaces (-A).']
        : []),
      ...(lacking('PodDisruptionBudget')
        ? [
            'There are no PodDisruptionBudgets in it. If the cluster has some, list pdb, or evictions will be planned that they refuse.',
          ]
        : []),
      ...(uses('DaemonSet') && lacking('DaemonSet')
        ? [
            'Pods of DaemonSets run, but no DaemonSet is in it: what they need on new nodes is not known. List ds.',
          ]
        : []),
      ...(uses('ReplicaSet') && lacking('ReplicaSet')
        ? [
            'Pods of ReplicaSets run, but no ReplicaSet is in it: replicas cannot be counted. List rs and deploy.',
          ]
        : []),
    ];
  }
}

/** Nothing is sent anywhere, so a shape may be called by all that it says. */
function nameOf(text: string): string {
  return text;
}

/** Whether a plan asks for objects of a kind. */
export function isSnapshotKind(kind: string): kind is SnapshotKind {
  return (snapshotKinds as readonly string[]).includes(kind);
}

/** Kinds of these names are Karpenter's only in its group. */
function isKarpenters({ apiVersion }: KubernetesObject): boolean {
  return apiVersion?.startsWith('karpenter.sh/') === true;
}
