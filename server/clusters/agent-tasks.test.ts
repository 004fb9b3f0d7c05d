import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';
import { messages } from './testing/test-objects.ts';
import { type AgentSocket, eventually, next, openTestRoom, type TestRoom } from './testing/test-room.ts';

let room: TestRoom;
let heard: TaskResult[];
beforeEach(async () => {
  room = await openTestRoom();
  heard = [];
  room.clusters.onTaskResult((_, result) => heard.push(result));
});
afterEach(() => room.close());

const order = {
  action: { kind: 'cordon', node: { name: 'n', uid: 'u' } } as const,
  deadlineMs: 60_000,
  dryRun: false,
  actor: 'ada (token-1)',
};

function resultOf(task: { taskId: string; epoch: number }, change: Partial<TaskResult> = {}): TaskResult {
  return {
    taskId: task.taskId,
    epoch: task.epoch,
    state: 'done',
    detail: 'cordoned',
    evicted: [],
    at: 1,
    ...change,
  };
}

function report(socket: AgentSocket, seq: number, ...results: TaskResult[]) {
  return socket.timeout(5000).emitWithAck('messages', {
    bootEpoch: 1,
    messages: messages(seq, ...results.map(result => ({ kind: 'task.result', result }) as const)),
  });
}

it('writes the audit entry before the agent has the task, and numbers the orders of a cluster', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  const offered = next<AgentTask>(socket, 'task');
  const sent = await room.clusters.sendTask(enrolled.clusterId, order);
  const task = await offered;
  expect(task).toEqual({
    ...sent,
    deadlineAt: room.clock.ms + 60_000,
    dryRun: false,
    action: order.action,
  });
  expect(await room.audit.list(1)).toMatchObject([
    { actor: 'ada (token-1)', action: 'task.cordon', subject: enrolled.clusterId, detail: task },
  ]);
  const second = await room.clusters.sendTask(enrolled.clusterId, order);
  expect(second.epoch).toBe(sent.epoch + 1);
});

it('sends a task that has a name of its own once, whoever sends it again', async () => {
  const enrolled = await room.enrol();
  await room.connect(enrolled);
  const named = { ...order, taskId: 'task_of-a-notice' };
  const sent = await Promise.all([1, 2].map(() => room.clusters.sendTask(enrolled.clusterId, named)));
  const again = await room.clusters.sendTask(enrolled.clusterId, { ...named, deadlineMs: 1_000 });
  expect(new Set([...sent, again].map(({ taskId, epoch }) => `${taskId} ${epoch}`)).size).toBe(1);
  expect(await room.clusters.tasks(enrolled.clusterId, 10)).toHaveLength(1);
});

it('offers a task again after a reconnect and every 15 s, and takes its result once', async () => {
  const enrolled = await room.enrol();
  const first = await room.connect(enrolled);
  const offered = next<AgentTask>(first, 'task');
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  await offered;
  first.io.engine.close();

  const second = await room.connect(enrolled);
  expect(await next<AgentTask>(second, 'task')).toMatchObject(task);
  const offers: string[] = [];
  second.on('task', ({ taskId }) => offers.push(taskId));
  room.clock.ms += 14_000;
  await room.clusters.sweep();
  room.clock.ms += 1000;
  await room.clusters.sweep();
  await eventually(() => offers.length > 0);
  expect(offers).toEqual([task.taskId]);

  await report(second, 1, resultOf(task, { state: 'running', detail: '1 of 2' }));
  await report(second, 2, resultOf(task), resultOf(task), resultOf(task, { state: 'failed' }));
  await report(second, 2, resultOf(task));
  expect(heard.map(result => result.state)).toEqual(['running', 'done']);
  expect(await room.clusters.getTask(task.taskId)).toMatchObject({
    state: 'done',
    result: { state: 'done' },
  });
  room.clock.ms += 15_000;
  await room.clusters.sweep();
  second.disconnect();
  const third = await room.connect(enrolled);
  third.on('task', ({ taskId }) => offers.push(taskId));
  await report(third, 5, resultOf(task));
  expect(offers).toHaveLength(1);
});

