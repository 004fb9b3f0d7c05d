import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../common/errors.ts';
import type { ApiStatus, KubernetesObject } from '../../../common/kubernetes/index.ts';
import type { ClusterAnswer, ClusterLink } from '../../clusters/index.ts';
import { SnapshotGatherer, type SnapshotKind } from '../snapshot/gather-snapshot.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** How far a reading is. */
export interface ReadingProgress {
  /** As the API calls it: `pods`. */
  readonly reading: string;
  /** Objects of this kind so far, and in all where the API says so. */
  readonly read: number;
  readonly expected: number | null;
  /** Objects of all kinds so far. */
  readonly objects: number;
}

interface ReadKind {
  readonly kind: SnapshotKind;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** What a plan loses without it; a kind that has none of these has to be there. */
  readonly without?: string;
  /** Not every cluster serves it. */
  readonly mayBeAbsent?: true;
}

/** Exactly what a plan asks for; of Secrets and ConfigMaps nothing is asked. */
export const readKinds: readonly ReadKind[] = [
  { kind: 'Node', group: '', version: 'v1', resource: 'nodes' },
  { kind: 'Pod', group: '', version: 'v1', resource: 'pods' },
  {
    kind: 'PodDisruptionBudget',
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    without: 'evictions may be planned that a budget refuses',
  },
  ...(['Deployment', 'ReplicaSet', 'StatefulSet'] as const).map(kind => ({
    kind,
    group: 'apps',
    version: 'v1',
    resource: `${kind.toLowerCase()}s`,
    without: 'replicas cannot be counted',
  })),
  {
    kind: 'DaemonSet',
    group: 'apps',
    version: 'v1',
    resource: 'daemonsets',
    without: 'what DaemonSets need on new nodes is not known',
  },
  {
    kind: 'PersistentVolumeClaim',
    group: '',
    version: 'v1',
    resource: 'persistentvolumeclaims',
    without: 'pods with volumes stay where they are',
  },
  {
    kind: 'PersistentVolume',
    group: '',
    version: 'v1',
    resource: 'persistentvolumes',
    without: 'pods with volumes stay where they are',
  },
  {
    kind: 'StorageClass',
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'storageclasses',
    without: 'pods whose volumes wait for them stay where they are',
    mayBeAbsent: true,
  },
  {
    kind: 'Namespace',
    group: '',
    version: 'v1',
    resource: 'namespaces',
    without: 'rules that choose namespaces by label count for all of them',
  },
  ...(['NodePool', 'NodeClaim'] as const).map(kind => ({
    kind,
    group: 'karpenter.sh',
    version: 'v1',
    resource: `${kind.toLowerCase()}s`,
    without: 'what Karpenter makes of the plan is not known',
    mayBeAbsent: true as const,
  })),
];

const PAGE = 500;
const MOST_PAGES = 10_000;
const MOST_RETRIES = 3;
const LONGEST_WAIT_MS = 10_000;

/**
 * Reads what a plan needs, page by page, by GET alone. Each page is cut down to that as it comes.
 * @throws AppError `kubeconfig.refused` with the right that lacks, `kubeconfig.unreachable`; what `signal` aborts with
 */
export async function readCluster(
  link: Pick<ClusterLink, 'get' | 'host'>,
  signal: AbortSignal,
  report: (progress: ReadingProgress) => void,
): Promise<Snapshot> {
  const gathered = new SnapshotGatherer();
  const warnings: string[] = [];
  let objects = 0;
  for (const one of readKinds) {
    report({ reading: one.resource, read: 0, expected: null, objects });
    const warning = await readKind(link, one, signal, (items, expected) => {
      for (const item of items) gathered.add({ ...item, kind: one.kind, apiVersion: apiVersion(one) });
      objects += items.length;
      report({ reading: one.resource, read: gathered.count(one.kind), expected, objects });
    });
    if (warning !== undefined) warnings.push(warning);
  }
  if (gathered.count('Node') === 0)
    throw new AppError(
      'kubeconfig.unusable',
      `The cluster at ${link.host} has no nodes: there is nothing to plan.`,
      {
        hint: 'Choose another context.',
      },
    );
  return gathered.snapshot(warnings);
}

