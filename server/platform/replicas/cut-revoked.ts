import type { Namespace } from 'socket.io';
import type { Access, SignedActor } from '../access/access.ts';

type Room = `actor/${string}` | `session/${string}`;

/** Puts each dashboard into the rooms of its person and session, by which any replica can cut it. */
export function joinRooms(namespace: Namespace): void {
  namespace.on('connection', socket => {
    const { actor } = socket.data as { actor?: SignedActor };
    if (!actor) return;
    const rooms: Room[] = [`actor/${actor.id}`];
    if (actor.sessionId !== undefined) rooms.push(`session/${actor.sessionId}`);
    void socket.join(rooms);
  });
}

/** Cuts, on every replica, the dashboards of what was revoked; while Redis is away each replica's own recheck does, in a minute. */
export function cutRevoked(namespace: Namespace, access: Access): void {
  access.onRevoked(revoked => {
    if ('sessionId' in revoked)
      return namespace.in(`session/${revoked.sessionId}` satisfies Room).disconnectSockets(true);
    const all = namespace.in(`actor/${revoked.actorId}` satisfies Room);
    const kept = revoked.exceptSession;
    (kept === undefined ? all : all.except(`session/${kept}` satisfies Room)).disconnectSockets(true);
  });
}
