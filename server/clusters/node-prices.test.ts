import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LiveDelta } from '../../common/live-topics.ts';
import type { NodePrice } from './node-prices.ts';
import { delta, messages, snapshot, testNode, testPod } from './testing/test-objects.ts';
import { eventually, openTestRoom, type TestRoom } from './testing/test-room.ts';

const provenance = { source: 'test', asOf: 1 };
let room: TestRoom;
let priceOf: (instanceType: string) => Promise<NodePrice>;
let asked: string[];
beforeEach(async () => {
  asked = [];
  priceOf = async () => ({ unknown: 'not set' });
  room = await openTestRoom({
    priceOfNode: ({ instanceType }) => {
      asked.push(instanceType);
      return priceOf(instanceType);
    },
  });
});
afterEach(() => room.close());

function typed(name: string, instanceType: string | undefined) {
  const { labels } = testNode(name);
  const { 'node.kubernetes.io/instance-type': _, ...rest } = labels;
  return testNode(name, {
    labels: instanceType === undefined ? rest : { ...rest, 'node.kubernetes.io/instance-type': instanceType },
  });
}

it('sums the known prices, counts the unknown ones, and never takes unknown for zero', async () => {
  const answers: Record<string, NodePrice | Error> = {
    known: { priceMicroUsdPerHour: 40_000, provenance },
    unknown: { unknown: 'no such pool' },
    zero: { priceMicroUsdPerHour: 0, provenance },
    negative: { priceMicroUsdPerHour: -5, provenance },
    nan: { priceMicroUsdPerHour: Number.NaN, provenance },
    throws: new Error('the market is closed'),
  };
  priceOf = async type => {
    const answer = answers[type] ?? { unknown: 'none' };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const agent = await room.enrol();
  const types = ['unknown', 'zero', 'negative', 'nan', 'throws', undefined];
  const nodes = types.map((type, index) => typed(`n${index}`, type));
  await room.clusters.agents.receive(agent, { bootEpoch: 1, messages: messages(1, snapshot(...nodes)) });
  const settled = () =>
    room.clusters
      .state(agent.clusterId)
      ?.nodes.every(node => !node.priceUnknownReason?.includes('looked up')) ?? false;
  await eventually(settled);
  expect(room.clusters.summaries()).toMatchObject([{ costMicroUsdPerHour: null, nodesWithUnknownPrice: 6 }]);
  for (const node of room.clusters.state(agent.clusterId)?.nodes ?? []) {
    expect(node.priceMicroUsdPerHour).toBeNull();
    expect(node.priceProvenance).toBeNull();
    expect(node.priceUnknownReason).toMatch(/\.$|no such pool|closed/);
  }

  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(2, delta([typed('k1', 'known'), typed('k2', 'known')])),
  });
  await eventually(settled);
  expect(room.clusters.summaries()).toMatchObject([
    { costMicroUsdPerHour: 80_000, nodesWithUnknownPrice: 6 },
  ]);
  expect(asked.filter(type => type === 'known')).toHaveLength(1);
});

it('looks prices up again after a minute and tells who watches, only what changed and gathered', async () => {
  let price = 40_000;
  priceOf = async () => ({ priceMicroUsdPerHour: price, provenance });
  const agent = await room.enrol();
  await room.clusters.agents.receive(agent, {
    bootEpoch: 1,
    messages: messages(1, snapshot(typed('a', 'm5.large'), testPod('p', 'a'), testPod('q', 'a'))),
  });
  await eventually(() => room.clusters.summaries()[0]?.costMicroUsdPerHour === 40_000);
  await new Promise(resolve => setTimeout(resolve, 600));

  const batches: LiveDelta[] = [];
  const subscriber = room.live.connect(async batch => void batches.push(...batch));
  const topic = `cluster/${agent.clusterId}`;
  const answer = await room.live.subscribe(subscriber, { topic });
  const keys = answer.ok && 'snapshot' in answer ? answer.snapshot.values.map(({ key }) => key) : [];
  expect(keys.toSorted()).toEqual(['agent', 'node/a', 'summary']);
  await room.live.subscribe(subscriber, { topic: 'clusters' });

  price = 50_000;
  room.clock.ms += 60_000;
  await room.clusters.sweep();
  const changes = (name: string) => batches.filter(b => b.topic === name).flatMap(b => b.changes);
  const costs = () =>
    changes('clusters').map(({ value }) => (value as { costMicroUsdPerHour: number }).costMicroUsdPerHour);
  await eventually(() => changes(topic).some(({ key }) => key === 'node/a') && costs().at(-1) === 50_000);
  // A summary may be told twice where a database is slow; no pod and no other node may.
  expect([...new Set(changes(topic).map(({ key }) => key))]).toEqual(['summary', 'node/a']);
  expect(changes('clusters').at(-1)).toMatchObject({
    key: agent.clusterId,
    value: { costMicroUsdPerHour: 50_000 },
  });

  batches.length = 0;
  const startedAt = performance.now();
  for (let seq = 2; seq < 42; seq++) {
    await room.clusters.agents.receive(agent, {
      bootEpoch: 1,
      messages: messages(
        seq,
        delta([testPod('p', 'a', { labels: { seq: `${seq}` }, priority: seq })], ['Pod/shop/q']),
      ),
    });
  }
  await new Promise(resolve => setTimeout(resolve, 600));
  const rounds = Math.ceil((performance.now() - startedAt) / 250) + 1;
  // Pods are asked for page by page: the topic tells none.
  expect(changes(topic).filter(({ key }) => key.startsWith('pod/'))).toEqual([]);
  expect(changes(topic).length).toBeLessThanOrEqual(rounds * 3);
});

it('keeps a cost sample for each minute in which the agent was there', async () => {
  priceOf = async () => ({ priceMicroUsdPerHour: 40_000, provenance });
  const agent = await room.enrol();
  const report = (seq: number) =>
    room.clusters.agents.receive(agent, {
      bootEpoch: 1,
      messages: messages(
        seq,
        seq === 1 ? snapshot(typed('a', 'm5.large'), typed('b', undefined)) : delta([]),
      ),
    });
  await report(1);
  await eventually(() => room.clusters.summaries()[0]?.costMicroUsdPerHour === 40_000);
  const fromMs = room.clock.ms;
  room.clock.ms += 60_000;
  await report(2);
  await room.clusters.sweep();
  await room.clusters.sweep();
  room.clock.ms += 60_000;
  await room.clusters.sweep();
  expect(await room.clusters.costHistory(fromMs, room.clock.ms + 1)).toEqual([
    { atMs: Math.floor((fromMs + 60_000) / 60_000) * 60_000, costMicroUsdPerHour: 40_000 },
  ]);
  expect(await room.clusters.costHistory(0, fromMs)).toEqual([]);
});
