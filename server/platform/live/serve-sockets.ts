import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server as SocketServer } from 'socket.io';
import type { HttpServer } from '../http/http-server.ts';

/** Largest message of a socket: an inventory of a large cluster. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Serves Socket.IO on an HTTP server, by WebSocket alone. It is loaded when the first client comes: no start waits for it.
 * @param addNamespaces adds what is served, once, before the first client gets in
 */
export function serveSockets(
  http: Pick<HttpServer, 'app' | 'isAllowedUpgrade'>,
  addNamespaces: (sockets: SocketServer) => void,
): { close(): Promise<void> } {
  const { server } = http.app;
  const open = async () => {
    const { Server } = await import('socket.io');
    const sockets = new Server({
      transports: ['websocket'],
      serveClient: false,
      maxHttpBufferSize: MOST_BYTES,
      allowRequest: (request, answer) => answer(null, http.isAllowedUpgrade(request)),
    });
    addNamespaces(sockets);
    server.off('upgrade', onUpgrade);
    sockets.attach(server);
    return sockets;
  };
  let opened: Promise<SocketServer> | undefined;
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // It may break while it waits.
    socket.on('error', () => undefined);
    opened ??= open();
    opened.then(
      () => server.emit('upgrade', request, socket, head),
      () => socket.destroy(),
    );
  };
  server.on('upgrade', onUpgrade);
  return {
    // The transports, so that clients see a line that broke and come again; the HTTP server would wait for them for ever.
    close: async () => void (await opened)?.engine.close(),
  };
}
