import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BatchAnswer } from '../../common/agent-protocol/index.ts';
import { refuseVersion } from './admit-agent.ts';
import { delta, messages, snapshot, testNode, testPod } from './testing/test-objects.ts';
import { eventually, helloOf, next, openTestRoom, type TestRoom } from './testing/test-room.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

it('refuses each wrong handshake by its code', async () => {
  const enrolled = await room.enrol();
  const refused = async (change: object) =>
    room.connect(enrolled, change).then(
      () => 'connected',
      (error: Error) => error.message,
    );
  expect(await refused({ key: 'wrong' })).toBe('unauthenticated');
  expect(await refused({ agentId: 'agent-none' })).toBe('unauthenticated');
  expect(await refused({ clusterId: 'cluster-none' })).toBe('unauthenticated');
  expect(await refused({ protocolMin: 99, protocolMax: 99 })).toBe('protocol-too-new');
  expect(await refused({ protocolMin: 0, protocolMax: 0 })).toBe('protocol-too-old');
  expect(await refused({ protocolMin: '1' })).toBe('malformed');
  expect(await refused({ bootEpoch: null })).toBe('malformed');
  await room.connect(enrolled, { bootEpoch: 5 });
  expect(await refused({ bootEpoch: 4 })).toBe('superseded');
});

it('speaks its version and the two before it', () => {
  const server = { oldest: 3, newest: 5 };
  const verdict = (protocolMin: number, protocolMax: number) =>
    refuseVersion({ protocolMin, protocolMax }, server)?.refusal;
  expect([3, 4, 5].map(version => verdict(version, version))).toEqual([undefined, undefined, undefined]);
  expect(verdict(2, 2)).toBe('protocol-too-old');
  expect(verdict(6, 6)).toBe('protocol-too-new');
  expect(verdict(1, 9)).toBeUndefined();
});

it('cuts a live socket at revocation, and refuses the agent afterwards', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  const cut = next<string>(socket, 'disconnect');
  const startedAt = performance.now();
  await room.clusters.revoke(enrolled.clusterId);
  expect(await cut).toBe('io server disconnect');
  expect(performance.now() - startedAt).toBeLessThan(5000);
  await expect(room.connect(enrolled)).rejects.toThrow('revoked');
  expect(room.clusters.summaries()).toMatchObject([{ state: 'revoked' }]);
  await expect(room.clusters.verifyAgent(`${enrolled.agentId}.${enrolled.key}`)).resolves.toBe('revoked');
  const order = { action: cordon, deadlineMs: 1000, dryRun: false };
  await expect(room.clusters.sendTask(enrolled.clusterId, order)).rejects.toMatchObject({
    code: 'cluster.away',
  });
});
const cordon = { kind: 'cordon', node: { name: 'n', uid: 'u' } } as const;

it('cuts an agent that was revoked between its handshake and its connection', async () => {
  const enrolled = await room.enrol();
  const admission = await room.clusters.agents.admit(helloOf(enrolled));
  expect(admission.ok).toBe(true);
  await room.clusters.revoke(enrolled.clusterId);
  let isCut = false;
  const link = {
    agentId: enrolled.agentId,
    clusterId: enrolled.clusterId,
    bootEpoch: 1,
    isPoll: false,
    takesKeys: false,
    offerKey: async () => false,
    offer: () => undefined,
    cancel: () => undefined,
    resync: () => undefined,
    cut: () => {
      isCut = true;
    },
  };
  expect(room.clusters.agents.attach(link)).toBe(false);
  expect(isCut).toBe(true);
});

it('lets a second connection of an agent take the place of the first', async () => {
  const enrolled = await room.enrol();
  const first = await room.connect(enrolled);
  const cut = next<string>(first, 'disconnect');
  const second = await room.connect(enrolled, { bootEpoch: 2 });
  expect(await cut).toBe('io server disconnect');
  expect(second.connected).toBe(true);
  expect(room.clusters.summaries()).toMatchObject([{ state: 'live', agentVersion: '1.0.1' }]);
});

