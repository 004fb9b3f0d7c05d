import type { Server, ServerOptions } from 'socket.io';
import type { HttpServer } from './http-server.ts';

/** Largest message of a socket: an inventory of a large cluster. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Socket.IO over WebSocket alone, loaded now; an upgrade is let in as `http` says. @param adapter where several replicas share it */
export async function createSocketServer(
  http: Pick<HttpServer, 'isAllowedUpgrade'>,
  adapter?: NonNullable<ServerOptions['adapter']>,
): Promise<Server> {
  const { Server } = await import('socket.io');
  return new Server({
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: MOST_BYTES,
    allowRequest: (request, answer) => answer(null, http.isAllowedUpgrade(request)),
    ...(adapter ? { adapter } : {}),
  });
}