it('takes a task result also across a hole', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  expect(await report(socket, 9, resultOf(task))).toEqual({ ackedSeq: 9, resync: true });
  expect(heard).toHaveLength(1);
});

it('refuses the result of another epoch and of another cluster', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  await report(socket, 1, resultOf(task, { epoch: task.epoch - 1 }));
  const other = await room.enrol('other');
  await expect(room.clusters.agents.receiveResult(other, resultOf(task))).rejects.toMatchObject({
    code: 'resource.not-found',
  });
  await expect(
    room.clusters.agents.receiveResult(enrolled, resultOf(task, { epoch: task.epoch - 1 })),
  ).rejects.toMatchObject({ code: 'resource.conflict' });
  expect(heard).toEqual([]);
  expect(await room.clusters.getTask(task.taskId)).toMatchObject({ state: 'queued' });
});

it('fails a task that nobody answered for 60 s past its deadline', async () => {
  const enrolled = await room.enrol();
  await room.connect(enrolled);
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  room.clock.ms += 120_000;
  await room.clusters.sweep();
  expect(heard).toEqual([]);
  room.clock.ms += 1;
  await room.clusters.sweep();
  expect(heard).toMatchObject([{ taskId: task.taskId, state: 'failed', detail: 'no answer from the agent' }]);
});

it('starts nothing in a cluster that is away', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  socket.disconnect();
  await eventually(() => {
    room.clock.ms += 31_000;
    return room.clusters.summaries()[0]?.state === 'away';
  });
  await expect(room.clusters.sendTask(enrolled.clusterId, order)).rejects.toMatchObject({
    code: 'cluster.away',
  });
  expect(await room.audit.list(10)).toEqual([]);
  expect(await room.clusters.agents.poll(enrolled)).toEqual({ tasks: [], cancel: [] });
});

it('cancels at once what was never offered, and asks the agent otherwise', async () => {
  const enrolled = await room.enrol();
  await room.clusters.agents.poll(enrolled);
  const unseen = await room.clusters.sendTask(enrolled.clusterId, order);
  await room.clusters.cancelTask(enrolled.clusterId, unseen.taskId);
  expect(heard).toMatchObject([{ taskId: unseen.taskId, state: 'cancelled' }]);

  const socket = await room.connect(enrolled);
  const task = await room.clusters.sendTask(enrolled.clusterId, order);
  const cancelled = next<string>(socket, 'task.cancel');
  await room.clusters.cancelTask(enrolled.clusterId, task.taskId, 'ada (token-1)');
  expect(await cancelled).toBe(task.taskId);
  expect(await room.clusters.agents.poll(enrolled)).toEqual({ tasks: [], cancel: [task.taskId] });
  expect(await room.audit.list(1)).toMatchObject([{ action: 'task.cancel', actor: 'ada (token-1)' }]);
  await report(socket, 1, resultOf(task, { state: 'cancelled' }));
  expect(heard.at(-1)).toMatchObject({ taskId: task.taskId, state: 'cancelled' });
});

it('fails the open tasks of an agent that is revoked', async () => {
  const enrolled = await room.enrol();
  await room.connect(enrolled);
  await room.clusters.sendTask(enrolled.clusterId, order);
  await room.clusters.revoke(enrolled.clusterId);
  expect(heard).toMatchObject([{ state: 'failed' }]);
});

it('refuses a deadline that was meant as a time of day', async () => {
  const enrolled = await room.enrol();
  await room.connect(enrolled);
  await expect(
    room.clusters.sendTask(enrolled.clusterId, { ...order, deadlineMs: room.clock.ms }),
  ).rejects.toMatchObject({ code: 'input.invalid' });
});