it('fences the batches of an earlier start off', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled, { bootEpoch: 2 });
  const cut = next<string>(socket, 'disconnect');
  socket.emit(
    'messages',
    { bootEpoch: 1, messages: messages(1, snapshot(testNode('old'))) },
    () => undefined,
  );
  expect(await cut).toBe('io server disconnect');
  expect(room.clusters.state(enrolled.clusterId)).toBeUndefined();
});

it('ends a connection that sends what cannot be read, and stores nothing of it', async () => {
  const enrolled = await room.enrol();
  for (const batch of [
    null,
    {},
    { bootEpoch: 1, messages: [] },
    { bootEpoch: 1, messages: [{ seq: 0, at: 1, body: snapshot() }] },
    { bootEpoch: 1, messages: [{ seq: 1, at: 1, body: { kind: 'shell', command: 'rm' } }] },
    { bootEpoch: 1, messages: [{ seq: 1, at: 1, body: { ...snapshot(), objects: [{ kind: 'Secret' }] } }] },
  ]) {
    const socket = await room.connect(enrolled);
    const cut = next<string>(socket, 'disconnect');
    socket.emit('messages', batch as never, () => undefined);
    expect(await cut).toBe('io server disconnect');
  }
  expect(room.clusters.state(enrolled.clusterId)).toBeUndefined();
});

it('loses and doubles nothing when connections die before the acknowledgement and everything is sent again', async () => {
  const enrolled = await room.enrol();
  const all = messages(
    1,
    snapshot(testNode('n0')),
    ...Array.from({ length: 99 }, (_, index) =>
      delta([testPod(`p${index}`, 'n0')], [`Pod/shop/p${index - 50}`]),
    ),
  );
  let acked = 0;
  for (let turn = 0; acked < all.length; turn++) {
    const socket = await room.connect(enrolled, { lastAckedSeq: acked });
    const batch = { bootEpoch: 1, messages: all.slice(acked, acked + 15) };
    if (turn % 2 === 0) {
      // Dies without having read the answer; whether the server committed is anybody's guess.
      socket.emit('messages', batch, () => undefined);
      await new Promise(resolve => setTimeout(resolve, turn % 4 === 0 ? 0 : 10));
      socket.io.engine.close();
      continue;
    }
    const answer: BatchAnswer = await socket.timeout(5000).emitWithAck('messages', batch);
    expect(answer.resync).toBe(false);
    acked = answer.ackedSeq;
    socket.disconnect();
  }
  const pods = room.clusters.state(enrolled.clusterId)?.inventory.pods.map(pod => pod.name);
  expect(pods?.toSorted()).toEqual(Array.from({ length: 50 }, (_, index) => `p${index + 49}`).toSorted());
});

it('asks for a snapshot after a hole, and passes over deltas until it comes', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  const say = (seq: number, ...bodies: Parameters<typeof messages>[1][]): Promise<BatchAnswer> =>
    socket.timeout(5000).emitWithAck('messages', { bootEpoch: 1, messages: messages(seq, ...bodies) });
  expect(await say(1, snapshot(testNode('a')))).toEqual({ ackedSeq: 1, resync: false });
  expect(await say(3, delta([testNode('b')]))).toEqual({ ackedSeq: 3, resync: true });
  expect(await say(4, delta([testNode('c')]))).toEqual({ ackedSeq: 4, resync: true });
  const nodes = () => room.clusters.state(enrolled.clusterId)?.nodes.map(node => node.name);
  expect(nodes()).toEqual(['a']);
  expect(await say(5, snapshot(testNode('b')), delta([testNode('d')]))).toEqual({
    ackedSeq: 6,
    resync: false,
  });
  expect(nodes()).toEqual(['b', 'd']);
  socket.disconnect();

  const restarted = room.dial(helloOf(enrolled, { bootEpoch: 2 }));
  await next(restarted, 'resync');
});

