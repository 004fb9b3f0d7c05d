import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject, ObjectMeta } from './kubernetes-objects.ts';
import type { Random } from './random.ts';
import type { ResourceName, ResourceTypes } from './resource-kinds.ts';
import { apiVersionOf, resourceKind } from './resource-kinds.ts';

/** One entry of the watch log. `previous` is what the object was before, for selectors that stop matching. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceName;
  readonly resourceVersion: number;
  readonly object: KubernetesObject;
  readonly previous?: KubernetesObject;
}

/** An object to create: the store fills in name (from `generateName`), uid, version, generation and creation time. */
type Draft<R extends ResourceName> = Omit<ResourceTypes[R], 'apiVersion' | 'kind' | 'metadata'> & {
  readonly metadata: Partial<ObjectMeta>;
};

/** Every object of the pretend cluster, under one resource version, with a bounded log of changes. */
export interface ObjectStore {
  /** The version of the last change. */
  resourceVersion(): number;
  /** The newest version that has left the log: watching from before it is answered "expired". */
  compactedVersion(): number;
  /** Creates; `undefined` when the name is taken. */
  create<R extends ResourceName>(resource: R, draft: Draft<R>): ResourceTypes[R] | undefined;
  get<R extends ResourceName>(
    resource: R,
    namespace: string | undefined,
    name: string,
  ): ResourceTypes[R] | undefined;
  /** Objects in order of namespace and name. */
  list<R extends ResourceName>(resource: R, namespace?: string): readonly ResourceTypes[R][];
  /** The list as it was at an older version; `expired` when the log no longer reaches it. */
  listAt<R extends ResourceName>(
    resource: R,
    namespace: string | undefined,
    resourceVersion: number,
  ): readonly ResourceTypes[R][] | 'expired';
  /**
   * Replaces an object by what `change` makes of it. No change, no new version. A changed spec raises `generation`. A
   * terminating object whose last finalizer is gone is removed. `undefined` when there is no such object.
   */
  update<R extends ResourceName>(
    resource: R,
    namespace: string | undefined,
    name: string,
    change: (current: ResourceTypes[R]) => ResourceTypes[R],
  ): ResourceTypes[R] | undefined;
  /** Removes at once, whatever finalizers or grace there are; `undefined` when there was nothing. */
  remove<R extends ResourceName>(
    resource: R,
    namespace: string | undefined,
    name: string,
  ): ResourceTypes[R] | undefined;
  /** Changes after a version, oldest first; `expired` when the log no longer reaches back to it. */
  eventsAfter(resourceVersion: number): readonly StoreEvent[] | 'expired';
  /** Calls back after every change, until the returned function is called. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Forgets the log, as an etcd compaction does. */
  compact(): void;
}

/** What a store needs: time in ms for creation times, randomness for uids and names, and how long its log may grow. */
export interface ObjectStoreOptions {
  readonly nowMs: () => number;
  readonly random: Random;
  readonly maxLogEntries?: number;
}

