import type { ServerResponse } from 'node:http';
import type { KubernetesObject, ObjectStore, ResourceKind, StoreEvent } from '../cluster/index.ts';
import { apiVersionOf } from '../cluster/index.ts';
import type { ApiRequest } from './api-request.ts';
import { isTrue } from './api-request.ts';
import { readVersion, versionTooLarge } from './list-objects.ts';
import type { ObjectFilter } from './selectors.ts';
import { objectFilter } from './selectors.ts';
import { failure } from './status.ts';
import type { TableChoice } from './tables.ts';
import { asTable } from './tables.ts';

/** Where the watch goes, how often it sends bookmarks, and in which shape. */
export interface WatchOptions {
  readonly response: ServerResponse;
  readonly bookmarkMs: number;
  readonly table: TableChoice | undefined;
  readonly nowMs: () => number;
}

/**
 * Serves a watch until the client leaves or `timeoutSeconds` are over: JSON lines, first what is there (without a version,
 * or with `sendInitialEvents`), then every change. A version that has left the log gets one ERROR line with code 410.
 * Returns the function that ends it.
 */
export function watchObjects(
  store: ObjectStore,
  kind: ResourceKind,
  request: ApiRequest,
  options: WatchOptions,
): () => void {
  const { query, path } = request;
  const { response } = options;
  const filter = objectFilter(query);
  const matches: ObjectFilter = object =>
    (path.namespace === undefined || object.metadata.namespace === path.namespace) &&
    (path.name === undefined || object.metadata.name === path.name) &&
    filter(object);
  const since = readVersion(query.get('resourceVersion'));
  if (since !== undefined && since > store.resourceVersion())
    throw versionTooLarge(since, store.resourceVersion());

  let tableSent = false;
  const shape = (object: KubernetesObject): object => {
    if (!options.table) return object;
    // Column definitions come once per stream, as the API server does it.
    const table = asTable(
      kind,
      [object],
      { ...options.table, columns: !tableSent },
      options.nowMs(),
      object.metadata.resourceVersion,
    );
    tableSent = true;
    return table;
  };
  const send = (type: string, object: object): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const bookmark = (annotations?: object): void => {
    const metadata = {
      resourceVersion: String(store.resourceVersion()),
      creationTimestamp: null,
      ...annotations,
    };
    send('BOOKMARK', { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata });
  };
  const forward = (event: StoreEvent): void => {
    if (event.resource !== kind.resource) return;
    const now = event.type !== 'DELETED' && matches(event.object);
    const before = event.previous !== undefined && matches(event.previous);
    if (now) send(before ? 'MODIFIED' : 'ADDED', shape(event.object));
    else if (before) send('DELETED', shape(lastSeen(event)));
  };

  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  const sendInitial = isTrue(query.get('sendInitialEvents'));
  if (sendInitial || since === undefined || since === 0) {
    for (const object of store.list(kind.resource, path.namespace))
      if (matches(object)) send('ADDED', shape(object));
    if (sendInitial) bookmark({ annotations: { 'k8s.io/initial-events-end': 'true' } });
  } else {
    const missed = store.eventsAfter(since);
    if (missed === 'expired') {
      send(
        'ERROR',
        failure(410, 'Expired', `too old resource version: ${since} (${store.compactedVersion() + 1})`),
      );
      response.end();
      return () => undefined;
    }
    for (const event of missed) forward(event);
  }

  const unsubscribe = store.subscribe(forward);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'))
    ? setInterval(bookmark, options.bookmarkMs)
    : undefined;
  const seconds = Number(query.get('timeoutSeconds') ?? '0');
  const timeout = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined;
  const stop = (): void => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timeout);
    response.end();
  };
  response.on('close', stop);
  return stop;
}

/** What a DELETED line carries: the object as it last matched, at the version of the change. */
function lastSeen(event: StoreEvent): KubernetesObject {
  if (event.type === 'DELETED' || !event.previous) return event.object;
  const { previous, object } = event;
  return {
    ...previous,
    metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion },
  };
}
