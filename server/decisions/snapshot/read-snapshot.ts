import { AppError } from '../../../common/errors.ts';
import type {
  BudgetObject,
  KubernetesObject,
  NodeObject,
  PodObject,
  VolumeClaimObject,
  VolumeObject,
  WorkloadObject,
} from '../../../common/kubernetes/index.ts';

/** A cluster as `kubectl get … -o json` prints it, by kind. Objects of other kinds are left out. */
export interface Snapshot {
  readonly nodes: readonly NodeObject[];
  readonly pods: readonly PodObject[];
  readonly budgets: readonly BudgetObject[];
  readonly deployments: readonly WorkloadObject[];
  readonly replicaSets: readonly WorkloadObject[];
  readonly statefulSets: readonly WorkloadObject[];
  readonly daemonSets: readonly WorkloadObject[];
  readonly claims: readonly VolumeClaimObject[];
  readonly volumes: readonly VolumeObject[];
  readonly namespaces: readonly KubernetesObject[];
  /** What lacks, and what that means for a plan; sentences. */
  readonly warnings: readonly string[];
}

const HOW =
  'Print it by "kubectl get nodes,pods,pdb,deploy,rs,sts,ds,job,pvc,pv,hpa,ns -A -o json", whole and unchanged.';
const PLACES: Readonly<Record<string, keyof Omit<Snapshot, 'warnings'>>> = {
  Node: 'nodes',
  Pod: 'pods',
  PodDisruptionBudget: 'budgets',
  Deployment: 'deployments',
  ReplicaSet: 'replicaSets',
  StatefulSet: 'statefulSets',
  DaemonSet: 'daemonSets',
  PersistentVolumeClaim: 'claims',
  PersistentVolume: 'volumes',
  Namespace: 'namespaces',
};

/**
 * Reads one List, or several one after the other in an array.
 * @param name how the text is called in messages
 * @throws AppError `input.invalid` for what is no such list, is cut off, or holds no nodes
 */
export function readSnapshot(text: string, name: string): Snapshot {
  const found: Record<keyof Omit<Snapshot, 'warnings'>, KubernetesObject[]> = {
    nodes: [],
    pods: [],
    budgets: [],
    deployments: [],
    replicaSets: [],
    statefulSets: [],
    daemonSets: [],
    claims: [],
    volumes: [],
    namespaces: [],
  };
  for (const object of objectsOf(parse(text, name), name)) {
    const place = PLACES[object.kind];
    if (place) found[place].push(object as KubernetesObject);
  }
  const nameless = Object.values(found)
    .flat()
    .filter(({ metadata }) => typeof metadata?.name !== 'string' || metadata.name === '').length;
  if (nameless > 0) throw invalid(`${name} holds ${nameless} objects without metadata.name`);
  if (found.nodes.length === 0) throw invalid(`${name} holds no nodes`);
  return { ...(found as unknown as Omit<Snapshot, 'warnings'>), warnings: warningsOf(found) };
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

function warningsOf(found: Readonly<Record<string, readonly KubernetesObject[]>>): string[] {
  const lacking = (place: string) => found[place]?.length === 0;
  const uses = (kind: string) =>
    found.pods?.some(pod => pod.metadata?.ownerReferences?.some(owner => owner.kind === kind)) === true;
  return [
    ...(lacking('pods')
      ? ['There are no pods in it: every node then looks empty. List pods of all namespaces (-A).']
      : []),
    ...(lacking('budgets')
      ? [
          'There are no PodDisruptionBudgets in it. If the cluster has some, list pdb, or evictions will be planned that they refuse.',
        ]
      : []),
    ...(uses('DaemonSet') && lacking('daemonSets')
      ? [
          'Pods of DaemonSets run, but no DaemonSet is in it: what they need on new nodes is not known. List ds.',
        ]
      : []),
    ...(uses('ReplicaSet') && lacking('replicaSets')
      ? [
          'Pods of ReplicaSets run, but no ReplicaSet is in it: replicas cannot be counted. List rs and deploy.',
        ]
      : []),
  ];
}

function invalid(what: string, cause?: unknown): AppError {
  return new AppError('input.invalid', `${what}.`, { hint: HOW, cause });
}
