import type { KubernetesObject, ObjectStore, Pod, PretendCluster, ResourceKind } from '../cluster/index.ts';
import { apiVersionOf, completePodSpec, deleteObject } from '../cluster/index.ts';
import type { ApiRequest } from './api-request.ts';
import { checkPodChange } from './pod-rules.ts';
import { readPatch } from './read-patch.ts';
import { objectFilter } from './selectors.ts';
import {
  badRequest,
  conflict,
  failure,
  invalid,
  notFound,
  qualified,
  StatusAnswer,
  success,
} from './status.ts';

interface DeleteBody {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

/** POST of a new object; answers it as stored. Throws 400, 404 (namespace), 409 AlreadyExists or 422. */
export function createObject(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest): object {
  const { store } = cluster;
  const body = readObject(kind, request);
  const namespace = kind.namespaced
    ? (request.path.namespace ?? body.metadata.namespace ?? 'default')
    : undefined;
  if (namespace !== undefined && !store.get('namespaces', undefined, namespace)) {
    throw notFound({ resource: 'namespaces', group: '' }, namespace);
  }
  if (!body.metadata.name && !body.metadata.generateName) {
    throw invalid(kind.kind, kind.group, '', {
      reason: 'FieldValueRequired',
      field: 'metadata.name',
      message: 'Required value: name or generateName is required',
    });
  }
  const { resourceVersion: _, uid: __, creationTimestamp: ___, ...metadata } = body.metadata;
  const { apiVersion: ____, kind: _____, ...content } = body;
  const draft = {
    ...content,
    ...(kind.resource === 'pods' ? podContent(body as Pod) : {}),
    metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) },
  };
  if (body.metadata.name && store.get(kind.resource, namespace, body.metadata.name)) {
    throw alreadyExists(kind, body.metadata.name);
  }
  if (isDryRun(request)) return { ...draft, apiVersion: apiVersionOf(kind), kind: kind.kind };
  const created = store.create(kind.resource, draft as never);
  if (!created) throw alreadyExists(kind, body.metadata.name);
  return created;
}

/** PUT of a whole object, or of its status. Throws 404, 409 when it is stale, 422 for what may not change. */
export function replaceObject(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest): object {
  const body = readObject(kind, request);
  const current = requireObject(cluster.store, kind, request);
  return storeChange(cluster, kind, request, current, body);
}

/** PATCH by JSON patch, merge patch or strategic merge patch. Throws 404, 409, 415 or 422. */
export function patchObject(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest): object {
  const patch = readPatch(request);
  const current = requireObject(cluster.store, kind, request);
  const next = patch(current, { kind: kind.kind, group: kind.group });
  return storeChange(cluster, kind, request, current, next);
}

