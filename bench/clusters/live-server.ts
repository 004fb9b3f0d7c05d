/** `node live-server.ts FOLDER`: the engine's live topics on their real sockets; publishes a decision event whenever one is asked for on `/publish`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import {
  Access,
  AccessStore,
  accessMigrations,
  createLog,
  LiveHub,
  openSqlite,
  serveLive,
  systemClock,
} from '../../server/platform/index.ts';

const [folder = ''] = process.argv.slice(2);
const access = new Access(new AccessStore(await openSqlite(folder, accessMigrations)), systemClock);
const hub = new LiveHub();
hub.define('decisions', () => []);
const http = createServer();
const sockets = new Server(http, { transports: ['websocket'], serveClient: false });
serveLive({
  namespace: sockets.of('/live'),
  hub,
  access,
  cookieName: () => 'cookie',
  log: createLog('silent'),
});
sockets.of('/publish').on('connection', socket => {
  socket.on('event', (value: unknown) => hub.publish('decisions', 'plan-1', value));
});
http.listen(0, '127.0.0.1', () =>
  process.stdout.write(
    `listens on ws://127.0.0.1:${(http.address() as AddressInfo).port} ${access.launchToken}\n`,
  ),
);