it('shows a cluster at once after a restart of the engine, as old as it is, and away after 30 s', async () => {
  const enrolled = await room.enrol();
  const socket = await room.connect(enrolled);
  await socket.timeout(5000).emitWithAck('messages', {
    bootEpoch: 1,
    messages: messages(1, snapshot(testNode('a'), testPod('p', 'a'))),
  });
  const asOf = room.clock.ms;
  await room.close(true);
  room = await openTestRoom({ folder: room.folder });
  room.clock.ms = asOf + 30_000;
  expect(room.clusters.summaries()).toMatchObject([{ state: 'live', nodes: 1, pods: 1 }]);
  room.clock.ms++;
  expect(room.clusters.state(enrolled.clusterId)).toMatchObject({
    cluster: { state: 'away', lastSeenAt: asOf },
    nodes: [{ name: 'a', requested: { cpuMilli: 500, memoryBytes: 1_000_000_000, pods: 1 }, used: null }],
    asOf,
  });
  const again = await room.connect(enrolled, { lastAckedSeq: 1 });
  await eventually(() => room.clusters.summaries()[0]?.state === 'live');
  const answer = await again.timeout(5000).emitWithAck('messages', {
    bootEpoch: 1,
    messages: messages(1, snapshot()).concat(messages(2, delta([testNode('b')]))),
  });
  expect(answer).toEqual({ ackedSeq: 2, resync: false });
  expect(room.clusters.state(enrolled.clusterId)?.nodes.map(node => node.name)).toEqual(['a', 'b']);
});

describe('replicas that lead in turns', () => {
  async function enrolTwo() {
    const { token } = await room.clusters.createJoinToken('shop', 2);
    const enrol = (instanceId: string) =>
      room.clusters.enrol({ joinToken: token, agentVersion: '1.0.0', instanceId });
    return [await enrol('a'), await enrol('b')] as const;
  }

  it('are admitted in the order of their epochs, and a new leader takes the place of the one before', async () => {
    const [a, b] = await enrolTwo();
    await expect(room.connect(a)).rejects.toThrow('superseded');
    const first = await room.connect(a, { leaderEpoch: 7 });
    const cut = next<string>(first, 'disconnect');
    await expect(room.connect(b, { leaderEpoch: 7 })).rejects.toThrow('superseded');
    await expect(room.connect(b, { leaderEpoch: 6 })).rejects.toThrow('superseded');
    const second = await room.connect(b, { leaderEpoch: 8 });
    expect(await cut).toBe('io server disconnect');
    await expect(room.connect(a, { leaderEpoch: 7 })).rejects.toThrow('superseded');
    expect(second.connected).toBe(true);
    // After a loss of its connection, too, and when it leads once more.
    second.disconnect();
    expect((await room.connect(b, { leaderEpoch: 8 })).connected).toBe(true);
    expect((await room.connect(a, { leaderEpoch: 9, bootEpoch: 2 })).connected).toBe(true);
  });

  it('have no say any more once another leads, whatever carries their messages', async () => {
    const [a, b] = await enrolTwo();
    await room.connect(a, { leaderEpoch: 7 });
    const second = await room.connect(b, { leaderEpoch: 8 });
    await second
      .timeout(5000)
      .emitWithAck('messages', { bootEpoch: 1, messages: messages(1, snapshot(testNode('new'))) });
    const identity = { agentId: a.agentId, clusterId: a.clusterId };
    const late = { bootEpoch: 1, messages: messages(1, snapshot(testNode('old'))) };
    await expect(room.clusters.agents.receive(identity, late)).rejects.toMatchObject({
      code: 'resource.conflict',
    });
    expect(room.clusters.state(a.clusterId)?.nodes.map(node => node.name)).toEqual(['new']);
  });

  it('do not push a newer leader out that came while they were on their way in', async () => {
    const [a, b] = await enrolTwo();
    const cuts: string[] = [];
    const link = (agentId: string, leaderEpoch: number) => ({
      ...{ agentId, clusterId: a.clusterId, bootEpoch: 1, leaderEpoch },
      ...{ offer: () => undefined, cancel: () => undefined, resync: () => undefined },
      ...{ isPoll: false, takesKeys: false, offerKey: async () => false },
      cut: () => void cuts.push(agentId),
    });
    expect(room.clusters.agents.attach(link(b.agentId, 8))).toBe(true);
    expect(room.clusters.agents.attach(link(a.agentId, 7))).toBe(false);
    expect(cuts).toEqual([a.agentId]);
  });
});
