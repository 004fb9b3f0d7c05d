import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import {
  Access,
  AccessStore,
  AuditLog,
  accessMigrations,
  auditMigrations,
  createHttpServer,
  createRoutes,
} from '../platform/index.ts';
import { addClusterRoutes } from './routes.ts';
import { messages, snapshot, testNode, testPod } from './testing/test-objects.ts';
import { openTestRoom, type TestRoom } from './testing/test-room.ts';

/** The fields of answers that this test reads. */
interface Answer {
  readonly token: string;
  readonly agentId: string;
  readonly clusterId: string;
  readonly key: string;
  readonly clusters: readonly unknown[];
  readonly tasks: readonly unknown[];
  readonly error: { readonly code: string };
}

let room: TestRoom;
let call: (
  method: string,
  path: string,
  secret: string | undefined,
  body?: unknown,
) => Promise<{ status: number; body: Answer }>;
let admin: string;
let closing: (() => Promise<void>)[];

beforeEach(async () => {
  room = await openTestRoom();
  const folder = mkdtempSync(join(tmpdir(), 'cluster-routes-'));
  const database = await openTestDatabase(folder, { ...auditMigrations, ...accessMigrations });
  const access = new Access(new AccessStore(database), room.clock);
  const log = pino({ level: 'silent' });
  const http = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    uiFolder: undefined,
    version: '0',
    clock: room.clock,
    log,
  });
  const routes = createRoutes({
    app: http.app,
    access,
    audit: new AuditLog(database, room.clock),
    verifyAgent: secret => room.clusters.verifyAgent(secret),
    cookieName: () => 'session',
  });
  addClusterRoutes(routes, room.clusters);
  const { url } = await http.listen();
  admin = access.launchToken;
  call = async (method, path, secret, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  closing = [
    () => http.close(),
    () => database.close(),
    async () => rmSync(folder, { recursive: true }),
    () => room.close(),
  ];
});
afterEach(async () => {
  for (const step of closing) await step();
});

it('takes an agent from its join token to the result of a task, over plain requests', async () => {
  const token = await call('POST', '/api/v1/admin/enrolment/tokens', admin, { clusterName: 'shop' });
  expect(token).toMatchObject({ status: 200, body: { clusterName: 'shop' } });
  const enrolled = await call('POST', '/api/v1/client/enrol', undefined, {
    joinToken: token.body.token,
    agentVersion: '1.0.0',
    instanceId: 'i',
  });
  expect(enrolled.status).toBe(200);
  const { agentId, clusterId, key } = enrolled.body;
  const secret = `${agentId}.${key}`;
  expect((await call('GET', '/api/v1/client/tasks', `${agentId}.wrong`)).status).toBe(401);

  const batch = { bootEpoch: 1, messages: messages(1, snapshot(testNode('a'), testPod('p', 'a'))) };
  expect(await call('POST', '/api/v1/client/metrics', secret, batch)).toEqual({
    status: 200,
    body: { ackedSeq: 1, resync: false },
  });
  expect(
    (await call('POST', '/api/v1/client/events', secret, { ...batch, bootEpoch: 0 })).body.error.code,
  ).toBe('resource.conflict');
  const shown = await call('GET', `/api/v1/admin/clusters/${clusterId}`, admin);
  expect(shown.body).toMatchObject({
    summary: { name: 'shop', state: 'live', nodes: 1, pods: 1, costMicroUsdPerHour: null },
    nodes: [{ name: 'a', capacityType: 'spot', zone: 'eu-west-1a', requested: { cpuMilli: 500 } }],
    pods: [{ name: 'p', used: null }],
  });
  expect((await call('GET', '/api/v1/admin/clusters', admin)).body.clusters).toHaveLength(1);
  expect((await call('GET', '/api/v1/admin/clusters/none', admin)).status).toBe(404);

  const { taskId, epoch } = await room.clusters.sendTask(clusterId, {
    action: { kind: 'cordon', node: { name: 'a', uid: 'uid-a' } },
    deadlineMs: 60_000,
    dryRun: true,
  });
  const polled = await call('GET', '/api/v1/client/tasks', secret);
  expect(polled.body).toMatchObject({ tasks: [{ taskId, epoch, dryRun: true }], cancel: [] });
  const result = { taskId, epoch, state: 'done', detail: 'would cordon a', evicted: [], at: 1 };
  const results = `/api/v1/client/tasks/${taskId}/result`;
  expect((await call('POST', results, secret, { ...result, taskId: 'task-other' })).status).toBe(400);
  expect((await call('POST', results, secret, { ...result, epoch: 0 })).status).toBe(409);
  expect((await call('POST', results, secret, result)).body).toEqual({ ok: true });
  expect((await call('POST', results, secret, result)).body).toEqual({ ok: true });
  expect((await call('GET', '/api/v1/client/tasks', secret)).body.tasks).toEqual([]);

  expect((await call('POST', `/api/v1/admin/clusters/${clusterId}/revoke`, admin)).body).toEqual({
    ok: true,
  });
  expect((await call('GET', '/api/v1/client/tasks', secret)).status).toBe(401);
});
