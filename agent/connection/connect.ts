import { AgentStop } from '../agent-stop.ts';
import type { IdentityKeeper } from '../identity-store.ts';
import { errorText, type Log } from '../log.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { backoffMs, pause } from '../pause.ts';
import type { Transport } from '../settings.ts';
import { dialHttp } from './dial-http.ts';
import { dialWebSocket } from './dial-websocket.ts';
import type { Trouble } from './explain-trouble.ts';
import { handshakeOf, refusalSentence } from './handshake.ts';
import type { ServerAccess } from './server-access.ts';
import type { Dialled, LinkEvents, ServerLink } from './server-link.ts';

/** What the connection needs. */
export interface ConnectionOptions extends Omit<LinkEvents, 'onKey'> {
  readonly identity: IdentityKeeper;
  readonly access: ServerAccess;
  /** Of an agent that has several replicas. */
  readonly leaderEpoch: number | undefined;
  readonly transport: Transport;
  /** How long plain requests serve before WebSocket is tried again, in ms. */
  readonly webSocketAgainMs?: number;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onConnected: () => void;
}

/** The connection to the server. */
export interface Connection {
  /** What carries it now; `null` while there is none. */
  readonly transport: 'websocket' | 'http' | null;
  /** Rejects with `AgentStop` when the server turned the agent away for good; resolves when the signal aborted. */
  readonly ended: Promise<void>;
}

const maxBatchMessages = 200;
const maxBatchBytes = 250_000;
const maxBackoffMs = 10_000;
/** So many times WebSocket fails before plain requests are tried. */
const patience = 3;
const usualWebSocketAgainMs = 5 * 60_000;

/**
 * Holds a link to the server and empties the outbox over it batch by batch; each is sent again until the server
 * acknowledged it. A refusal of the handshake ends the agent, everything else is tried again up to every 10 s, with
 * jitter so that many agents do not come back at once.
 */
export function connect(options: ConnectionOptions): Connection {
  const { access, identity, outbox, log, random, signal, transport } = options;
  const { serverUrl } = access;
  let current: ServerLink | undefined;
  let attempt = 0;
  /** Failures since a WebSocket last carried something. */
  let failures = 0;
  let said: string | undefined;
  let linked = Promise.withResolvers<void>();

  const onKey = (key: string): boolean => {
    try {
      identity.takeKey(key);
    } catch (error) {
      log.warn('A new key could not be stored; the one before it stays', { reason: errorText(error) });
      return false;
    }
    log.info('The key of this agent was replaced');
    return true;
  };
  const dial = async (over: ServerLink['transport']): Promise<Dialled> => {
    let key: string | undefined;
    const hello = () => {
      const { current } = identity;
      key ??= current.key;
      return handshakeOf(current, outbox.lastAckedSeq, options.leaderEpoch);
    };
    const dialler = over === 'http' ? dialHttp : dialWebSocket;
    const dialled = await dialler({ access, hello, events: { ...options, onKey }, signal });
    if ('link' in dialled && key !== undefined) {
      try {
        identity.keyWasTaken(key);
      } catch (error) {
        log.warn('Earlier keys could not be removed from the disk', { reason: errorText(error) });
      }
    }
    return dialled;
  };
  const nextTransport = (): ServerLink['transport'] => {
    if (transport !== 'auto') return transport;
    return failures < patience || failures % 2 === 0 ? 'websocket' : 'http';
  };
  const sayAway = ({ reason, needsSetting }: Trouble): void => {
    // Once for each outage, and once more when it turns out that only a setting mends it.
    if (said !== undefined && (!needsSetting || said === reason)) return;
    log.warn(`CloudOptim at ${serverUrl} cannot be reached; trying again`, { reason });
    said = reason;
  };
  const take = (link: ServerLink): void => {
    current = link;
    said = undefined;
    const how = link.transport === 'http' ? 'by plain requests' : 'over WebSocket';
    log.info(`Connected to CloudOptim at ${serverUrl} ${how}`, access.proxy ? { proxy: access.proxy } : {});
    linked.resolve();
    linked = Promise.withResolvers();
    options.onConnected();
  };

  /** Uses a link, or a better one in its place, until it ends; returns the last one. */
  const stay = async (first: ServerLink): Promise<ServerLink> => {
    let link = first;
    take(link);
    if (link.transport === 'http' && transport === 'auto') {
      const better = await findWebSocket(link);
      if (better) {
        take(better);
        link.close();
        link = better;
      }
    }
    await endOf(link.ended);
    current = undefined;
    return link;
  };
  /** At once, because the server may only have been away, then every few minutes. */
  const findWebSocket = async (link: ServerLink): Promise<ServerLink | undefined> => {
    for (let waitMs = 0; ; waitMs = options.webSocketAgainMs ?? usualWebSocketAgainMs) {
      await pause(waitMs, AbortSignal.any([signal, link.ended]));
      if (link.ended.aborted || signal.aborted) return undefined;
      const dialled = await dial('websocket');
      if ('link' in dialled) return dialled.link;
      if (waitMs === 0 && 'trouble' in dialled) {
        log.warn('WebSocket does not get through; plain requests carry everything', {
          reason: dialled.trouble.reason,
        });
      }
    }
  };

  const hold = async (): Promise<void> => {
    while (!signal.aborted) {
      const dialled = await dial(nextTransport());
      if (signal.aborted) break;
      if ('refusal' in dialled) {
        if (dialled.refusal === 'unauthenticated' && identity.fallBack()) continue;
        throw new AgentStop(3, refusalSentence(dialled.refusal, serverUrl, dialled.message));
      }
      if ('trouble' in dialled) {
        failures++;
        sayAway(dialled.trouble);
      } else {
        const { transport: lost, ended } = await stay(dialled.link);
        if (lost === 'websocket') failures++;
        if (!signal.aborted) sayAway({ reason: String(ended.reason), needsSetting: false });
      }
      await pause(backoffMs(attempt++, 250, maxBackoffMs, random), signal);
    }
  };
  const empty = async (): Promise<void> => {
    while (!signal.aborted) {
      await outbox.waiting();
      const link = current;
      if (!link) {
        await linked.promise;
        continue;
      }
      if (await sendBatch(link, options)) {
        attempt = 0;
        if (link.transport === 'websocket') failures = 0;
      } else await pause(backoffMs(1, 250, maxBackoffMs, random), signal);
    }
  };

  const stopped = endOf(signal).then(() => {
    current?.close();
    linked.resolve();
  });
  return {
    get transport() {
      return current?.transport ?? null;
    },
    ended: Promise.race([stopped, Promise.all([hold(), empty()]).then(() => undefined)]),
  };
}

/** Sends the oldest messages; false when they were not acknowledged. */
async function sendBatch(link: ServerLink, options: ConnectionOptions): Promise<boolean> {
  const { outbox, log, identity } = options;
  try {
    const messages = await outbox.nextBatch(maxBatchMessages, maxBatchBytes);
    if (messages.length === 0) return true;
    const answer = await link.send({
      bootEpoch: identity.current.bootEpoch,
      messages,
      outbox: { waiting: Math.max(0, outbox.size - messages.length), dropped: { ...outbox.dropped } },
    });
    const before = outbox.lastAckedSeq;
    outbox.acknowledge(answer.ackedSeq);
    if (answer.resync) options.onResync();
    return outbox.lastAckedSeq > before;
  } catch (error) {
    if (!link.ended.aborted) {
      log.warn('Messages were not acknowledged; sending them again', { reason: errorText(error) });
    }
    return false;
  }
}

function endOf(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
