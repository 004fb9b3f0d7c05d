import type { Namespace } from 'socket.io';
import { z } from 'zod';
import type { DashboardToServer, ServerToDashboard } from '../../../common/live-topics.ts';
import { type Access, isRevoked, type SignedActor } from '../access/access.ts';
import type { Logger } from '../log.ts';
import type { LiveHub } from './live-hub.ts';
import { packetsOnce, sendPacket } from './live-packets.ts';

/** How often an open socket's right to be there is checked again. */
const RECHECK_MS = 60_000;

const subscribeRequest = z.object({
  topic: z.string().min(1).max(200),
  epoch: z.string().max(40).optional(),
  afterSeq: z.number().int().optional(),
});

/** Who somebody is, and who is nobody any more. */
export type LiveAccess = Pick<Access, 'actorOfToken' | 'actorOfSession' | 'onRevoked'>;

/** Serves the live topics on a Socket.IO namespace to whoever has a token or a session. */
export function serveLive(options: {
  namespace: Namespace<DashboardToServer, ServerToDashboard>;
  hub: LiveHub;
  access: LiveAccess;
  cookieName: () => string;
  log: Logger;
}): void {
  const { namespace, hub, access, cookieName, log } = options;

  const packetOf = packetsOnce(namespace.name);

  const identify = async (handshake: {
    auth: Record<string, unknown>;
    headers: { cookie?: string | undefined };
  }) => {
    const { token } = handshake.auth;
    if (typeof token === 'string' && token !== '') return access.actorOfToken(token);
    const cookie = cookieValue(handshake.headers.cookie ?? '', cookieName());
    return cookie === undefined ? undefined : access.actorOfSession(cookie);
  };

  namespace.use((socket, next) => {
    identify(socket.handshake)
      .then(actor => {
        if (!actor) return next(new Error('access.unauthenticated'));
        // A topic mixes parts of the API that a token with scopes may not all see.
        if (actor.scopes) return next(new Error('access.forbidden'));
        (socket.data as { actor?: SignedActor }).actor = actor;
        next();
      })
      .catch(() => next(new Error('bug.unexpected')));
  });
  access.onRevoked(revoked => {
    for (const socket of namespace.sockets.values()) {
      const { actor } = socket.data as { actor?: SignedActor };
      if (actor && isRevoked(actor, revoked)) socket.disconnect(true);
    }
  });

  namespace.on('connection', socket => {
    const subscriber = hub.connect(
      batch =>
        new Promise((resolve, reject) => {
          if (!socket.connected) reject(new Error('the dashboard is gone'));
          else sendPacket(socket.conn, packetOf(batch), resolve);
        }),
    );
    const recheck = setInterval(() => {
      void identify(socket.handshake).then(
        actor => actor ?? socket.disconnect(true),
        () => socket.disconnect(true),
      );
    }, RECHECK_MS);
    recheck.unref();
    socket.on('subscribe', (request, answer) => {
      const parsed = subscribeRequest.safeParse(request);
      if (!parsed.success || typeof answer !== 'function') return;
      const { topic, epoch, afterSeq } = parsed.data;
      hub
        .subscribe(subscriber, {
          topic,
          ...(epoch === undefined ? {} : { epoch }),
          ...(afterSeq === undefined ? {} : { afterSeq }),
        })
        .then(answer, (error: unknown) => {
          log.error({ err: error, topic }, 'a live topic could not be read');
          answer({ ok: false, message: `The live topic "${topic}" cannot be read now.` });
        });
    });
    socket.on('unsubscribe', request => {
      if (typeof request?.topic === 'string') subscriber.end(request.topic);
    });
    socket.on('disconnect', () => {
      clearInterval(recheck);
      subscriber.close();
    });
  });
}

function cookieValue(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return decodeURIComponent(value.join('='));
  }
  return undefined;
}
