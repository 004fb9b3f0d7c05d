import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentTask, TaskAction } from '../../common/agent-protocol/index.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** Real agents that lead in turns, and agents that come back without their disk or have lost their server. */
let world: AgentWorld;
let cluster: AgentWorld['cluster'];
let server: AgentWorld['server'];

beforeEach(async () => {
  world = await startAgentWorld();
  ({ cluster, server } = world);
});
afterEach(() => world.close());

const leaseSeconds = 6;

/** A replica with a disk of its own. */
function startReplica(name: string): AgentProcess {
  const data = join(world.folder, name);
  return world.start([
    ...['--join', 'token', '--data', data, '--leader-election', '--namespace', 'cloudoptim'],
    ...['--lease-seconds', String(leaseSeconds)],
  ]);
}

let epoch = 0;
function order(action: TaskAction, deadlineMs = 120_000): AgentTask {
  epoch++;
  const deadlineAt = Date.now() + deadlineMs;
  return { taskId: `task-${epoch}`, epoch, deadlineAt, dryRun: false, action };
}

/** A node with a pod of the first workload and none of the others, on which every pod may be evicted. */
function nodeWith(workload: string, ...without: string[]): { name: string; uid: string } {
  const barred = ['notebook', 'thumbnails', 'training', ...without];
  const found = cluster.store.list('nodes').find(({ metadata, spec }) => {
    const own = cluster.store
      .list('pods')
      .filter(pod => pod.spec.nodeName === metadata.name)
      .map(pod => pod.metadata.name);
    const has = (names: readonly string[]) => own.some(name => names.some(one => name.startsWith(one)));
    return spec?.unschedulable !== true && has([workload]) && !has(barred);
  });
  if (!found) throw new Error(`no node with ${workload}`);
  return { name: found.metadata.name, uid: found.metadata.uid };
}

const isCordoned = (name: string) =>
  cluster.store.get('nodes', undefined, name)?.spec?.unschedulable === true;
const lease = () =>
  cluster.store.get('leases', 'cloudoptim', 'cloudoptim-agent') as unknown as
    | { metadata: { annotations: Record<string, string> }; spec: { holderIdentity: string } }
    | undefined;
const tasksOnLease = () =>
  Object.keys(lease()?.metadata.annotations ?? {}).filter(key => key.startsWith('tasks.cloudoptim.io/'));
/** Requests that changed something, but for the Lease. */
const changes = () =>
  world.api.requests.filter(({ method, url }) => method !== 'GET' && !url.includes('/leases')).length;

const leads = (agent: AgentProcess) => agent.said().includes('This replica leads');
const ready = (agents: readonly AgentProcess[]) =>
  server.until(() => agents.find(agent => leads(agent)), 'A leader', 60_000);

/** Resolves when the server was connected to once more than `before` times. */
const connected = (before: number) => server.until(() => server.handshakes[before], 'The handshake', 60_000);

