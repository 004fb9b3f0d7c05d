import type { Namespace, Socket } from 'socket.io';
import { type Socket as FarSocket, io } from 'socket.io-client';
import type { Logger } from '../log.ts';
import type { LeaderLink } from './leader-link.ts';

/** An agent waits for half a minute to be let in. */
const JOIN_MS = 15_000;

type Event = [string, ...unknown[]];

interface Bridge {
  readonly far: FarSocket;
  /** What the leader sent between its yes and ours; nothing is kept from then on. */
  takeEarly(): readonly Event[];
}

/**
 * Takes agents on a replica that follows: each connection of an agent has one of its own to the leader, over which handshake,
 * messages, offers and their acknowledgements pass unread in both directions. So the leader admits, commits and acknowledges
 * as if the agent were connected to it, and when either side ends, so does the other.
 */
export function bridgeAgents(namespace: Namespace, link: LeaderLink, log: Logger): void {
  const open = new Map<Socket, Bridge>();

  namespace.use((near, next) => {
    reach(near, link)
      .then(bridge => {
        const end = () => {
          open.delete(near);
          bridge.far.disconnect();
        };
        if (near.conn.readyState !== 'open') return end();
        near.conn.once('close', end);
        open.set(near, bridge);
        next();
      })
      .catch((error: unknown) => {
        const { message, data } = error as Error & { data?: unknown };
        next(Object.assign(new Error(message), data === undefined ? {} : { data }));
      });
  });

  namespace.on('connection', near => {
    const bridge = open.get(near);
    if (!bridge) return void near.disconnect(true);
    const { far } = bridge;
    near.on('disconnect', () => far.disconnect());
    // As when the leader's own connection breaks, after which agents come back by themselves.
    far.on('disconnect', () => near.conn.close());
    near.onAny((...event: Event) => void far.emit(...event));
    for (const event of bridge.takeEarly()) near.emit(...event);
    far.onAny((...event: Event) => void near.emit(...event));
    if (!far.connected) near.conn.close();
  });

  link.onChange(() => {
    if (open.size > 0) log.info({ agents: open.size }, 'agents are let go, to come to the new leader');
    for (const near of [...open.keys()]) near.conn.close();
  });
}

/** Joins the leader's namespace in the agent's name; rejects with the leader's refusal. */
async function reach(near: Socket, link: LeaderLink): Promise<Bridge> {
  const leader = await link.leader(JOIN_MS);
  const far: FarSocket = io(leader.url + near.nsp.name, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    auth: near.handshake.auth,
    extraHeaders: link.trust.headers(),
    // In Node it goes to the WebSocket library as it is; the types are those of browsers.
    agent: link.agentFor(leader) as never,
  });
  const early: Event[] = [];
  const keep = (...event: Event) => void early.push(event);
  far.onAny(keep);
  const { promise, resolve, reject } = Promise.withResolvers<Bridge>();
  const cannot = () => reject(new Error('The server cannot take this agent now.'));
  const late = setTimeout(cannot, JOIN_MS);
  far.once('connect', () =>
    resolve({
      far,
      takeEarly: () => {
        far.offAny(keep);
        return early;
      },
    }),
  );
  far.once('connect_error', reject);
  far.once('disconnect', cannot);
  near.conn.once('close', cannot);
  far.connect();
  return promise
    .catch((error: unknown) => {
      far.disconnect();
      throw error;
    })
    .finally(() => clearTimeout(late));
}