/** An empty store. */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const maxLogEntries = options.maxLogEntries ?? 20_000;
  const tables = new Map<ResourceName, Map<string, KubernetesObject>>();
  const sorted = new Map<ResourceName, readonly KubernetesObject[]>();
  const listeners = new Set<(event: StoreEvent) => void>();
  let version = 0;
  let compacted = 0;
  let log: StoreEvent[] = [];

  const table = (resource: ResourceName): Map<string, KubernetesObject> => {
    let found = tables.get(resource);
    if (!found) {
      found = new Map();
      tables.set(resource, found);
    }
    return found;
  };

  const record = (event: StoreEvent): void => {
    sorted.delete(event.resource);
    log.push(event);
    if (log.length > maxLogEntries) {
      // Half at a time, so that trimming costs nothing per write.
      const kept = log.slice(log.length - Math.ceil(maxLogEntries / 2));
      compacted = (kept[0]?.resourceVersion ?? version + 1) - 1;
      log = kept;
    }
    for (const listener of listeners) listener(event);
  };

  const all = (resource: ResourceName): readonly KubernetesObject[] => {
    let found = sorted.get(resource);
    if (!found) {
      found = [...table(resource).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
      sorted.set(resource, found);
    }
    return found;
  };

  const put = (
    resource: ResourceName,
    object: KubernetesObject,
    type: 'ADDED' | 'MODIFIED',
    previous?: KubernetesObject,
  ): KubernetesObject => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    table(resource).set(keyOf(stored.metadata.namespace, stored.metadata.name), stored);
    record({ type, resource, resourceVersion: version, object: stored, ...(previous ? { previous } : {}) });
    return stored;
  };

  const remove = (resource: ResourceName, namespace: string | undefined, name: string) => {
    const key = keyOf(namespace, name);
    const previous = table(resource).get(key);
    if (!previous) return undefined;
    version += 1;
    table(resource).delete(key);
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } };
    record({ type: 'DELETED', resource, resourceVersion: version, object, previous });
    return object;
  };

  const store: ObjectStore = {
    resourceVersion: () => version,
    compactedVersion: () => compacted,
    create: (resource, draft) => {
      const kind = resourceKind(resource);
      const { metadata, ...rest } = draft;
      const name = metadata.name ?? `${metadata.generateName ?? ''}${options.random.suffix(5)}`;
      if (table(resource).has(keyOf(metadata.namespace, name))) return undefined;
      const object: KubernetesObject = {
        apiVersion: apiVersionOf(kind),
        kind: kind.kind,
        metadata: {
          ...metadata,
          name,
          uid: options.random.uuid(),
          resourceVersion: '0',
          ...('spec' in rest ? { generation: 1 } : {}),
          creationTimestamp: metadata.creationTimestamp ?? formatTime(options.nowMs()),
        },
        ...(rest as { readonly spec?: object }),
      };
      return put(resource, object, 'ADDED') as never;
    },
    get: (resource, namespace, name) => table(resource).get(keyOf(namespace, name)) as never,
    list: (resource, namespace) => inNamespace(all(resource), namespace) as never,
    listAt: (resource, namespace, resourceVersion) => {
      if (resourceVersion === version) return store.list(resource, namespace);
      if (resourceVersion < compacted || resourceVersion > version) return 'expired';
      const then = new Map(table(resource));
      for (const event of log.toReversed()) {
        if (event.resourceVersion <= resourceVersion) break;
        if (event.resource !== resource) continue;
        const key = keyOf(event.object.metadata.namespace, event.object.metadata.name);
        if (event.previous) then.set(key, event.previous);
        else then.delete(key);
      }
      const objects = [...then.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
      return inNamespace(objects, namespace) as never;
    },
    update: (resource, namespace, name, change) => {
      const current = table(resource).get(keyOf(namespace, name));
      if (!current) return undefined;
      const next: KubernetesObject = change(current as never);
      if (isDeepStrictEqual(next, current)) return current as never;
      const { generation } = current.metadata;
      const raised =
        generation !== undefined && !isDeepStrictEqual(next.spec, current.spec)
          ? { generation: generation + 1 }
          : {};
      const stored = put(
        resource,
        { ...next, metadata: { ...next.metadata, ...raised } },
        'MODIFIED',
        current,
      );
      const { deletionTimestamp, finalizers } = stored.metadata;
      const released =
        deletionTimestamp &&
        (current.metadata.finalizers ?? []).length > 0 &&
        (finalizers ?? []).length === 0;
      if (released && resource !== 'pods') remove(resource, namespace, name);
      return stored as never;
    },
    remove: (resource, namespace, name) => remove(resource, namespace, name) as never,
    eventsAfter: resourceVersion => {
      if (resourceVersion < compacted) return 'expired';
      if (resourceVersion >= version) return [];
      return log.slice(firstAfter(log, resourceVersion));
    },
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    compact: () => {
      log = [];
      compacted = version;
    },
  };
  return store;
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function formatTime(atMs: number): string {
  return new Date(Math.floor(atMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function inNamespace(objects: readonly KubernetesObject[], namespace: string | undefined) {
  return namespace === undefined
    ? objects
    : objects.filter(object => object.metadata.namespace === namespace);
}

function firstAfter(log: readonly StoreEvent[], resourceVersion: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle]?.resourceVersion ?? 0) <= resourceVersion) low = middle + 1;
    else high = middle;
  }
  return low;
}
