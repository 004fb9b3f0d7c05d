import { connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { createSelfSignedCertificate } from '../../simulator/kubernetes-api/self-signed-certificate.ts';

/** TLS before a server that has none, as a load balancer or an ingress gives it. */
export interface TlsFront {
  readonly port: number;
  /** PEM of the private authority that signed its certificate. */
  readonly authority: string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 for `https://localhost` and passes the bytes on to a port there. */
export async function startTlsFront(toPort: number): Promise<TlsFront> {
  const { certificate, privateKey } = createSelfSignedCertificate(Date.now());
  const sockets = new Set<Socket>();
  const server = createServer({ cert: certificate, key: privateKey }, client => {
    const upstream = connect(toPort, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    authority: certificate,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
