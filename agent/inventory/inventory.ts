import { type AgentMessageBody, inventoryKey } from '../../common/agent-protocol/index.ts';
import type { KubernetesObject } from '../../common/kubernetes/index.ts';
import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { pause } from '../pause.ts';
import { InventoryView } from './inventory-view.ts';
import { NodeNotices } from './node-notices.ts';
import { watchResource } from './watch-resource.ts';
import { watched } from './watched-kinds.ts';

/** What the inventory needs. */
export interface InventoryOptions {
  readonly api: KubernetesApi;
  readonly send: (body: AgentMessageBody) => void;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** The watched cluster. */
export interface Inventory {
  /** Resolves when every kind was listed once. */
  readonly listed: Promise<void>;
  /** Sends the whole state again, soon, and at most every 5 s. */
  snapshotDue(): void;
  /** Whether every kind was listed once. */
  readonly complete: boolean;
}

const coalesceMs = 500;
const snapshotEveryMs = 5_000;
/** Of JSON in one message, so that a large cluster neither fills memory nor blocks the connection. */
const partBytes = 128 * 1024;
/** Between parts, so that what one leaves behind is cleared away before the next. */
const breathMs = 25;

/**
 * Watches nodes, pods, budgets, their owners and autoscalers. Nothing is sent before every kind was listed: half an inventory would
 * show pods that no budget guards. Then one snapshot, and what changed about every 500 ms; what looks the same to the
 * server is not sent. A kind that may not be read is told as an `event` and tried again.
 */
export function startInventory(options: InventoryOptions): Inventory {
  const { api, send, log, now, random, signal } = options;
  const view = new InventoryView();
  const notices = new NodeNotices(send);
  const listed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let wantsSnapshot = true;
  let isSending = false;
  let snapshotAt = Number.NEGATIVE_INFINITY;
  let version = '';

  const allListed = Promise.withResolvers<void>();
  const isComplete = () => listed.size === watched.length;

  function schedule(): void {
    if (timer || isSending || signal.aborted || !isComplete()) return;
    const delayMs = wantsSnapshot ? Math.max(0, snapshotAt + snapshotEveryMs - now()) : coalesceMs;
    timer = setTimeout(() => {
      timer = undefined;
      if (wantsSnapshot) void sendSnapshot();
      else sendDeltas();
    }, delayMs);
  }

  async function sendSnapshot(): Promise<void> {
    isSending = true;
    version ||= await kubernetesVersion(api);
    if (signal.aborted) return;
    wantsSnapshot = false;
    snapshotAt = now();
    let first = true;
    for (const { objects, more } of view.takeAll(partBytes)) {
      const rest = more ? { more } : {};
      if (first) send({ kind: 'inventory.snapshot', objects, kubernetesVersion: version, ...rest });
      else send({ kind: 'inventory.delta', upserts: objects, removals: [], ...rest });
      first = false;
      // What was asked for anew is sent anew.
      if (more) await pause(breathMs, signal);
      if (signal.aborted) return;
    }
    isSending = false;
    notices.open();
    if (wantsSnapshot || view.isDirty) schedule();
  }

  function sendDeltas(): void {
    for (const { upserts, removals } of view.takeChanges(partBytes)) {
      send({ kind: 'inventory.delta', upserts, removals });
    }
  }

  let turn: Promise<unknown> = Promise.resolve();
  function listInTurn<R>(list: () => Promise<R>): Promise<R> {
    const own = turn.then(list);
    turn = own.catch(() => undefined);
    return own;
  }

  for (const { kind, path, project, mayBeAbsent = false, mayBeRefused = false } of watched) {
    let seen = new Set<string>();
    const put = (raw: KubernetesObject) => {
      const projected = project(raw);
      const key = inventoryKey(projected?.object ?? { kind, ...nameOf(raw) });
      if (projected) {
        view.put(key, projected);
        notices.see(projected.object);
      } else view.remove(key);
      return key;
    };
    void watchResource<KubernetesObject>({
      api,
      path,
      mayBeAbsent,
      mayBeRefused,
      signal,
      random,
      listInTurn,
      observer: {
        onListStarted: () => {
          seen = new Set();
        },
        onListed: raw => {
          seen.add(put(raw));
        },
        onListComplete: () => {
          view.keepOnly(kind, seen);
          seen = new Set();
          listed.add(kind);
          if (isComplete()) allListed.resolve();
          schedule();
        },
        onChanged: raw => {
          put(raw);
          if (view.isDirty) schedule();
        },
        onGone: raw => {
          view.remove(inventoryKey({ kind, ...nameOf(raw) }));
          if (view.isDirty) schedule();
        },
        onTrouble: reason => {
          if (reason === undefined) {
            log.info(`${path} can be read again`);
            return;
          }
          log.warn(`${path} cannot be read; trying again`, { reason });
          send({
            kind: 'event',
            reason: 'InventoryUnreadable',
            object: path,
            message: reason,
            severity: 'warning',
          });
        },
      },
    }).catch((error: unknown) => log.warn(`Watching ${path} ended`, { reason: errorText(error) }));
  }

  return {
    listed: allListed.promise,
    get complete() {
      return isComplete();
    },
    snapshotDue() {
      wantsSnapshot = true;
      clearTimeout(timer);
      timer = undefined;
      schedule();
    },
  };
}

function nameOf({ metadata = {} }: KubernetesObject): { name: string; namespace?: string } {
  const name = metadata.name ?? '';
  return metadata.namespace === undefined ? { name } : { name, namespace: metadata.namespace };
}

async function kubernetesVersion(api: KubernetesApi): Promise<string> {
  try {
    const answer = await api.call({ method: 'GET', path: '/version' });
    return (answer.body as { gitVersion?: string } | undefined)?.gitVersion ?? '';
  } catch {
    return '';
  }
}
