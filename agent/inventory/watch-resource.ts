import type { ApiStatus, KubernetesObject, ObjectList } from '../../common/kubernetes/index.ts';
import { type KubernetesApi, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText } from '../log.ts';
import { backoffMs, pause } from '../pause.ts';

/** What a watch tells. */
export interface ResourceObserver<T> {
  onListStarted(): void;
  /** An object of a fresh list. */
  onListed(object: T): void;
  /** The list is complete: what was not listed since the last time is gone. */
  onListComplete(): void;
  onChanged(object: T): void;
  onGone(object: T): void;
  /** Once per change: the resource cannot be read, with the reason; or (undefined) it can again. */
  onTrouble(reason: string | undefined): void;
}

/** What watching needs. */
export interface WatchOptions<T> {
  readonly api: KubernetesApi;
  /** `/apis/apps/v1/deployments`. */
  readonly path: string;
  /** `involvedObject.kind=Node`; all objects where it is absent. */
  readonly fieldSelector?: string;
  /** Where it is not served (404) there are none; it is looked for again every 5 minutes. */
  readonly mayBeAbsent?: boolean;
  /** Where it is not allowed (403) what is there stays unknown, which is told as trouble; it is tried again every 5 minutes. */
  readonly mayBeRefused?: boolean;
  readonly observer: ResourceObserver<T>;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Lets one list run at a time: lists of several kinds at once are what the peak of memory is made of. */
  readonly listInTurn: <R>(list: () => Promise<R>) => Promise<R>;
}

/** As `kubectl` and client-go ask: a page is some megabytes at the API server, and one object at a time here. */
const pageSize = 500;
const watchSeconds = 290;
const absentMs = 5 * 60_000;

interface WatchLine<T> {
  readonly type?: string;
  readonly object?: T & ApiStatus;
}

/**
 * Lists a resource in pages and watches it from there until `signal` aborts. An expired version (410, in the answer or
 * inside the stream) lists again; anything else goes on from the last version, with backoff up to 30 s.
 */
export async function watchResource<T extends KubernetesObject>(options: WatchOptions<T>): Promise<void> {
  const { observer, signal } = options;
  let version: string | undefined;
  let trouble: string | undefined;
  const say = (reason: string | undefined) => {
    if (reason !== trouble) observer.onTrouble(reason);
    trouble = reason;
  };
  for (let failures = 0; !signal.aborted; ) {
    try {
      if (version === undefined) {
        const listed = await options.listInTurn(() => list(options));
        say('refused' in listed ? listed.refused : undefined);
        if (!('version' in listed)) {
          await pause(absentMs, signal);
          continue;
        }
        version = listed.version;
      } else say(undefined);
      const outcome = await watchFrom(options, version);
      version = outcome.expired ? undefined : outcome.version;
      failures = outcome.expired || outcome.quick ? failures + 1 : 0;
      if (failures === 0) continue;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      if (error instanceof Expired) version = undefined;
      say(errorText(error));
    }
    await pause(backoffMs(failures - 1, 500, 30_000, options.random), signal);
  }
}

/** Lists everything and returns the version to watch from, or why there is nothing to watch. */
async function list<T extends KubernetesObject>({
  api,
  path,
  fieldSelector,
  mayBeAbsent = false,
  mayBeRefused = false,
  observer,
  signal,
}: WatchOptions<T>): Promise<{ version: string } | { absent: true } | { refused: string }> {
  let next: string | undefined;
  observer.onListStarted();
  for (;;) {
    const query = { limit: pageSize, continue: next, fieldSelector };
    const answer = await api.list({ path, query, signal }, item => observer.onListed(item as T));
    if (answer.code === 404 && mayBeAbsent) {
      observer.onListComplete();
      return { absent: true };
    }
    if (answer.code === 403 && mayBeRefused) {
      observer.onListComplete();
      return { refused: statusMessage(answer) };
    }
    // A stale continue token (410) comes with a fresh one for the rest; beginning anew gives one consistent picture.
    if (answer.code !== 200) throw new Error(statusMessage(answer));
    const page = answer.body as ObjectList<T> | undefined;
    if (!page?.metadata?.resourceVersion)
      throw new Error(`${path} was answered with something that is no list`);
    next = page.metadata.continue || undefined;
    if (next === undefined) {
      observer.onListComplete();
      return { version: page.metadata.resourceVersion };
    }
  }
}

async function watchFrom<T extends KubernetesObject>(
  { api, path, fieldSelector, observer, signal }: WatchOptions<T>,
  from: string,
): Promise<{ version: string; expired: boolean; quick: boolean }> {
  let version = from;
  let expired = false;
  let lines = 0;
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: watchSeconds,
    resourceVersion: from,
    fieldSelector,
  };
  const code = await api.watch(
    { path, query },
    {
      signal,
      silentMs: (watchSeconds + 30) * 1000,
      onLine: parsed => {
        const line = parsed as WatchLine<T> | undefined;
        if (!line?.object || expired) return;
        lines++;
        if (line.type === 'ERROR') {
          if (line.object.code === 410) expired = true;
          return;
        }
        version = line.object.metadata?.resourceVersion ?? version;
        if (line.type === 'ADDED' || line.type === 'MODIFIED') observer.onChanged(line.object);
        else if (line.type === 'DELETED') observer.onGone(line.object);
      },
    },
  );
  if (code === 410) throw new Expired();
  if (code !== 200) throw new Error(`watching ${path} was answered with ${code}`);
  return { version, expired, quick: lines === 0 };
}

class Expired extends Error {
  override readonly message = 'the watched version is too old';
}
