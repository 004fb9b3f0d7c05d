import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Enrolled } from './index.ts';
import { openTestHttp, type TestHttp } from './testing/test-http.ts';
import { messages, snapshot, testNode } from './testing/test-objects.ts';
import { eventually, next, openTestRoom, type TestRoom } from './testing/test-room.ts';

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

const order = {
  action: { kind: 'cordon', node: { name: 'n', uid: 'u' } },
  deadlineMs: 60_000,
  dryRun: false,
} as const;

function poll(change: Record<string, string | number> = {}, signal?: AbortSignal) {
  const hello = { protocolMin: 3, protocolMax: 3, agentVersion: '1.0.2', instanceId: 'i', bootEpoch: 1 };
  const query = Object.entries({ ...hello, lastAckedSeq: 0, waitSeconds: 20, ...change });
  const path = `/api/v1/client/tasks?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, `${value}`]))}`;
  return http.call('GET', path, `${enrolled.agentId}.${enrolled.key}`, undefined, signal);
}
const isOpen = (wanted = true) =>
  eventually(() => room.clusters.agents.isConnected(enrolled.clusterId) === wanted);
const summary = () => room.clusters.summaries()[0];

it('is answered as soon as there is a task, a cancellation or a wish for a snapshot, and not before', async () => {
  expect((await poll({ waitSeconds: 0 })).body).toEqual({ tasks: [], cancel: [], resync: true });
  expect(summary()).toMatchObject({ state: 'live', agentVersion: '1.0.2' });
  let open = poll();
  await isOpen();
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  expect((await open).body).toMatchObject({ tasks: [task], cancel: [], resync: false });

  // What was answered once is not said again at every poll, only when it may be lost, or at a new beginning.
  expect((await poll({ waitSeconds: 1 })).body.tasks).toEqual([]);
  expect((await poll({ waitSeconds: 0 })).body.tasks).toMatchObject([task]);
  open = poll();
  await isOpen();
  room.clock.ms += 15_000;
  await room.clusters.sweep();
  expect((await open).body.tasks).toMatchObject([task]);

  // Between two polls nobody listens; the next one hears it.
  await room.clusters.cancelTask(enrolled.clusterId, task.taskId);
  expect((await poll()).body).toMatchObject({ tasks: [], cancel: [task.taskId] });
  const second = await room.clusters.sendTask(enrolled.clusterId, order);
  expect((await poll()).body.tasks).toMatchObject([second]);
});

it('refuses what a socket is refused, by the same codes', async () => {
  const refused = async (change: Record<string, string | number>) => {
    const { status, body } = await poll({ waitSeconds: 0, ...change });
    return [status, body.error.details];
  };
  expect(await refused({ protocolMin: 99, protocolMax: 99 })).toEqual([409, { refusal: 'protocol-too-new' }]);
  expect(await refused({ protocolMin: 0, protocolMax: 0 })).toEqual([409, { refusal: 'protocol-too-old' }]);
  expect((await poll({ protocolMin: 'x' })).body.error.code).toBe('input.invalid');
  expect((await poll({ waitSeconds: 26 })).body.error.code).toBe('input.invalid');
  await poll({ waitSeconds: 0, bootEpoch: 5 });
  expect(await refused({ bootEpoch: 4 })).toEqual([409, { refusal: 'superseded' }]);
  const path = '/api/v1/client/tasks?protocolMin=3&protocolMax=3';
  const bare = await http.call('GET', path, `${enrolled.agentId}.${enrolled.key}`);
  expect([bare.status, bare.body.error.details]).toEqual([400, { refusal: 'malformed' }]);
});

it('is cut at once by a revocation, and the agent gets nothing any more', async () => {
  const open = poll();
  await isOpen();
  const startedAt = performance.now();
  await room.clusters.revoke(enrolled.clusterId);
  expect((await open).status).toBe(409);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  const again = await poll();
  expect([again.status, again.body.error.details]).toEqual([401, { refusal: 'revoked' }]);
  const batch = { bootEpoch: 1, messages: messages(1, snapshot(testNode('a'))) };
  for (const path of ['metrics', 'events']) {
    const secret = `${enrolled.agentId}.${enrolled.key}`;
    expect((await http.call('POST', `/api/v1/client/${path}`, secret, batch)).status).toBe(401);
  }
  expect(room.clusters.state(enrolled.clusterId)).toBeUndefined();
});

it('gives way to a socket of the same agent, and takes its place', async () => {
  const open = poll();
  await isOpen();
  const socket = await room.connect(enrolled, { bootEpoch: 2 });
  expect((await open).status).toBe(409);
  const cut = next<string>(socket, 'disconnect');
  const later = poll({ bootEpoch: 3 });
  expect(await cut).toBe('io server disconnect');
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  expect((await later).body.tasks).toMatchObject([task]);
});

it('keeps nothing of a poll whose agent has left', async () => {
  const leave = new AbortController();
  const open = poll({}, leave.signal);
  await isOpen();
  leave.abort();
  await expect(open).rejects.toThrow();
  await isOpen(false);
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  expect((await poll()).body.tasks).toMatchObject([task]);
});
