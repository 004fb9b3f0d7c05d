import { type ServerOptions, Server as SocketServer } from 'socket.io';
import type { HttpServer } from './http-server.ts';

/** Socket.IO on the port of an HTTP server: WebSocket alone, checked as strictly as a request. */
export function createSocketServer(
  http: HttpServer,
  adapter?: NonNullable<ServerOptions['adapter']>,
): SocketServer {
  return new SocketServer(http.app.server, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 32 * 1024 * 1024,
    allowRequest: (request, answer) => answer(null, http.isAllowedUpgrade(request)),
    ...(adapter ? { adapter } : {}),
  });
}