/** @returns what the plan lacks, where this kind may not be read */
async function readKind(
  link: Pick<ClusterLink, 'get' | 'host'>,
  one: ReadKind,
  signal: AbortSignal,
  take: (items: readonly KubernetesObject[], expected: number | null) => void,
): Promise<string | undefined> {
  const path = `/${one.group === '' ? 'api' : `apis/${one.group}`}/${one.version}/${one.resource}`;
  let token = '';
  let read = 0;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { limit: String(PAGE), ...(token === '' ? {} : { continue: token }) };
    const answer = await askPatiently(link, path, query, signal);
    if (answer.code === 403 || answer.code === 401) return refused(link, one, answer.code);
    if (answer.code === 404 && one.mayBeAbsent) return undefined;
    const list = answer.body as ListBody | undefined;
    if (answer.code === 410 && list?.metadata?.continue) {
      // The token was too old; the API hands out one that goes on from the same place with the state of now.
      token = list.metadata.continue;
      continue;
    }
    if (answer.code !== 200 || !Array.isArray(list?.items)) throw unexpected(link, one, answer);
    read += list.items.length;
    const { remainingItemCount, continue: next = '' } = list.metadata ?? {};
    take(
      list.items,
      remainingItemCount === undefined ? (next === '' ? read : null) : read + remainingItemCount,
    );
    if (next === '') return undefined;
    token = next;
  }
  throw new AppError('kubeconfig.unreachable', `The list of ${one.resource} of ${link.host} has no end.`);
}

interface ListBody {
  readonly items?: readonly KubernetesObject[];
  readonly metadata?: { readonly continue?: string; readonly remainingItemCount?: number };
}

/** Asks again where the API is busy for the moment. */
async function askPatiently(
  link: Pick<ClusterLink, 'get'>,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ClusterAnswer> {
  for (let tries = 0; ; tries++) {
    const answer = await link.get(path, query, signal);
    if ((answer.code !== 429 && answer.code < 500) || tries === MOST_RETRIES) return answer;
    await wait(Math.min(answer.retryAfterMs ?? 500 * 2 ** tries, LONGEST_WAIT_MS), undefined, { signal });
  }
}

function refused({ host }: Pick<ClusterLink, 'host'>, one: ReadKind, code: 401 | 403): string {
  if (code === 401) {
    throw new AppError('kubeconfig.refused', `${host} does not accept the credentials of this context.`, {
      hint: 'Sign in again as for kubectl, or write the kubeconfig anew; then try again.',
    });
  }
  const right = `"list" on ${one.group === '' ? '' : `${one.group}/`}${one.resource} of the whole cluster`;
  if (one.without !== undefined) return `The credentials lack the right ${right}: ${one.without}.`;
  throw new AppError('kubeconfig.refused', `${host} does not let these credentials list ${one.resource}.`, {
    hint: `Ask for the right ${right}; docs/guides/plan.md has the whole role, which only reads.`,
  });
}

function unexpected(
  { host }: Pick<ClusterLink, 'host'>,
  one: ReadKind,
  { code, body }: ClusterAnswer,
): AppError {
  const said = (body as ApiStatus | undefined)?.message;
  const detail = typeof said === 'string' && said !== '' ? `: ${said.slice(0, 200).replace(/\.$/, '')}` : '';
  return new AppError(
    'kubeconfig.unreachable',
    `${host} answered ${code} for its ${one.resource}${detail}.`,
    {
      hint: 'Check that the address is that of a Kubernetes API, and that it is well; then try again.',
    },
  );
}

function apiVersion({ group, version }: ReadKind): string {
  return group === '' ? version : `${group}/${version}`;
}
