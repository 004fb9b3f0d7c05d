import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import type { EventObject } from '../../common/kubernetes/index.ts';
import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { watchResource } from './watch-resource.ts';

const path = '/api/v1/events';
/**
 * What is told of a node that AWS takes away: by Karpenter (pkg/controllers/interruption/events), and by the AWS Node
 * Termination Handler (pkg/observability/k8s-events.go).
 */
const reasons: ReadonlySet<string> = new Set(['SpotInterrupted', 'SpotInterruption']);

/** What watching notices needs. */
interface InterruptionOptions {
  readonly api: KubernetesApi;
  readonly send: (body: AgentMessageBody) => void;
  readonly log: Log;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * Watches the events about nodes until `signal` aborts, and sends each notice of a Spot interruption once. The cluster keeps
 * events for an hour: after a start, those of the last hour are sent again, and the server counts them once.
 */
export function watchInterruptions({ api, send, log, random, signal }: InterruptionOptions): void {
  let sent = new Set<string>();
  let listed = new Set<string>();
  const take = (event: EventObject) => {
    const { reason = '', message = '', involvedObject, metadata } = event;
    const uid = metadata?.uid ?? metadata?.name;
    const node = involvedObject?.name;
    if (!reasons.has(reason) || involvedObject?.kind !== 'Node' || !node || !uid) return;
    listed.add(uid);
    if (sent.has(uid)) return;
    sent.add(uid);
    send({ kind: 'event', reason, object: `Node//${node}`, message, severity: 'warning' });
  };
  watchResource<EventObject>({
    api,
    path,
    fieldSelector: 'involvedObject.kind=Node',
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
        if (reason === undefined) log.info('Events can be read again');
        else log.warn('Events cannot be read: interruptions of Spot nodes stay unknown', { reason });
      },
    },
  }).catch((error: unknown) => log.warn('Watching events ended', { reason: errorText(error) }));
}