/** DELETE of one object: the terminating pod, or a success Status. Throws 404, or 409 when a precondition fails. */
export function removeObject(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest): object {
  const current = requireObject(cluster.store, kind, request);
  const body = (request.body ?? {}) as DeleteBody;
  const { uid, resourceVersion } = body.preconditions ?? {};
  const { name, namespace } = current.metadata;
  if (uid !== undefined && uid !== current.metadata.uid) {
    throw conflict(
      kind,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${current.metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(
      kind,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${current.metadata.resourceVersion}). The object might have been modified`,
    );
  }
  const details = {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.resource,
    uid: current.metadata.uid,
  };
  if (isDryRun(request) || (body.dryRun ?? []).includes('All'))
    return kind.resource === 'pods' ? current : success(200, details);
  const grace = body.gracePeriodSeconds ?? readGrace(request);
  const deleted = deleteObject(cluster.store, kind.resource, namespace, name, {
    nowMs: cluster.nowMs(),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
  });
  return kind.resource === 'pods' ? (deleted ?? current) : success(200, details);
}

/** DELETE of a whole collection, by selectors; answers the list of what was deleted. */
export function removeCollection(cluster: PretendCluster, kind: ResourceKind, request: ApiRequest): object {
  const objects: readonly KubernetesObject[] = cluster.store.list(kind.resource, request.path.namespace);
  const items = objects.filter(objectFilter(request.query));
  if (!isDryRun(request)) {
    for (const { metadata } of items) {
      deleteObject(cluster.store, kind.resource, metadata.namespace, metadata.name, {
        nowMs: cluster.nowMs(),
      });
    }
  }
  const metadata = { resourceVersion: String(cluster.store.resourceVersion()) };
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items };
}

/** The object that a path names. Throws 404. */
export function requireObject(store: ObjectStore, kind: ResourceKind, request: ApiRequest): KubernetesObject {
  const { namespace, name } = request.path;
  const found = name === undefined ? undefined : store.get(kind.resource, namespace, name);
  if (!found) throw notFound(kind, name ?? '');
  return found;
}

function storeChange(
  cluster: PretendCluster,
  kind: ResourceKind,
  request: ApiRequest,
  current: KubernetesObject,
  next: KubernetesObject,
): object {
  const { name, namespace, uid, resourceVersion } = current.metadata;
  if (next.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${next.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (next.metadata.uid !== undefined && next.metadata.uid !== uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${next.metadata.uid}, UID in object meta: ${uid}`,
    );
  }
  if (next.metadata.resourceVersion && next.metadata.resourceVersion !== resourceVersion) {
    throw conflict(kind, name, STALE);
  }
  const merged =
    request.path.subresource === 'status' ? withStatus(current, next) : withContent(kind, current, next);
  if (kind.resource === 'pods') checkPodChange(current as Pod, merged as Pod, request.path.subresource);
  if (isDryRun(request)) return merged;
  return cluster.store.update(kind.resource, namespace, name, () => merged as never) ?? current;
}

function withStatus(current: KubernetesObject, next: KubernetesObject): KubernetesObject {
  return next.status === undefined ? current : { ...current, status: next.status };
}

function withContent(
  kind: ResourceKind,
  current: KubernetesObject,
  next: KubernetesObject,
): KubernetesObject {
  const { metadata } = current;
  const { status: _, ...content } = next;
  return {
    ...content,
    ...(kind.hasStatus
      ? current.status === undefined
        ? {}
        : { status: current.status }
      : next.status === undefined
        ? {}
        : { status: next.status }),
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: {
      ...next.metadata,
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      creationTimestamp: metadata.creationTimestamp,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation }),
      ...(metadata.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp }),
    },
  };
}

function readObject(kind: ResourceKind, request: ApiRequest): KubernetesObject {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest(`the request body is no ${kind.kind} object`);
  }
  const object = body as Partial<KubernetesObject>;
  if (object.kind !== undefined && object.kind !== kind.kind) {
    throw badRequest(`${object.apiVersion ?? ''} ${object.kind} cannot be handled as a ${kind.kind}`);
  }
  if (typeof object.metadata !== 'object' || object.metadata === null) {
    throw badRequest(`the ${kind.kind} has no metadata`);
  }
  return object as KubernetesObject;
}

function podContent(pod: Pod): Partial<Pod> {
  if (!Array.isArray(pod.spec?.containers) || pod.spec.containers.length === 0) {
    throw invalid('Pod', '', pod.metadata.name ?? '', {
      reason: 'FieldValueRequired',
      field: 'spec.containers',
      message: 'Required value',
    });
  }
  return { spec: completePodSpec(pod.spec), status: { phase: 'Pending' } };
}

function alreadyExists(kind: ResourceKind, name: string): StatusAnswer {
  const details = { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.resource };
  return new StatusAnswer(
    409,
    failure(409, 'AlreadyExists', `${qualified(kind)} "${name}" already exists`, details),
  );
}

function isDryRun(request: ApiRequest): boolean {
  return request.query.getAll('dryRun').includes('All');
}

function readGrace(request: ApiRequest): number | undefined {
  const text = request.query.get('gracePeriodSeconds');
  return text === null || text === '' ? undefined : Number(text);
}
