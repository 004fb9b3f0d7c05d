import type { KubernetesObject, PretendCluster, ResourceKind } from '../cluster/index.ts';
import { answerReview, type Caller, isReview } from './access.ts';
import type { ApiRequest } from './api-request.ts';
import { kindOfPath } from './api-request.ts';
import { answerEviction } from './evictions.ts';
import { listObjects } from './list-objects.ts';
import { answerMetrics } from './metrics.ts';
import { failure, StatusAnswer, unknownPath } from './status.ts';
import { asTable, tableChoice } from './tables.ts';
import {
  createObject,
  patchObject,
  removeCollection,
  removeObject,
  replaceObject,
  requireObject,
} from './write-objects.ts';

/** Code and body of an answer that is no watch. */
export interface Answer {
  readonly code: number;
  readonly body: object;
}

/** Answers one request about objects. Throws a `StatusAnswer` for everything that does not succeed. */
export function answerRequest(
  cluster: PretendCluster,
  caller: Caller,
  request: ApiRequest,
  nowMs: number,
): Answer {
  const { method, path } = request;
  if (isReview(path)) {
    if (method !== 'POST') throw methodNotAllowed();
    return { code: 201, body: answerReview(caller, path, request.body) };
  }
  if (path.group === 'metrics.k8s.io') {
    if (method !== 'GET') throw methodNotAllowed();
    return { code: 200, body: answerMetrics(cluster, request, nowMs) };
  }
  const kind = kindOfPath(path);
  if (!kind) throw unknownPath();
  return path.subresource === undefined
    ? answerObject(cluster, kind, request, nowMs)
    : answerSubresource(cluster, kind, request, path.subresource);
}

function answerObject(
  cluster: PretendCluster,
  kind: ResourceKind,
  request: ApiRequest,
  nowMs: number,
): Answer {
  const named = request.path.name !== undefined;
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return {
        code: 200,
        body: named ? getOne(cluster, kind, request, nowMs) : getList(cluster, kind, request, nowMs),
      };
    case 'POST':
      if (named) throw methodNotAllowed();
      return { code: 201, body: createObject(cluster, kind, request) };
    case 'PUT':
      return { code: 200, body: replaceObject(cluster, kind, request) };
    case 'PATCH':
      return { code: 200, body: patchObject(cluster, kind, request) };
    case 'DELETE':
      return {
        code: 200,
        body: named ? removeObject(cluster, kind, request) : removeCollection(cluster, kind, request),
      };
    default:
      throw methodNotAllowed();
  }
}

function answerSubresource(
  cluster: PretendCluster,
  kind: ResourceKind,
  request: ApiRequest,
  subresource: string,
): Answer {
  const { method, path } = request;
  const isPod = kind.resource === 'pods';
  if (isPod && subresource === 'eviction') {
    if (method !== 'POST') throw methodNotAllowed();
    return { code: 201, body: answerEviction(cluster, path.namespace ?? '', path.name ?? '', request) };
  }
  const known = (subresource === 'status' && kind.hasStatus) || (subresource === 'resize' && isPod);
  if (!known) throw unknownPath();
  if (method === 'GET') return { code: 200, body: requireObject(cluster.store, kind, request) };
  if (method === 'PUT') return { code: 200, body: replaceObject(cluster, kind, request) };
  if (method === 'PATCH') return { code: 200, body: patchObject(cluster, kind, request) };
  throw methodNotAllowed();
}

function getOne(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest, nowMs: number): object {
  const object: KubernetesObject = requireObject(cluster.store, kind, request);
  const table = tableChoice(request.accept, request.query);
  return table ? asTable(kind, [object], table, nowMs, object.metadata.resourceVersion) : object;
}

function getList(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest, nowMs: number): object {
  const list = listObjects(cluster.store, kind, request);
  const table = tableChoice(request.accept, request.query);
  return table ? asTable(kind, list.items, table, nowMs, list.metadata.resourceVersion, list.metadata) : list;
}

function methodNotAllowed(): StatusAnswer {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusAnswer(405, failure(405, 'MethodNotAllowed', message, {}));
}
