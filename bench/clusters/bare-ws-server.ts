/** The yardstick: a bare `ws` server that sends back what it gets, and to all what it gets from `/publish`. Prints its address. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket, request) => {
  const publishes = request.url === '/publish';
  socket.on('message', data => {
    if (!publishes) socket.send(data.toString());
    else for (const one of server.clients) if (one !== socket) one.send(data.toString());
  });
});
http.listen(0, '127.0.0.1', () =>
  process.stdout.write(`listens on ws://127.0.0.1:${(http.address() as AddressInfo).port}\n`),
);
