import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, expect, it } from 'vitest';
import { dialWebSocket } from '../../agent/connection/dial-websocket.ts';
import { handshakeOf } from '../../agent/connection/handshake.ts';
import { openServerAccess } from '../../agent/connection/server-access.ts';

const http = createServer();
const sockets = new Server(http, { transports: ['websocket'], pingInterval: 50 });
afterEach(() => sockets.close());

it('an agent whose first words are never answered tries again, although the connection lives', async () => {
  let heard = 0;
  // Never let in, never refused: as when the answer is lost on its way.
  sockets.of('/agent').use(() => {
    heard++;
  });
  http.listen(0, '127.0.0.1');
  await new Promise(resolve => http.once('listening', resolve));
  const identity = {
    ...{ serverUrl: '', agentId: 'agent', clusterId: 'cluster', clusterName: 'shop', key: 'key' },
    ...{ instanceId: 'instance', bootEpoch: 1 },
  };
  const dialled = await dialWebSocket({
    access: openServerAccess(
      `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      undefined,
      undefined,
    ),
    hello: () => handshakeOf(identity, 0, undefined),
    events: {
      onTask: () => undefined,
      onUnreadableTask: () => undefined,
      onCancel: () => undefined,
      onResync: () => undefined,
      onKey: () => false,
    },
    signal: new AbortController().signal,
    patienceMs: 300,
  });
  expect(heard).toBe(1);
  expect(dialled).toEqual({ trouble: { reason: 'no answer within 0.3 s', needsSetting: false } });
});
