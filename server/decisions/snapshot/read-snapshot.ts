import { AppError } from '../../../common/errors.ts';
import {
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

const HOW =
  'Print it by "kubectl get nodes,pods,pdb,deploy,rs,sts,ds,job,pvc,pv,sc,hpa,ns -A -o json", whole and unchanged.';
const KINDS = [
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
type Found = Record<(typeof KINDS)[number], KubernetesObject[]>;

/**
 * Reads one List, or several one after the other in an array.
 * @param name how the text is called in messages
 * @throws AppError `input.invalid` for what is no such list, is cut off, or holds no nodes
 */
export function readSnapshot(text: string, name: string): Snapshot {
  const found = Object.fromEntries(KINDS.map(kind => [kind, [] as KubernetesObject[]])) as Found;
  for (const object of objectsOf(parse(text, name), name))
    if (isKnown(object.kind)) found[object.kind].push(object as KubernetesObject);
  const nameless = Object.values(found)
    .flat()
    .filter(({ metadata }) => typeof metadata?.name !== 'string' || metadata.name === '').length;
  if (nameless > 0) throw invalid(`${name} holds ${nameless} objects without metadata.name`);
  if (found.Node.length === 0) throw invalid(`${name} holds no nodes`);
  return snapshotOf(found);
}

/** The same as an agent would tell of these objects. */
function snapshotOf(found: Found): Snapshot {
  const shapes = new Map<string, Snapshot['shapes'][number]>();
  const shapeNameOf = (shape: Snapshot['shapes'][number]) => {
    shapes.set(shape.name, shape);
    return shape.name;
  };
  // Nothing is sent anywhere, so a shape may be called by all that it says.
  const nameOf = (text: string) => text;
  const pods = (found.Pod as PodObject[]).flatMap(
    pod => projectPod(pod, shapeNameOf(projectPodShape(pod, nameOf))) ?? [],
  );
  const daemonSets = (found.DaemonSet as WorkloadObject[]).map(one =>
    projectWorkload(
      'DaemonSet',
      one,
      shapeNameOf(projectTemplateShape(one.spec?.template?.spec ?? {}, nameOf)),
    ),
  );
  return {
    nodes: found.Node.map(projectNode),
    pods,
    shapes: [...shapes.values()],
    budgets: found.PodDisruptionBudget.map(projectBudget),
    workloads: [
      ...(['Deployment', 'ReplicaSet', 'StatefulSet'] as const).flatMap(kind =>
        found[kind].map(one => projectWorkload(kind, one)),
      ),
      ...daemonSets,
    ],
    claims: found.PersistentVolumeClaim.map(projectVolumeClaim),
    volumes: found.PersistentVolume.map(projectVolume),
    storageClasses: found.StorageClass.map(projectStorageClass),
    namespaces: found.Namespace.map(projectNamespace),
    ...karpenterOf(found),
    warnings: warningsOf(found),
  };
}

/** Kinds of these names are Karpenter's only in its group; without any, whether there are some is not known. */
function karpenterOf({ NodePool, NodeClaim }: Found): Pick<Snapshot, 'nodePools' | 'nodeClaims'> {
  const isOwn = ({ apiVersion }: KubernetesObject) => apiVersion?.startsWith('karpenter.sh/') === true;
  const [pools, claims] = [NodePool.filter(isOwn), NodeClaim.filter(isOwn)];
  return {
    ...(pools.length > 0 ? { nodePools: pools.map(projectNodePool) } : {}),
    ...(claims.length > 0 ? { nodeClaims: claims.map(projectNodeClaim) } : {}),
  };
}

function isKnown(kind: string): kind is keyof Found {
  return (KINDS as readonly string[]).includes(kind);
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`${name} is no JSON, or cut off: ${detail}`, cause);
  }
}

function* objectsOf(value: unknown, name: string): Generator<{ kind: string }> {
  for (const list of Array.isArray(value) ? value : [value]) {
    const { kind, items } = (list ?? {}) as { kind?: unknown; items?: unknown };
    if (!Array.isArray(items)) {
      throw invalid(
        `${name} is ${typeof kind === 'string' ? `a ${kind}` : 'something else'}, not a list of objects`,
      );
    }
    // "NodeList" says the kind of its items once; "List" leaves it to each.
    const common = typeof kind === 'string' && kind !== 'List' ? kind.replace(/List$/, '') : undefined;
    for (const [index, item] of items.entries()) {
      const own = (item as { kind?: unknown } | null)?.kind ?? common;
      if (typeof item !== 'object' || item === null || typeof own !== 'string')
        throw invalid(`Item ${index + 1} of ${name} is no Kubernetes object`);
      yield { ...item, kind: own };
    }
  }
}

function warningsOf(found: Readonly<Found>): string[] {
  const lacking = (kind: keyof Found) => found[kind].length === 0;
  const uses = (kind: string) =>
    found.Pod.some(pod => pod.metadata?.ownerReferences?.some(owner => owner.kind === kind));
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

function invalid(what: string, cause?: unknown): AppError {
  return new AppError('input.invalid', `${what}.`, { hint: HOW, cause });
}
