import type { KubernetesObject, ObjectStore, ResourceKind } from '../cluster/index.ts';
import { apiVersionOf } from '../cluster/index.ts';
import type { ApiRequest } from './api-request.ts';
import { objectFilter, selects } from './selectors.ts';
import { badRequest, failure, StatusAnswer } from './status.ts';

/** A list as the API answers it. */
export interface ObjectList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubernetesObject[];
}

interface ContinueToken {
  readonly v: 'meta.k8s.io/v1';
  /** -1: consistent no more, read whatever is there now. */
  readonly rv: number;
  readonly start: string;
}

/**
 * A list request. With `limit` it is cut into chunks of one consistent version; a token whose version has left the log
 * is answered 410 with a fresh token, a token that is none 400, a version from the future 504.
 */
export function listObjects(store: ObjectStore, kind: ResourceKind, request: ApiRequest): ObjectList {
  const { query, path } = request;
  const token = query.get('continue');
  const from = token ? readToken(token) : undefined;
  const version = from ? from.rv : requestedVersion(store, query);
  const items =
    from?.rv === -1
      ? store.list(kind.resource, path.namespace)
      : store.listAt(kind.resource, path.namespace, version);
  if (items === 'expired') throw expired(from);
  const filter = objectFilter(query);
  const matching = items.filter(filter).filter(object => !from || keyOf(object) >= from.start);
  const limit = readLimit(query);
  const chunk = limit === undefined ? matching : matching.slice(0, limit);
  const next = limit === undefined ? undefined : matching[limit];
  const at = from?.rv === -1 ? store.resourceVersion() : version;
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: {
      resourceVersion: String(at),
      ...(next ? { continue: writeToken({ v: 'meta.k8s.io/v1', rv: at, start: keyOf(next) }) } : {}),
      ...(next && !selects(query) ? { remainingItemCount: matching.length - chunk.length } : {}),
    },
    items: chunk,
  };
}

/** The 504 of a version that has not happened yet. */
export function versionTooLarge(wanted: number, current: number): StatusAnswer {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusAnswer(504, failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }), {
    'Retry-After': '1',
  });
}

/** A version as a number; an empty one is `undefined`. Throws the 400 that anything else gets. */
export function readVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version: "${text}" is not a whole number`);
  return Number(text);
}

function requestedVersion(store: ObjectStore, query: URLSearchParams): number {
  const wanted = readVersion(query.get('resourceVersion'));
  const current = store.resourceVersion();
  if (wanted === undefined || wanted === 0) return current;
  if (wanted > current) throw versionTooLarge(wanted, current);
  return query.get('resourceVersionMatch') === 'Exact' ? wanted : current;
}

function readLimit(query: URLSearchParams): number | undefined {
  const limit = Number(query.get('limit') ?? '0');
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

function expired(from: ContinueToken | undefined): StatusAnswer {
  if (!from) {
    return new StatusAnswer(
      410,
      failure(410, 'Expired', 'The resourceVersion for the provided list is too old.'),
    );
  }
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  const metadata = { continue: writeToken({ ...from, rv: -1 }) };
  return new StatusAnswer(410, failure(410, 'Expired', message, undefined, metadata));
}

function keyOf(object: KubernetesObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): ContinueToken {
  try {
    const token: Partial<ContinueToken> = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (token.v === 'meta.k8s.io/v1' && Number.isInteger(token.rv) && typeof token.start === 'string') {
      return { v: token.v, rv: Number(token.rv), start: token.start };
    }
  } catch {
    // Not our text: falls through to the one answer for every unreadable token.
  }
  throw badRequest('continue key is not valid: the token was not issued by this server');
}
