import type { Server } from 'socket.io';
import type { Access } from '../access/access.ts';
import type { HttpServer } from '../http/http-server.ts';
import { createSocketServer } from '../http/socket-server.ts';
import type { LiveHub } from '../live/live-hub.ts';
import type { Logger } from '../log.ts';
import { cutRevoked, joinRooms } from './cut-revoked.ts';
import { RedisLine } from './redis-line.ts';
import type { ReplicaTrust } from './replica-trust.ts';
import { serveFollowers } from './serve-followers.ts';

/**
 * Serves Socket.IO, and the replicas that follow.
 * @param parts.addNamespaces adds what an engine that is alone serves, too
 * @returns ends it
 */
export async function serveAsLeader(parts: {
  readonly http: HttpServer;
  readonly hub: LiveHub;
  readonly access: Access;
  readonly trust: ReplicaTrust;
  readonly redisUrl: string;
  readonly log: Logger;
  readonly addNamespaces: (sockets: Server) => void;
}): Promise<() => void> {
  const { http, access, trust } = parts;
  const line = await RedisLine.open(parts.redisUrl, trust.name, parts.log);
  const sockets = await createSocketServer(http, line.adapter);
  sockets.attach(http.app.server);
  parts.addNamespaces(sockets);
  const live = sockets.of('/live');
  joinRooms(live);
  cutRevoked(live, access);
  const endRelay = serveFollowers({ ...parts, app: http.app, sockets, line });
  return () => {
    endRelay();
    line.close(sockets);
    // The transports, so that clients see a line that broke and come again; the HTTP server would wait for them for ever.
    void sockets.engine.close();
  };
}
