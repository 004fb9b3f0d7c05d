import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../agent/connection/connect.ts';
import { openServerAccess } from '../../agent/connection/server-access.ts';
import { keepIdentity, loadIdentity, nextBoot, saveIdentity } from '../../agent/identity-store.ts';
import { createLog } from '../../agent/log.ts';
import { type Outbox, openOutbox } from '../../agent/outbox/outbox.ts';
import type { Transport } from '../../agent/settings.ts';
import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';
import type { Enrolled } from '../../server/clusters/index.ts';
import { openTestHttp, type TestHttp } from '../../server/clusters/testing/test-http.ts';
import { delta, snapshot, testNode } from '../../server/clusters/testing/test-objects.ts';
import { openTestRoom, type TestRoom } from '../../server/clusters/testing/test-room.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { startPlanWorld } from '../support/plan-world.ts';

let room: TestRoom;
let http: TestHttp;
let proxy: ConnectProxy;
let enrolled: Enrolled;
let folder: string;
let isBroken: boolean;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  isBroken = true;
  folder = mkdtempSync(join(tmpdir(), 'agent-transport-'));
  room = await openTestRoom();
  http = await openTestHttp(room);
  proxy = await startConnectProxy({ breaksWebSockets: () => isBroken });
  enrolled = await room.enrol();
  saveIdentity(folder, { ...enrolled, serverUrl: http.url, instanceId: 'i', bootEpoch: 0 });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await proxy.close();
  await http.close();
  await room.close();
  rmSync(folder, { recursive: true });
});

interface Agent {
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly tasks: AgentTask[];
  readonly cancelled: string[];
  readonly ended: Promise<string>;
  said(): string;
  key(): string;
}

/** The connection of an agent and its outbox, behind the proxy, as the agent holds them. */
function start(transport: Transport): Agent {
  const stored = loadIdentity(folder);
  if (!stored) throw new Error('there is no identity');
  const identity = nextBoot(folder, stored);
  const end = new AbortController();
  let said = '';
  const log = createLog(line => {
    said += line;
  }, Date.now);
  const outbox = openOutbox({
    ...{ dataFolder: folder, bootEpoch: identity.bootEpoch, maxBytes: 10_000_000, now: Date.now, log },
    onSnapshotDue: () => undefined,
  });
  const tasks: AgentTask[] = [];
  const cancelled: string[] = [];
  const keeper = keepIdentity(folder, identity);
  const connection = connect({
    identity: keeper,
    access: openServerAccess(http.url, new URL(proxy.url), undefined),
    ...{ transport, webSocketAgainMs: 100, outbox, log, random: Math.random, signal: end.signal },
    onConnected: () => undefined,
    onTask: task => void tasks.push(task),
    onUnreadableTask: () => undefined,
    onCancel: taskId => void cancelled.push(taskId),
    onResync: () => undefined,
  });
  const ended = connection.ended.then(
    () => 'stopped',
    (error: Error) => error.message,
  );
  closing.push(async () => {
    end.abort();
    await ended;
    await outbox.close();
  });
  return { connection, outbox, tasks, cancelled, ended, said: () => said, key: () => keeper.current.key };
}

const until = (check: () => boolean) => expect.poll(check, { timeout: 20_000, interval: 10 }).toBe(true);
const nodes = () => room.clusters.state(enrolled.clusterId)?.nodes.map(node => node.name) ?? [];
const order = {
  action: { kind: 'cordon', node: { name: 'n0', uid: 'uid-n0' } },
  deadlineMs: 60_000,
  dryRun: false,
} as const;

