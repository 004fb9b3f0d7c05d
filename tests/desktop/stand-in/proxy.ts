import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromBrowser, toBrowser } from './app-address.ts';

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * All that the window asks for comes through here, as through the network service of Electron: own schemes to their handler, loopback to
 * where it goes with the `Origin` that Electron would send, everything else nowhere.
 * @param answerOwn the handler of a scheme of our own; `undefined` where there is none
 * @param onOutside told of each address that is not on this machine
 */
export async function startProxy(
  answerOwn: (request: Request) => Promise<Response> | undefined,
  onOutside: (url: string) => void,
): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const url = absolute(incoming);
    const own = fromBrowser(url);
    if (own !== url)
      return answerBy(answerOwn(new Request(own, { method: incoming.method ?? 'GET' })), outgoing);
    if (!LOOPBACK.test(new URL(url).host)) {
      onOutside(url);
      outgoing.writeHead(403).end();
      return;
    }
    const onward = request(url, { method: incoming.method, headers: onwardHeaders(incoming) });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    onward.on('response', response => {
      outgoing.writeHead(response.statusCode ?? 502, backHeaders(response));
      pipeline(response, outgoing).catch(() => outgoing.destroy());
    });
    await pipeline(incoming, onward);
  };

  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    if (!LOOPBACK.test(incoming.url ?? '')) {
      onOutside(`connect:${incoming.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connected\r\n\r\n');
    // What is inside the tunnel is HTTP again: the upgrade of a web socket.
    server.emit('connection', socket);
  });

  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const onward = request(absolute(incoming), { headers: onwardHeaders(incoming) });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    onward.on('response', response => {
      socket.end(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n\r\n`);
    });
    onward.on('upgrade', (response, upstream: Socket, upstreamHead) => {
      const { rawHeaders } = response;
      const lines = rawHeaders.flatMap((name, index) =>
        index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [],
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      upstream.on('error', () => socket.destroy());
      socket.on('close', () => upstream.destroy());
      upstream.on('close', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    onward.end();
  });

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}

function absolute({ url = '', headers }: IncomingMessage): string {
  return url.startsWith('/') ? `http://${headers.host}${url}` : url;
}

function onwardHeaders({ headers, url }: IncomingMessage): Record<string, string | string[]> {
  const { origin, referer, 'proxy-connection': _, ...others } = headers;
  return {
    ...(others as Record<string, string | string[]>),
    ...(origin === undefined ? {} : { origin: fromBrowser(origin) }),
    ...(url?.startsWith('http') ? { host: new URL(url).host } : {}),
  };
}

function backHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const allowed = headers['access-control-allow-origin'];
  return {
    ...(headers as Record<string, string | string[]>),
    ...(allowed === undefined ? {} : { 'access-control-allow-origin': toBrowser(allowed) }),
  };
}

async function answerBy(pending: Promise<Response> | undefined, outgoing: ServerResponse): Promise<void> {
  const response = (await pending) ?? new Response('No handler', { status: 502 });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as never), outgoing);
}
