import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createServer as createSocketServer } from 'node:net';
import type { SelfSignedCertificate } from './self-signed-certificate.ts';

/** A server on one port of 127.0.0.1. */
export interface LoopbackServer {
  readonly port: number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

const TLS_HANDSHAKE = 0x16;

/**
 * Answers HTTP and HTTPS on the same port, told apart by the first byte: kubectl sends its token only over TLS, curl and
 * tests are easier without. `port` 0 takes any free one. Rejects when the port is taken.
 */
export async function listenOnLoopback(
  port: number,
  tls: SelfSignedCertificate,
  listener: RequestListener,
): Promise<LoopbackServer> {
  const plain = createServer(listener);
  const secure = createTlsServer({ cert: tls.certificate, key: tls.privateKey }, listener);
  const sockets = new Set<Socket>();
  const front = createSocketServer(socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that leaves in the middle is no fault of the server.
    socket.on('error', () => socket.destroy());
    socket.once('data', first => {
      socket.pause();
      const server: Server | typeof secure = first[0] === TLS_HANDSHAKE ? secure : plain;
      socket.unshift(first);
      server.emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  await new Promise<void>((resolve, reject) => {
    front.once('error', reject);
    front.listen(port, '127.0.0.1', resolve);
  });
  const address = front.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise(resolve => {
        front.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
