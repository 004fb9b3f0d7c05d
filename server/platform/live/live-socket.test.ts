import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DashboardToServer, LiveDelta, ServerToDashboard } from '../../../common/live-topics.ts';
import { Access, AccessStore, accessMigrations, createLog, openSqlite, systemClock } from '../index.ts';
import { LiveHub } from './live-hub.ts';
import { serveLive } from './live-socket.ts';

let hub: LiveHub;
let connect: () => Promise<Socket<ServerToDashboard, DashboardToServer>>;
let close: () => Promise<void>;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-live-'));
  const database = await openSqlite(folder, accessMigrations);
  const access = new Access(new AccessStore(database), systemClock);
  hub = new LiveHub();
  hub.define('decisions', () => []);
  hub.define('models', () => []);
  const http = createServer();
  const sockets = new Server(http, { transports: ['websocket'], serveClient: false });
  const log = createLog('silent');
  serveLive({ namespace: sockets.of('/live'), hub, access, cookieName: () => 'cookie', log });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const open: Socket[] = [];
  connect = async () => {
    const options = { transports: ['websocket'], forceNew: true, auth: { token: access.launchToken } };
    const socket: Socket = io(`http://127.0.0.1:${port}/live`, options);
    open.push(socket);
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
    return socket;
  };
  close = async () => {
    for (const socket of open) socket.disconnect();
    await sockets.close();
    await database.close();
    rmSync(folder, { recursive: true });
  };
});
afterEach(() => close());

/** Resolves when this holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn > 2_000) throw new Error('it did not come to pass');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

it('tells every dashboard each change once and in order, whatever its size, acknowledged or not', async () => {
  const heard: LiveDelta[][] = [];
  for (let n = 0; n < 6; n++) {
    const socket = await connect();
    const deltas: LiveDelta[] = [];
    heard.push(deltas);
    socket.on('deltas', (batch, received) => {
      deltas.push(...batch);
      if (n % 2 === 0) received();
    });
    for (const topic of ['decisions', 'models']) {
      expect(await socket.emitWithAck('subscribe', { topic })).toMatchObject({ ok: true });
    }
  }
  // Around the lengths at which frames get another header.
  const values = [
    ...[0, 1, 40, 60, 125, 126, 65_300, 65_536, 200_000].map(length => 'ü'.repeat(length)),
    'end',
  ];
  for (const [seq, value] of values.entries()) {
    hub.publish('decisions', 'plan/1', value);
    if (seq % 2 === 0) hub.publish('models', 'model-1', seq);
    await until(() => heard.every(deltas => deltas.some(one => one.topic === 'decisions' && one.seq > seq)));
  }
  for (const deltas of heard) {
    const told = deltas.filter(({ topic }) => topic === 'decisions');
    expect(told.map(({ afterSeq }) => afterSeq)).toEqual(values.map((_, seq) => seq));
    expect(told.map(({ changes }) => changes[0]?.value)).toEqual(values);
    expect(deltas.filter(({ topic }) => topic === 'models').map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  }
});

it('merges for a dashboard that reads nothing, while others hear every change', async () => {
  const slow = await connect();
  const fast = await connect();
  const deltas: LiveDelta[] = [];
  slow.on('deltas', batch => void deltas.push(...batch));
  let last = 0;
  let heard = 0;
  fast.on('deltas', ([delta]) => {
    heard++;
    last = delta?.seq ?? 0;
  });
  for (const socket of [slow, fast]) await socket.emitWithAck('subscribe', { topic: 'decisions' });
  const wire = slow.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } };
  wire.ws.pause();
  const value = 'x'.repeat(1_000_000);
  // More than the buffers of two ends of a connection hold.
  for (let seq = 1; seq <= 60; seq++) {
    hub.publish('decisions', 'plan/1', `${seq} ${value}`);
    await until(() => last === seq);
  }
  expect(heard).toBe(60);
  wire.ws.resume();
  await until(() => deltas.at(-1)?.seq === 60);
  expect(deltas.length).toBeLessThan(40);
  let seq = 0;
  for (const delta of deltas) {
    expect(delta.afterSeq).toBe(seq);
    seq = delta.seq;
  }
  expect(String(deltas.at(-1)?.changes[0]?.value).slice(0, 3)).toBe('60 ');
});