type StoreEvent = Parameters<Parameters<typeof cluster.store.subscribe>[0]>[0];
const becameCordoned = ({ resource, object, previous }: StoreEvent) =>
  resource === 'nodes' &&
  (object.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true &&
  (previous?.spec as { unschedulable?: boolean } | undefined)?.unschedulable !== true;
const beganToEnd = ({ resource, object, previous }: StoreEvent) =>
  resource === 'pods' &&
  object.metadata.deletionTimestamp !== undefined &&
  previous?.metadata.deletionTimestamp === undefined;

describe('two replicas of an agent', () => {
  it('finish a drain together although whoever leads is killed at every effect', async () => {
    const node = nodeWith('web', 'ledger');
    let cordons = 0;
    const ended: string[] = [];
    const replicas = new Map(['a', 'b'].map(name => [name, startReplica(name)]));
    await ready([...replicas.values()]);
    await connected(0);
    let kills = 0;
    let isKilling = false;
    cluster.store.subscribe(event => {
      if (becameCordoned(event)) cordons++;
      if (beganToEnd(event)) ended.push(event.object.metadata.uid);
      if (isKilling || !(becameCordoned(event) || beganToEnd(event))) return;
      const [name, leader] = [...replicas].find(([, agent]) => leads(agent)) ?? [];
      if (!name || !leader) return;
      isKilling = true;
      leader.kill();
      kills++;
      // As the kubelet does: a new process, which waits for its turn.
      void leader.ended.then(() => {
        replicas.set(name, startReplica(name));
        isKilling = false;
      });
    });
    const task = order({ kind: 'drain', node, deleteLocalStorage: false });
    server.offer(task);
    const result = await server.end(task.taskId, 110_000);
    expect(result.state).toBe('done');
    // At the cordon and at an eviction; another eviction may be on its way when its leader dies.
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(new Set(server.handshakes.map(({ agentId }) => agentId)).size).toBe(2);
    const epochs = server.handshakes.map(({ leaderEpoch = 0 }) => leaderEpoch);
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
    expect(cordons).toBe(1);
    expect(new Set(ended).size).toBe(ended.length);
    // Every eviction is told, whoever did it.
    expect(result.evicted.map(({ uid }) => uid).toSorted()).toEqual(ended.toSorted());
    const left = cluster.store.list('pods').filter(pod => pod.spec.nodeName === node.name);
    expect(left.every(pod => pod.metadata.ownerReferences?.[0]?.kind === 'DaemonSet')).toBe(true);
    // The server has the result: nothing of it stays on the Lease, and nothing is done when it is offered once more.
    await expect.poll(tasksOnLease).toEqual([]);
    const before = changes();
    server.offer(task);
    await server.until(
      () =>
        server.results(task.taskId).filter(one => one.state !== 'running').length > 1 ? true : undefined,
      'The second answer',
    );
    expect(changes()).toBe(before);
  });

  it('let nobody act whose lease ran out while it was suspended', async () => {
    const node = nodeWith('ledger');
    const first = startReplica('a');
    await ready([first]);
    await connected(0);
    const second = startReplica('b');
    await server.until(() => (second.said().includes('Waits: ') ? true : undefined), 'The wait', 60_000);
    const task = order({ kind: 'drain', node, deleteLocalStorage: false });
    server.offer(task);
    const waits = () => server.results(task.taskId).find(({ detail }) => detail.includes('payments/ledger'));
    await server.until(waits, 'A drain that waits for a budget', 60_000);
    first.child.kill('SIGSTOP');
    await server.until(() => (leads(second) ? true : undefined), 'The second leader', 60_000);
    await connected(1);
    server.cancel(task.taskId);
    expect((await server.end(task.taskId, 60_000)).state).toBe('cancelled');
    expect(isCordoned(node.name)).toBe(false);
    // What the first one would do next succeeds from here on.
    cluster.store.remove('poddisruptionbudgets', 'payments', 'ledger');
    const before = changes();
    const holder = lease()?.spec.holderIdentity;
    first.child.kill('SIGCONT');
    const { code, stderr } = await first.ended;
    expect(code).toBe(4);
    expect(stderr).toContain('This replica does not lead any more: it was not renewed for');
    expect(changes()).toBe(before);
    expect(lease()?.spec.holderIdentity).toBe(holder);
  });

  it('hand over at once when the one that leads is asked to end', async () => {
    const first = startReplica('a');
    await ready([first]);
    await connected(0);
    const second = startReplica('b');
    await server.until(
      () => (second.said().includes('Waits: ') ? true : undefined),
      'The second one waits',
      60_000,
    );
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    expect(lease()?.spec.holderIdentity).toBe('');
    await connected(1);
  });
});

describe('nodes that nobody would give back', () => {
  it('are schedulable again when the agent comes back without its disk, and cordons of others stay', async () => {
    const agent = world.start(['--join', 'token']);
    await connected(0);
    const node = nodeWith('ledger');
    const foreign = nodeWith('web', 'ledger');
    cluster.store.update('nodes', undefined, foreign.name, current => ({
      ...current,
      spec: { ...current.spec, unschedulable: true },
    }));
    const cordoned = order({ kind: 'cordon', node: foreign });
    server.offer(cordoned);
    expect((await server.end(cordoned.taskId)).detail).toContain('already');
    const task = order({ kind: 'drain', node, deleteLocalStorage: false });
    server.offer(task);
    await server.until(() => server.results(task.taskId)[0], 'The drain under way');
    expect(isCordoned(node.name)).toBe(true);
    agent.kill();
    await agent.ended;
    rmSync(join(world.folder, 'data'), { recursive: true });
    // The server gives up on the task when another agent enrols.
    server.forget(task.taskId);
    world.start(['--join', 'token']);
    await expect.poll(() => isCordoned(node.name), { timeout: 60_000 }).toBe(false);
    expect(isCordoned(foreign.name)).toBe(true);
    const said = await server.until(
      () => server.messages.find(({ body }) => body.kind === 'event' && body.reason === 'NodeGivenBack'),
      'The event',
    );
    expect(JSON.stringify(said)).toContain(node.name);
  });

  it('are schedulable again past the deadline when the server died in the middle of a plan', async () => {
    const agent = world.start(['--join', 'token']);
    await connected(0);
    // As a plan has it: a cordon of its own task, then a drain that waits for a budget.
    const node = nodeWith('ledger');
    const next = nodeWith('web', 'ledger');
    for (const action of [{ kind: 'cordon', node } as const, { kind: 'cordon', node: next } as const]) {
      const task = order(action, 6_000);
      server.offer(task);
      expect((await server.end(task.taskId)).state).toBe('done');
    }
    const task = order({ kind: 'drain', node, deleteLocalStorage: false }, 8_000);
    server.offer(task);
    await server.until(() => server.results(task.taskId)[0], 'The drain under way');
    await server.close();
    expect(isCordoned(node.name) && isCordoned(next.name)).toBe(true);
    await expect
      .poll(() => [isCordoned(node.name), isCordoned(next.name)], { timeout: 60_000, interval: 200 })
      .toEqual([false, false]);
    expect(Date.now()).toBeGreaterThan(task.deadlineAt);
    expect(agent.said()).toContain('The deadline passed');
  });
});