describe('an agent whose WebSockets do not get through', () => {
  it('reports by plain requests, hears of tasks at once, and goes back to WebSocket when that works', async () => {
    const agent = start('auto');
    await until(() => agent.connection.transport === 'http');
    expect(proxy.refusedUpgrades).toBeGreaterThanOrEqual(3);
    agent.outbox.enqueue(snapshot(testNode('n0')));
    for (let n = 1; n < 30; n++) agent.outbox.enqueue(delta([testNode(`n${n}`)]));
    await until(() => agent.outbox.size === 0);
    expect(nodes()).toHaveLength(30);

    await until(() => room.clusters.agents.isConnected(enrolled.clusterId));
    const task = await room.clusters.sendTask(enrolled.clusterId, order);
    await until(() => agent.tasks.length === 1);
    expect(agent.tasks).toMatchObject([task]);
    const { taskId, epoch } = task;
    const result: TaskResult = { taskId, epoch, state: 'running', detail: 'half', evicted: [], at: 1 };
    agent.outbox.enqueue({ kind: 'task.result', result });
    await until(() => agent.outbox.size === 0);
    await room.clusters.cancelTask(enrolled.clusterId, taskId);
    await until(() => agent.cancelled.includes(taskId));
    agent.outbox.enqueue({ kind: 'task.result', result: { ...result, state: 'cancelled' } });
    agent.outbox.enqueue({ kind: 'event', reason: 'r', object: 'o', message: 'm', severity: 'info' });
    await until(() => agent.outbox.size === 0);
    expect(await room.clusters.getTask(taskId)).toMatchObject({ state: 'cancelled' });
    expect(agent.tasks).toHaveLength(1);
    expect(agent.said()).toMatch(/WebSocket does not get through.*400/);

    isBroken = false;
    await until(() => agent.connection.transport === 'websocket');
    agent.outbox.enqueue(delta([testNode('last')]));
    await until(() => agent.outbox.size === 0);
    expect(nodes()).toHaveLength(31);
    expect(agent.said()).not.toContain(enrolled.key);
  });

  it('has the whole job done: a plan is carried out to its end by plain requests', async () => {
    const world = await startPlanWorld({ agentFlags: ['--proxy', proxy.url] });
    closing.push(() => world.close());
    const plans = await world.until(async () => {
      const found = await world.findPlans();
      return found.length > 0 ? found : undefined;
    }, 'A plan');
    const [plan] = plans.toSorted((one, other) => one.pods.length - other.pods.length);
    if (!plan) throw new Error('there is no plan');
    await world.call('POST', `/api/v1/optimization/plans/${plan.id}/approve`, {});
    const ended = await world.until(
      async () => {
        const now = await world.plan(plan.id);
        return ['approved', 'running'].includes(now.state) ? undefined : now;
      },
      'The end of the plan',
      240_000,
    );
    expect(ended).toMatchObject({ state: 'succeeded' });
    const node = plan.remove[0]?.name;
    const { cordons, deletions, evictions } = world.effects;
    expect({ cordons, deletions }).toEqual({ cordons: [node], deletions: [node] });
    expect(evictions.toSorted()).toEqual(expect.arrayContaining(plan.pods.map(({ uid }) => uid)));
    expect(world.agent.said()).toContain('by plain requests');
    expect(world.agent.said()).not.toContain('over WebSocket');
    expect(proxy.refusedUpgrades).toBeGreaterThanOrEqual(3);
  });
});

describe.each(['websocket', 'http'] as const)('an agent over %s', transport => {
  it('is cut within five seconds of its revocation, does not come back and gets no task', async () => {
    isBroken = false;
    const agent = start(transport);
    await until(() => agent.connection.transport === transport);
    await until(() => room.clusters.agents.isConnected(enrolled.clusterId));
    const revokedAt = performance.now();
    await room.clusters.revoke(enrolled.clusterId);
    expect(await agent.ended).toMatch(/turned this agent away \(revoked\).*enrol again/);
    expect(performance.now() - revokedAt).toBeLessThan(5_000);
    await expect(room.clusters.sendTask(enrolled.clusterId, order)).rejects.toMatchObject({
      code: 'cluster.away',
    });
    const again = start(transport);
    expect(await again.ended).toMatch(/\(revoked\)/);
    expect([...agent.tasks, ...again.tasks]).toEqual([]);
  });

  it('takes a new key while it is connected, and still connects when it was killed before it told', async () => {
    isBroken = false;
    const agent = start(transport);
    await until(() => room.clusters.agents.isConnected(enrolled.clusterId));
    await room.clusters.rotateKey(enrolled.clusterId);
    await until(() => agent.key() !== enrolled.key);
    const isKnown = (key: string) => room.clusters.verifyAgent(`${enrolled.agentId}.${key}`);
    await expect.poll(() => isKnown(enrolled.key), { timeout: 20_000 }).toBeUndefined();
    agent.outbox.enqueue(snapshot(testNode('n0')));
    await until(() => agent.outbox.size === 0);
    expect(agent.said()).not.toContain(agent.key());

    // A key of which the server has never heard, as after its disk was set back.
    const stored = loadIdentity(folder);
    if (!stored) throw new Error('there is no identity');
    await closing.pop()?.();
    saveIdentity(folder, { ...stored, key: 'never-heard-of', earlierKeys: [agent.key()] });
    const second = start(transport);
    await until(() => second.connection.transport === transport);
    expect(loadIdentity(folder)).toMatchObject({ key: agent.key(), bootEpoch: 2 });
    expect(loadIdentity(folder)?.earlierKeys).toBeUndefined();
  });
});
