import type { ResourceKind } from '../cluster/index.ts';
import { apiVersionOf, RESOURCE_KINDS } from '../cluster/index.ts';

/** What the path of a request names. */
export interface RequestPath {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  /** Plural, as it stands in the path. */
  readonly resource: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** One request, read whole. */
export interface ApiRequest {
  readonly method: string;
  readonly path: RequestPath;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  /** The parsed JSON body; `undefined` when there was none. */
  readonly body: unknown;
}

/** The parts of `/api/v1/…` and `/apis/GROUP/VERSION/…`; `undefined` for any other path. */
export function parseRequestPath(pathname: string): RequestPath | undefined {
  const parts = pathname
    .split('/')
    .filter(part => part !== '')
    .map(decodeURIComponent);
  const [root, ...rest] = parts;
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : rest.shift();
  const version = rest.shift();
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  const inNamespace =
    rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status' && rest[2] !== 'finalize';
  const namespace = inNamespace ? rest[1] : undefined;
  const [resource, name, subresource, ...more] = inNamespace ? rest.slice(2) : rest;
  if (resource === undefined || more.length > 0) return undefined;
  return {
    group,
    version,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** The stored kind that a path names, if any. */
export function kindOfPath(path: RequestPath): ResourceKind | undefined {
  const groupVersion = apiVersionOf(path);
  return RESOURCE_KINDS.find(kind => kind.resource === path.resource && apiVersionOf(kind) === groupVersion);
}

/** The RBAC verb of a request. */
export function verbOf(request: Pick<ApiRequest, 'method' | 'path' | 'query'>): string {
  const { method, path, query } = request;
  if (method === 'GET' || method === 'HEAD') {
    if (isWatch(query)) return 'watch';
    return path.name === undefined ? 'list' : 'get';
  }
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  return path.name === undefined ? 'deletecollection' : 'delete';
}

/** Whether the query asks for a watch. */
export function isWatch(query: URLSearchParams): boolean {
  return isTrue(query.get('watch'));
}

/** How the API reads a boolean parameter. */
export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}
