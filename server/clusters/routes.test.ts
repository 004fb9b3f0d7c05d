import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestHttp, type TestHttp } from './testing/test-http.ts';
import { messages, snapshot, testNode, testPod } from './testing/test-objects.ts';
import { openTestRoom, type TestRoom } from './testing/test-room.ts';

let room: TestRoom;
let http: TestHttp;
beforeEach(async () => {
  room = await openTestRoom();
  http = await openTestHttp(room);
});
afterEach(async () => {
  await http.close();
  await room.close();
});

it('takes an agent from its join token to the result of a task, over plain requests', async () => {
  const { call, admin } = http;
  const poll =
    '/api/v1/client/tasks?protocolMin=3&protocolMax=3&agentVersion=1&instanceId=i&bootEpoch=1&lastAckedSeq=0';
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
  expect((await call('GET', poll, `${agentId}.wrong`)).status).toBe(401);

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
  const polled = await call('GET', poll, secret);
  expect(polled.body).toMatchObject({ tasks: [{ taskId, epoch, dryRun: true }], cancel: [] });
  const result = { taskId, epoch, state: 'done', detail: 'would cordon a', evicted: [], at: 1 };
  const results = `/api/v1/client/tasks/${taskId}/result`;
  expect((await call('POST', results, secret, { ...result, taskId: 'task-other' })).status).toBe(400);
  expect((await call('POST', results, secret, { ...result, epoch: 0 })).status).toBe(409);
  expect((await call('POST', results, secret, result)).body).toEqual({ ok: true });
  expect((await call('POST', results, secret, result)).body).toEqual({ ok: true });
  expect((await call('GET', poll, secret)).body.tasks).toEqual([]);

  expect((await call('POST', `/api/v1/admin/clusters/${clusterId}/revoke`, admin)).body).toEqual({
    ok: true,
  });
  expect((await call('GET', poll, secret)).status).toBe(401);
});
