import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

/** An HTTP proxy that knows CONNECT alone. */
export interface ConnectProxy {
  readonly url: string;
  /** Targets that it was asked for, in order. */
  readonly targets: readonly string[];
  /** Requests for WebSockets that it answered itself. */
  readonly refusedUpgrades: number;
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** It wants this `user:password`. */
  readonly credentials?: string;
  /** Another status than 200 for every CONNECT. */
  readonly status?: () => number | undefined;
  /** Where a name of a test leads: `cloudoptim.test:80` → port on 127.0.0.1. */
  readonly names?: Readonly<Record<string, number>>;
  /** It looks into plain connections and lets no WebSocket through. */
  readonly breaksWebSockets?: () => boolean;
}

/** Listens on 127.0.0.1, and connects to 127.0.0.1 only. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  let refusedUpgrades = 0;
  const server = createServer((_request, response) => {
    response.writeHead(405).end();
  });
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    const target = request.url ?? '';
    targets.push(target);
    client.on('error', () => client.destroy());
    const wanted = options.credentials;
    const given = request.headers['proxy-authorization'];
    const isAllowed = wanted === undefined || given === `Basic ${Buffer.from(wanted).toString('base64')}`;
    const status = options.status?.() ?? (isAllowed ? 200 : 407);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const port = options.names?.[target] ?? Number(target.split(':').at(-1));
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      client.on('data', (data: Buffer) => {
        if (options.breaksWebSockets?.() && /^upgrade: websocket/im.test(data.toString('latin1'))) {
          refusedUpgrades++;
          client.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
          upstream.destroy();
        } else upstream.write(data);
      });
      upstream.pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => sockets.delete(upstream));
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    targets,
    get refusedUpgrades() {
      return refusedUpgrades;
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
