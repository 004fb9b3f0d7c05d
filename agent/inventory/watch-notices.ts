import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import type { EventObject } from '../../common/kubernetes/index.ts';
import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { type NoticeKind, noticeKinds } from './notice-reasons.ts';
import { watchResource } from './watch-resource.ts';

const path = '/api/v1/events';
/** The taint manager also says when it changed its mind. */
const TAKEN_BACK = 'Cancelling deletion';

/** What watching notices needs. */
interface NoticeOptions {
  readonly api: KubernetesApi;
  readonly send: (body: AgentMessageBody) => void;
  readonly log: Log;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * Watches events until `signal` aborts, and sends each notice once, at once: that a node is taken away or in danger, and that a pod was
 * ended that nobody deleted. The cluster keeps events for an hour: after a start, those of the last hour are sent again, and the server
 * counts them once.
 */
export function watchNotices(options: NoticeOptions): void {
  for (const kind of noticeKinds) watchKind(kind, options);
}

function watchKind(
  { fieldSelector, object, reasons }: NoticeKind,
  { api, send, log, random, signal }: NoticeOptions,
): void {
  let sent = new Set<string>();
  let listed = new Set<string>();
  const take = (event: EventObject) => {
    const { reason = '', message = '', involvedObject, metadata } = event;
    const uid = metadata?.uid ?? metadata?.name;
    const name = involvedObject?.name;
    const severity = reasons[reason];
    if (!severity || involvedObject?.kind !== object || !name || !uid) return;
    listed.add(uid);
    if (sent.has(uid) || message.startsWith(TAKEN_BACK)) return;
    sent.add(uid);
    const place = object === 'Pod' ? (involvedObject.namespace ?? '') : '';
    send({ kind: 'event', reason, object: `${object}/${place}/${name}`, message, severity });
  };
  watchResource<EventObject>({
    api,
    path,
    fieldSelector,
    signal,
    random,
    listInTurn: list => list(),
    observer: {
      onListStarted: () => {
        listed = new Set();
      },
      onListed: take,
      onListComplete: () => {
        // What the cluster has forgotten cannot come again.
        sent = listed;
        listed = new Set();
      },
      onChanged: take,
      onGone: ({ metadata }) => void sent.delete(metadata?.uid ?? metadata?.name ?? ''),
      onTrouble: reason => {
        if (reason === undefined) log.info('Events can be read again', { fieldSelector });
        else
          log.warn('Events cannot be read: notices of nodes and pods stay unknown', {
            reason,
            fieldSelector,
          });
      },
    },
  }).catch((error: unknown) => log.warn('Watching events ended', { reason: errorText(error) }));
}
