import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import { messages, snapshot, testPod } from './testing/test-objects.ts';
import { openTestRoom, type TestRoom } from './testing/test-room.ts';
import { UsageStore } from './usage/usage-store.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(async () => {
  vi.useRealTimers();
  await room.close();
});

const used = { cpuMilli: 10, memoryBytes: 100 };
const pod = testPod('web', null);
const owned = { ...pod, ownerKind: 'StatefulSet', ownerName: 'web' };
const usage: AgentMessageBody = {
  kind: 'usage',
  nodes: [],
  pods: [{ namespace: 'shop', name: 'web', used, containers: [{ name: 'app', used }] }],
};

async function enrolMany(count: number) {
  const agents = [];
  for (let n = 0; n < count; n++) {
    const agent = await room.enrol(`shop-${n}`);
    await room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(1, snapshot(owned)) });
    agents.push(agent);
  }
  return agents;
}

it('commits usage of many clusters together, and refuses the batch of a revoked agent alone', async () => {
  const agents = await enrolMany(31);
  const [revoked] = agents;
  await room.clusters.revoke(revoked?.clusterId ?? '');
  const writes = vi.spyOn(room.database, 'write');
  const answers = await Promise.allSettled(
    agents.map(agent => room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(2, usage) })),
  );
  expect(writes).toHaveBeenCalledTimes(1);
  expect(answers[0]).toMatchObject({ status: 'rejected', reason: { code: 'access.unauthenticated' } });
  expect(answers.slice(1)).toEqual(
    agents.slice(1).map(() => ({ status: 'fulfilled', value: { ackedSeq: 2, resync: false } })),
  );
  const kept = await new UsageStore(room.database).journal(100);
  expect(kept.map(entry => entry.clusterId)).toEqual(agents.slice(1).map(agent => agent.clusterId));
});

it('holds usage to the rules of every batch: nothing twice, holes counted, no older start, by what is on disk', async () => {
  const [agent] = await enrolMany(1);
  if (!agent) throw new Error('none');
  const send = (bootEpoch: number, seq: number) =>
    room.clusters.agents.receive(agent, { bootEpoch, messages: messages(seq, usage) });
  expect(await send(1, 2)).toEqual({ ackedSeq: 2, resync: false });
  expect(await send(1, 2)).toEqual({ ackedSeq: 2, resync: false });
  // 3 and 4 never came; inventory may have been in them.
  expect(await send(1, 5)).toEqual({ ackedSeq: 5, resync: true });
  expect(room.clusters.summaries()[0]?.id).toBe(agent.clusterId);
  expect(await send(2, 1)).toEqual({ ackedSeq: 1, resync: true });
  await expect(send(1, 6)).rejects.toMatchObject({ code: 'resource.conflict' });
  expect(await new UsageStore(room.database).journal(100)).toHaveLength(3);
  const { folder } = room;
  await room.close(true);
  room = await openTestRoom({ folder });
  expect(await send(2, 1)).toEqual({ ackedSeq: 1, resync: true });
  expect(await new UsageStore(room.database).journal(100)).toHaveLength(3);
});

it('lets nothing urgent wait for the usage before it', async () => {
  const [agent] = await enrolMany(1);
  if (!agent) throw new Error('none');
  // Time stands still: what is gathered would wait for ever.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const event: AgentMessageBody = {
    kind: 'event',
    reason: 'SpotInterrupted',
    object: 'Node//n',
    message: 'gone in two minutes',
    severity: 'warning',
  };
  const first = room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(2, usage) });
  await new Promise(resolve => setImmediate(resolve));
  const second = room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(3, event) });
  expect([await first, await second].map(({ ackedSeq }) => ackedSeq)).toEqual([2, 3]);
});

it('gathers reports, and keeps an agent that catches up waiting for a moment only', async () => {
  const [agent] = await enrolMany(1);
  if (!agent) throw new Error('none');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const writes = vi.spyOn(room.database, 'write');
  const send = (seq: number) =>
    room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(seq, usage) });
  /** How many commits have begun by then. */
  const writesAfter = async (ms: number) => {
    await new Promise(resolve => setImmediate(resolve));
    vi.advanceTimersByTime(ms);
    return writes.mock.calls.length;
  };
  const alone = send(2);
  expect(await writesAfter(249)).toBe(0);
  expect(await writesAfter(1)).toBe(1);
  expect(await alone).toMatchObject({ ackedSeq: 2 });
  const catchesUp = send(3);
  expect(await writesAfter(2)).toBe(2);
  expect(await catchesUp).toMatchObject({ ackedSeq: 3 });
  room.clock.ms += 1_000;
  const later = send(4);
  expect(await writesAfter(2)).toBe(2);
  expect(await writesAfter(248)).toBe(3);
  expect(await later).toMatchObject({ ackedSeq: 4 });
});
