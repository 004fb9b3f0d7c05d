import type { ResourceKind } from '../cluster/index.ts';
import { apiVersionOf, RESOURCE_KINDS } from '../cluster/index.ts';

/** One `APIResource` of discovery. */
interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly group?: string;
  readonly version?: string;
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Kinds that are answered without being stored: reviews (POST only) and metrics (computed). */
const COMPUTED: readonly { readonly groupVersion: string; readonly resource: ApiResource }[] = [
  review('selfsubjectaccessreviews', 'SelfSubjectAccessReview', 'authorization.k8s.io/v1'),
  review('selfsubjectrulesreviews', 'SelfSubjectRulesReview', 'authorization.k8s.io/v1'),
  review('selfsubjectreviews', 'SelfSubjectReview', 'authentication.k8s.io/v1'),
  metrics('nodes', 'NodeMetrics', false),
  metrics('pods', 'PodMetrics', true),
];

/** The discovery document at a path, `undefined` when the path is none: /api, /apis, /api/v1, /apis/G, /apis/G/V, /version. */
export function discoveryAt(path: string): object | undefined {
  const clean = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (clean === '/version') return VERSION;
  if (clean === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (clean === '/apis')
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(apiGroup) };
  if (clean === '/api/v1') return resourceList('v1');
  const match = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(clean);
  const name = match?.[1];
  if (name === undefined || !groupNames().includes(name)) return undefined;
  if (match?.[2] === undefined) return { apiVersion: 'v1', ...apiGroup(name) };
  const groupVersion = `${name}/${match[2]}`;
  return groupVersions().includes(groupVersion) ? resourceList(groupVersion) : undefined;
}

const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.6-eks-pretend',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-07-01T00:00:00Z',
  goVersion: 'go1.25.0',
  compiler: 'gc',
  platform: 'linux/amd64',
};

function groupVersions(): string[] {
  return [...new Set([...RESOURCE_KINDS.map(apiVersionOf), ...COMPUTED.map(one => one.groupVersion)])];
}

function groupNames(): string[] {
  const named = groupVersions().filter(one => one.includes('/'));
  return [...new Set(named.map(one => one.slice(0, one.indexOf('/'))))];
}

function apiGroup(name: string): object {
  const versions = groupVersions()
    .filter(one => one.startsWith(`${name}/`))
    .map(groupVersion => ({ groupVersion, version: groupVersion.slice(name.length + 1) }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string): object {
  const stored = RESOURCE_KINDS.filter(kind => apiVersionOf(kind) === groupVersion).flatMap(describe);
  const computed = COMPUTED.filter(one => one.groupVersion === groupVersion).map(one => one.resource);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: [...stored, ...computed] };
}

function describe(kind: ResourceKind): ApiResource[] {
  const { resource, singular, namespaced, shortNames } = kind;
  const own: ApiResource = {
    name: resource,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: ALL_VERBS,
    ...(shortNames.length > 0 ? { shortNames } : {}),
  };
  const under = (name: string, of: string, verbs: readonly string[], more: object = {}): ApiResource => ({
    name: `${resource}/${name}`,
    singularName: '',
    namespaced,
    kind: of,
    verbs,
    ...more,
  });
  const status = kind.hasStatus ? [under('status', kind.kind, ['get', 'patch', 'update'])] : [];
  if (resource !== 'pods') return [own, ...status];
  return [
    own,
    ...status,
    under('eviction', 'Eviction', ['create'], { group: 'policy', version: 'v1' }),
    under('resize', 'Pod', ['get', 'patch', 'update']),
  ];
}

function review(name: string, kind: string, groupVersion: string) {
  return {
    groupVersion,
    resource: { name, singularName: kind.toLowerCase(), namespaced: false, kind, verbs: ['create'] },
  };
}

function metrics(name: string, kind: string, namespaced: boolean) {
  return {
    groupVersion: 'metrics.k8s.io/v1beta1',
    resource: { name, singularName: '', namespaced, kind, verbs: ['get', 'list'] },
  };
}
