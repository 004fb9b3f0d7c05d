import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Enrolled } from './index.ts';
import { openTestHttp, type TestHttp } from './testing/test-http.ts';
import { type AgentSocket, eventually, openTestRoom, type TestRoom } from './testing/test-room.ts';

const DAY_MS = 86_400_000;
let room: TestRoom;
let http: TestHttp;
let enrolled: Enrolled;
beforeEach(async () => {
  room = await openTestRoom();
  http = await openTestHttp(room);
  enrolled = await room.enrol();
});
afterEach(async () => {
  await http.close();
  await room.close();
});

const able = { capabilities: ['rotate-key'] };

/** Keys that were offered over a socket; each is acknowledged as stored, or not. */
function keysOf(socket: AgentSocket, acknowledges: boolean): string[] {
  const keys: string[] = [];
  socket.on('key.offer', ({ key }, stored) => {
    keys.push(key);
    if (acknowledges) stored();
  });
  return keys;
}
const connect = (key: string) => room.connect({ ...enrolled, key }, able);
const works = (key: string) => room.clusters.verifyAgent(`${enrolled.agentId}.${key}`);
function poll(key: string, waitSeconds: number) {
  const hello = 'protocolMin=3&protocolMax=3&agentVersion=1&instanceId=i&bootEpoch=1&lastAckedSeq=0';
  const path = `/api/v1/client/tasks?${hello}&capabilities=rotate-key&waitSeconds=${waitSeconds}`;
  return http.call('GET', path, `${enrolled.agentId}.${key}`);
}
const isOpen = () => eventually(() => room.clusters.agents.isConnected(enrolled.clusterId));

it('replaces a key of more than a day over the live socket, and the old one works no more', async () => {
  const socket = await connect(enrolled.key);
  const keys = keysOf(socket, true);
  room.clock.ms += DAY_MS - 1;
  await room.clusters.sweep();
  room.clock.ms += 60_000;
  await room.clusters.sweep();
  await eventually(() => keys.length === 1);
  await eventually(async () => (await works(enrolled.key)) === undefined);
  expect(socket.connected).toBe(true);
  const [key = ''] = keys;
  await expect(connect(enrolled.key)).rejects.toThrow('unauthenticated');
  await connect(key);
  const entries = await room.audit.list(10);
  expect(entries).toMatchObject([{ action: 'agent.offer-key', subject: enrolled.clusterId }]);
  expect(JSON.stringify(entries)).not.toContain(key);

  room.clock.ms += DAY_MS - 60_000;
  await room.clusters.sweep();
  expect(keys).toHaveLength(1);
});

it('takes both keys until the new one is used, whoever was killed in between', async () => {
  const keys = keysOf(await connect(enrolled.key), false);
  // Ends when the agent says that the key is stored, which it does not.
  void room.clusters.rotateKey(enrolled.clusterId);
  await eventually(() => keys.length === 1);
  // The engine is killed before it hears that the key is stored; the agent may or may not have it.
  await http.close();
  await room.close(true);
  room = await openTestRoom({ folder: room.folder });
  http = await openTestHttp(room);
  const [key = ''] = keys;
  await connect(enrolled.key);
  expect(await works(enrolled.key)).toMatchObject({ agentId: enrolled.agentId });
  await connect(key);
  expect(await works(enrolled.key)).toBeUndefined();
  expect(await works(key)).toMatchObject({ agentId: enrolled.agentId });
});

it('replaces a key over plain requests, whose next poll uses it', async () => {
  const open = poll(enrolled.key, 20);
  await isOpen();
  await room.clusters.rotateKey(enrolled.clusterId);
  const { newKey: key = '' } = (await open).body as { newKey?: string };
  expect(key).not.toBe('');
  expect((await poll(enrolled.key, 0)).status).toBe(200);
  expect((await poll(key, 0)).status).toBe(200);
  expect((await poll(enrolled.key, 0)).status).toBe(401);
});

it('offers nothing to an agent that is too old, and a key to one that comes back after it was asked for', async () => {
  const old = await room.connect(enrolled);
  await expect(room.clusters.rotateKey(enrolled.clusterId)).rejects.toMatchObject({
    code: 'cluster.agent-outdated',
  });
  room.clock.ms += 2 * DAY_MS;
  await room.clusters.sweep();
  old.disconnect();
  await eventually(() => !room.clusters.agents.isConnected(enrolled.clusterId));
  await room.clusters.rotateKey(enrolled.clusterId);
  const keys = keysOf(await connect(enrolled.key), true);
  await room.clusters.sweep();
  await eventually(() => keys.length === 1);

  const path = `/api/v1/admin/clusters/${enrolled.clusterId}/rotate-key`;
  expect((await http.call('POST', path, http.admin)).status).toBe(200);
  expect(keys).toHaveLength(2);
  await room.clusters.revoke(enrolled.clusterId);
  expect((await http.call('POST', path, http.admin)).body.error.code).toBe('cluster.away');
});

it('lets neither key of a revoked agent in', async () => {
  const keys = keysOf(await connect(enrolled.key), false);
  // Ends when the agent says that the key is stored, which it does not.
  void room.clusters.rotateKey(enrolled.clusterId);
  await eventually(() => keys.length === 1);
  await room.clusters.revoke(enrolled.clusterId);
  for (const key of [enrolled.key, keys[0] ?? '']) {
    await expect(connect(key)).rejects.toThrow('revoked');
    expect(await works(key)).toBe('revoked');
  }
});
