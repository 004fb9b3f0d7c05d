import { afterEach, beforeEach, expect, it } from 'vitest';
import type {
  AgentMessageBody,
  InventoryPod,
  InventoryWorkload,
} from '../../../common/agent-protocol/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { delta, messages, snapshot, testNode, testPod } from '../testing/test-objects.ts';
import { openTestRoom, type TestRoom } from '../testing/test-room.ts';
import { countUsage } from './count-usage.ts';
import { Usage } from './usage.ts';
import { USAGE_KEPT_DAYS, UsageStore } from './usage-store.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

const WINDOW = { windowDays: 14, cpuPercentile: 0.95, memoryPercentile: 1, recentDays: 2 };
const replicaSet: InventoryWorkload = {
  kind: 'ReplicaSet',
  namespace: 'shop',
  name: 'web',
  uid: 'rs',
  replicas: 2,
  readyReplicas: 2,
  ownerKind: 'Deployment',
  ownerName: 'web',
};

function pod(name: string, change: Partial<InventoryPod> = {}): InventoryPod {
  return testPod(name, 'n', {
    containers: [{ name: 'app', requests: {}, limits: {}, startedAt: 0 }],
    ...change,
  });
}

function usage(cpuMilli: number, ...pods: string[]): AgentMessageBody {
  const used = { cpuMilli, memoryBytes: 2 ** 30 };
  return {
    kind: 'usage',
    nodes: [],
    pods: pods.map(name => ({ namespace: 'shop', name, used, containers: [{ name: 'app', used }] })),
  };
}

/** Sends bodies at the present time; returns what is known then. */
async function say(
  agent: { agentId: string; clusterId: string },
  seq: number,
  ...bodies: AgentMessageBody[]
) {
  const at = room.clock.ms;
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(seq, ...bodies).map(message => ({ ...message, at })),
  });
  return (await room.clusters.usage.profiles(agent.clusterId, WINDOW)).profiles;
}

it('keeps usage by container under the Deployment, and counts a batch that is sent again once', async () => {
  const agent = await room.enrol();
  const first = [snapshot(testNode('n'), pod('a'), pod('b'), replicaSet), usage(100, 'a', 'b', 'gone')];
  await say(agent, 1, ...first);
  await say(agent, 1, ...first, usage(200, 'a', 'b'));
  const [profile, ...others] = await say(agent, 1, ...first, usage(200, 'a', 'b'));
  expect(others).toEqual([]);
  expect(profile).toMatchObject({
    workload: 'Deployment/shop/web',
    container: 'app',
    samples: 4,
    cpuMilli: { max: 200, mean: 150 },
    memoryBytes: { max: 2 ** 30 },
    pods: { min: 2, max: 2 },
    startUp: null,
  });
});

it('counts nothing twice when counting is cut off half-way', async () => {
  const agent = await room.enrol();
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(1, snapshot(testNode('n'), pod('a'), replicaSet), usage(100, 'a')).map(one => ({
      ...one,
      at: room.clock.ms,
    })),
  });
  const store = new UsageStore(room.database);
  // Everything but the last step: the journal stays.
  const cutOff = Object.assign(Object.create(store), {
    journal: (limit: number) => store.journal(limit),
    series: (id: string) => store.series(id),
    addSeries: (id: string, series: never) => store.addSeries(id, series),
    rewriteDays: (blocks: never, change: never) => store.rewriteDays(blocks, change),
    dropJournal: () => Promise.reject(new Error('killed')),
  }) as UsageStore;
  await expect(countUsage(cutOff)).rejects.toThrow('killed');
  expect(await store.journal(10)).toHaveLength(1);
  const { profiles } = await room.clusters.usage.profiles(agent.clusterId, WINDOW);
  expect(profiles).toMatchObject([{ samples: 1 }]);
  expect(await store.journal(10)).toEqual([]);
  // An id that was used is never used again, or the day would take a new entry for a counted one.
  expect(await say(agent, 3, usage(100, 'a'))).toMatchObject([{ samples: 2 }]);
});

it('keeps start-ups apart, and every kill for want of memory once', async () => {
  const agent = await room.enrol();
  const startedAt = room.clock.ms - MS_PER_MINUTE;
  const oomKilledAt = startedAt - 1000;
  const killed = pod('a', {
    containers: [{ name: 'app', requests: {}, limits: { memoryBytes: 2 ** 29 }, startedAt, oomKilledAt }],
  });
  const [profile] = await say(agent, 1, snapshot(testNode('n'), killed, replicaSet), usage(900, 'a'));
  expect(profile).toMatchObject({ cpuMilli: null, startUp: { cpuMilli: 900, memoryBytes: 2 ** 30 } });
  room.clock.ms += 10 * MS_PER_MINUTE;
  // The pod goes and comes again with the same kill, as in a snapshot of several parts.
  await say(agent, 3, snapshot(testNode('n'), replicaSet), delta([killed]), usage(100, 'a'));
  const { profiles, kills } = await room.clusters.usage.profiles(agent.clusterId, WINDOW);
  expect(profiles[0]).toMatchObject({ cpuMilli: { max: 100 }, startUp: { cpuMilli: 900 } });
  expect(kills).toMatchObject([{ workload: 'Deployment/shop/web', at: oomKilledAt, memoryBytes: 2 ** 29 }]);
});

it('puts what was kept back during an outage on its own day, and forgets days after a while', async () => {
  const agent = await room.enrol();
  await say(agent, 1, snapshot(testNode('n'), pod('a'), replicaSet), usage(100, 'a'));
  const late = messages(3, usage(300, 'a')).map(one => ({ ...one, at: room.clock.ms - MS_PER_DAY }));
  await room.clusters.agents.receive(agent, { bootEpoch: 1, messages: late });
  const days = () => room.clusters.usage.days(agent.clusterId, 'Deployment/shop/web', 'app');
  expect((await days()).map(day => day.cpuMilli?.max)).toEqual([300, 100]);
  const keeper = new Usage(room.database, room.clock);
  room.clock.ms += USAGE_KEPT_DAYS * MS_PER_DAY;
  await keeper.sweep();
  expect((await new UsageStore(room.database).series(agent.clusterId)).length).toBe(1);
  room.clock.ms += 16 * MS_PER_DAY;
  await keeper.sweep();
  expect(await new UsageStore(room.database).series(agent.clusterId)).toEqual([]);
});

it('takes the runs of a CronJob together, and leaves pods of their own out', async () => {
  const agent = await room.enrol();
  const run = (name: string) => pod(name, { ownerKind: 'Job', ownerName: `report-${name}` });
  const objects = [run('29410001'), run('29410002'), pod('alone', { ownerKind: null, ownerName: null })];
  const profiles = await say(
    agent,
    1,
    snapshot(testNode('n'), ...objects),
    usage(100, '29410001', '29410002', 'alone'),
  );
  expect(profiles.map(({ workload, samples }) => ({ workload, samples }))).toEqual([
    { workload: 'CronJob/shop/report', samples: 2 },
  ]);
});
