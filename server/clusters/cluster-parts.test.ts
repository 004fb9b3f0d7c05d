import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import type { AgentHealth } from '../../common/contracts/index.ts';
import { delta, messages, snapshot, testNode, testPod } from './testing/test-objects.ts';
import { openTestRoom, type TestRoom } from './testing/test-room.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

const workload = (kind: 'Deployment' | 'ReplicaSet', name: string, replicas: number, owner?: string) => ({
  kind,
  namespace: 'shop',
  name,
  uid: `uid-${kind}-${name}`,
  replicas,
  readyReplicas: replicas,
  ownerKind: owner === undefined ? null : 'Deployment',
  ownerName: owner ?? null,
});
const event = (reason: string): AgentMessageBody => ({
  kind: 'event',
  reason,
  object: 'Node//a',
  message: 'two minutes',
  severity: 'warning',
});

it('tells pods page by page in the order of their keys, each once, and those of one node', async () => {
  const agent = await room.enrol();
  const names = Array.from({ length: 25 }, (_, n) => `p-${n}`);
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(
      1,
      snapshot(
        testNode('a'),
        testNode('b'),
        ...names.map((name, n) => testPod(name, n % 5 === 0 ? 'b' : 'a')),
      ),
    ),
  });
  const seen: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 3; pages++) {
    const page = room.clusters.pods(agent.clusterId, { limit: 10, after });
    seen.push(...page.rows.map(({ name }) => name));
    expect(page.next === null).toBe(pages === 2);
    after = page.next ?? undefined;
  }
  expect(seen).toEqual(names.toSorted());
  expect(room.clusters.pods(agent.clusterId, { limit: 100, node: 'b' }).rows).toHaveLength(5);
  expect(() => room.clusters.pods('none', { limit: 10 })).toThrow('There is no cluster "none"');
});

it('sums workloads past their ReplicaSets, without pods that have ended, and says where use is unknown', async () => {
  const agent = await room.enrol();
  const report = (...bodies: AgentMessageBody[]) =>
    room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(1, ...bodies) });
  const owned = { ownerKind: 'ReplicaSet', ownerName: 'web-1' };
  await report(
    snapshot(
      testNode('a'),
      testNode('b'),
      workload('Deployment', 'web', 3),
      workload('ReplicaSet', 'web-1', 3, 'web'),
      testPod('p', 'a', owned),
      testPod('q', 'b', owned),
      testPod('r', null, owned),
      testPod('over', 'a', { ...owned, phase: 'Succeeded' }),
      testPod('bare', 'a', { ownerKind: null, ownerName: null }),
    ),
    {
      kind: 'usage',
      nodes: [],
      pods: [{ namespace: 'shop', name: 'p', used: { cpuMilli: 100, memoryBytes: 5 } }],
    },
  );
  const { rows, next } = room.clusters.workloads(agent.clusterId, { limit: 10 });
  expect(next).toBeNull();
  expect(rows).toMatchObject([
    {
      key: 'Deployment/shop/web',
      replicas: 3,
      pods: 3,
      readyPods: 2,
      pendingPods: 1,
      nodes: 2,
      requests: { cpuMilli: 1500, memoryBytes: 3_000_000_000 },
      used: { cpuMilli: 100, memoryBytes: 5 },
      measuredPods: 1,
    },
    { key: 'Pod/shop/bare', replicas: null, pods: 1, used: null, measuredPods: 0 },
  ]);
});

it('keeps what happened: told by the agent once, and seen in what changed; the first picture is no news', async () => {
  const agent = await room.enrol();
  const container = { name: 'web', requests: {}, limits: { memoryBytes: 7 } };
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(
      1,
      { ...snapshot(testNode('a')), more: true } as AgentMessageBody,
      delta([testNode('c'), testPod('p', 'a', { containers: [container] })]),
      event('SpotInterrupted'),
    ),
  });
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(
      4,
      event('SpotInterrupted'),
      delta(
        [testNode('b'), testPod('p', 'a', { containers: [{ ...container, oomKilledAt: 9 }] })],
        ['Node//a'],
      ),
    ),
  });
  const reasons = async (limit: number, before?: number) =>
    (await room.clusters.events(agent.clusterId, limit, before)).map(({ seq, reason }) => `${seq} ${reason}`);
  const told = await reasons(10);
  expect(told.toSorted()).toEqual(['1 SpotInterrupted', '2 NodeGone', '3 NodeJoined', '4 OOMKilled']);
  expect(await reasons(2, 3)).toEqual(['2 NodeGone', '1 SpotInterrupted']);
});

it('tells each report of a task as a step, newest task first', async () => {
  const agent = await room.enrol();
  const socket = await room.connect(agent);
  const order = { deadlineMs: 60_000, dryRun: false } as const;
  const node = { name: 'a', uid: 'uid-a' };
  const first = await room.clusters.sendTask(agent.clusterId, {
    ...order,
    action: { kind: 'drain', node, deleteLocalStorage: false },
  });
  await room.clusters.sendTask(agent.clusterId, { ...order, action: { kind: 'cordon', node } });
  const report = (state: 'running' | 'done', detail: string) =>
    room.clusters.agents.receiveResult(agent, { ...first, state, detail, evicted: [], at: 1 });
  await report('running', '1 of 2 pods evicted');
  await report('running', '2 of 2 pods evicted');
  await report('done', 'drained');
  await report('done', 'drained');
  expect(await room.clusters.tasks(agent.clusterId, 10)).toMatchObject([
    { kind: 'cordon', object: 'Node//a', state: 'queued', detail: null, steps: [] },
    {
      kind: 'drain',
      state: 'done',
      detail: 'drained',
      steps: [
        { state: 'running', detail: '1 of 2 pods evicted' },
        { state: 'running', detail: '2 of 2 pods evicted' },
        { state: 'done', detail: 'drained' },
      ],
    },
  ]);
  expect(await room.clusters.tasks(agent.clusterId, 10, 2)).toHaveLength(1);
  socket.disconnect();
});

it('knows how the agent is: protocol, outbox, what it dropped and what never came, also after a restart', async () => {
  const agent = await room.enrol();
  const health = async (from: TestRoom) => {
    const answer = await from.live.subscribe(
      from.live.connect(async () => undefined),
      { topic: `cluster/${agent.clusterId}` },
    );
    const values = answer.ok && 'snapshot' in answer ? answer.snapshot.values : [];
    return values.find(({ key }) => key === 'agent')?.value as AgentHealth;
  };
  const socket = await room.connect(agent, { protocolMax: 3 });
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: [...messages(1, snapshot(testNode('a'))), ...messages(5, event('SpotInterrupted'))],
    outbox: { waiting: 7, dropped: { usage: 3 } },
  });
  expect(await health(room)).toMatchObject({
    isConnected: true,
    protocol: 3,
    kubernetesVersion: 'v1.35.0',
    outboxMessages: 7,
    droppedMessages: { usage: 3 },
    missedMessages: 3,
    usageAt: null,
    events: 1,
  });
  socket.disconnect();
  const { folder } = room;
  await room.close(true);
  room = await openTestRoom({ folder });
  // What it dropped it will tell again; nothing is made up until then.
  expect(await health(room)).toMatchObject({
    isConnected: false,
    protocol: 3,
    outboxMessages: null,
    droppedMessages: null,
    missedMessages: 3,
    events: 1,
  });
});
