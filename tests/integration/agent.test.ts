import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AgentTask,
  type InventoryObject,
  inventoryKey,
  type TaskAction,
} from '../../common/agent-protocol/index.ts';
import type { StoreEvent } from '../../simulator/cluster/index.ts';
import { killAtNextEffect } from '../soak/scenarios/killed-agents.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';
import { beganToEnd, cordonChange } from '../support/effects.ts';

let world: AgentWorld;
let folder: string;
let cluster: AgentWorld['cluster'];
let api: AgentWorld['api'];
let server: AgentWorld['server'];

afterEach(() => world.close());

async function serve(): Promise<void> {
  world = await startAgentWorld();
  ({ folder, cluster, api, server } = world);
}

function start(...flags: string[]): AgentProcess {
  return world.start(flags);
}

let epoch = 0;
function order(action: TaskAction, more: Partial<AgentTask> = {}): AgentTask {
  epoch++;
  return { taskId: `task-${epoch}`, epoch, deadlineAt: Date.now() + 120_000, dryRun: false, action, ...more };
}

/** A node on which every pod may be evicted, or one with a pod of the named workload. */
function nodeWith(workload: string): { name: string; uid: string } {
  const pods = cluster.store.list('pods');
  const found = cluster.store.list('nodes').find(node => {
    const own = pods.filter(pod => pod.spec.nodeName === node.metadata.name).map(pod => pod.metadata.name);
    const barred = own.some(name => /^(notebook|thumbnails|training)/.test(name));
    const ledger = own.some(name => name.startsWith('ledger'));
    return (
      !barred && (workload === 'ledger' ? ledger : !ledger && own.some(name => name.startsWith(workload)))
    );
  });
  if (!found) throw new Error(`no node with ${workload}`);
  return { name: found.metadata.name, uid: found.metadata.uid };
}

const isCordoned = (name: string) =>
  cluster.store.get('nodes', undefined, name)?.spec?.unschedulable === true;

const becameCordoned = (event: StoreEvent) => cordonChange(event) === 'cordon';

/** What the server knows of the cluster after all messages so far. */
function inventory(): Map<string, InventoryObject> {
  const known = new Map<string, InventoryObject>();
  for (const { body } of server.messages) {
    if (body.kind === 'inventory.snapshot') {
      known.clear();
      for (const object of body.objects) known.set(inventoryKey(object), object);
    } else if (body.kind === 'inventory.delta') {
      for (const key of body.removals) known.delete(key);
      for (const object of body.upserts) known.set(inventoryKey(object), object);
    }
  }
  return known;
}

describe('a real agent between a pretend cluster and a server', () => {
  it('enrols, sends one snapshot that fits the protocol, then what changes', async () => {
    await serve();
    start('--join', 'secret-join-token');
    await server.until(() => server.messages.find(({ body }) => body.kind === 'usage'), 'Usage');
    await server.until(() => (inventory().size > 0 ? true : undefined), 'A snapshot');
    const kinds = [...inventory().values()].map(object => object.kind);
    expect(new Set(kinds)).toEqual(
      new Set([
        'Node',
        'Pod',
        'PodShape',
        'PodDisruptionBudget',
        'Deployment',
        'ReplicaSet',
        'StatefulSet',
        'DaemonSet',
        'Namespace',
        'PersistentVolumeClaim',
        'PersistentVolume',
        'StorageClass',
        'NodePool',
        'NodeClaim',
      ]),
    );
    expect(kinds.filter(kind => kind === 'Node')).toHaveLength(14);
    expect(JSON.stringify(server.messages)).not.toContain('registry.k8s.io');

    cluster.store.remove('poddisruptionbudgets', 'payments', 'ledger');
    await server.until(
      () => (inventory().has('PodDisruptionBudget/payments/ledger') ? undefined : true),
      'The removal',
    );
    expect(server.messages.filter(({ body }) => body.kind === 'inventory.snapshot')).toHaveLength(1);
    expect(statSync(join(folder, 'data/identity.json')).mode & 0o777).toBe(0o600);
  });

  it('lists again when the version it watched from has expired, and finds what is gone', async () => {
    await serve();
    start('--join', 'token');
    await server.until(() => (inventory().size > 0 ? true : undefined), 'A snapshot');
    cluster.store.update('nodes', undefined, nodeWith('web').name, current => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, expired: 'soon' } },
    }));
    cluster.store.remove('poddisruptionbudgets', 'payments', 'ledger');
    cluster.store.compact();
    api.dropWatches();
    await server.until(
      () => (inventory().has('PodDisruptionBudget/payments/ledger') ? undefined : true),
      'The removal',
    );
    // Each kind lists again by itself: nodes may come after the budgets.
    const lists = () => api.requests.filter(one => one.url.startsWith('/api/v1/nodes?limit=500'));
    await expect.poll(() => lists().length, { timeout: 20_000 }).toBeGreaterThan(1);
  });

  it('sends each notice of nodes and pods once, also after its watch expired, and no other event', async () => {
    await serve();
    start('--join', 'token');
    await server.until(() => (inventory().size > 0 ? true : undefined), 'A snapshot');
    const notices = () =>
      server.messages.flatMap(({ body }) => (body.kind === 'event' ? [`${body.reason} ${body.object}`] : []));
    const [early, late] = [nodeWith('web').name, nodeWith('ledger').name];
    const podEvent = (reason: string, message = 'The node was low on resource: memory.') =>
      cluster.store.create('events', {
        metadata: { generateName: 'web.', namespace: 'shop' },
        ...({ involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1' }, reason, message } as object),
      });
    podEvent('Pulled');
    podEvent('TaintManagerEviction', 'Cancelling deletion of Pod shop/web-1');
    cluster.interruptions.recommendRebalance(late, Date.now());
    cluster.interruptions.interrupt(early, Date.now(), 60_000);
    await server.until(() => notices()[1], 'The notices of nodes');
    podEvent('Evicted');
    await server.until(() => notices()[2], 'The eviction');
    // Tainted by a termination handler that writes no events.
    cluster.store.update('nodes', undefined, late, node => ({
      ...node,
      spec: {
        ...node.spec,
        taints: [{ key: 'aws-node-termination-handler/rebalance-recommendation', effect: 'NoSchedule' }],
      },
    }));
    await server.until(() => notices()[3], 'The taint');
    const before = [
      `SpotRebalanceRecommendation Node//${late}`,
      `SpotInterrupted Node//${early}`,
      'Evicted Pod/shop/web-1',
      `RebalanceRecommendation Node//${late}`,
    ];
    expect(notices()).toEqual(before);
    // Something else happens later than the last event, and all before is forgotten.
    cluster.store.remove('poddisruptionbudgets', 'payments', 'ledger');
    cluster.store.compact();
    api.dropWatches();
    cluster.interruptions.interrupt(late, Date.now(), 60_000);
    await server.until(() => notices()[4], 'The notice after all watches were cut');
    const all = [...before, `SpotInterrupted Node//${late}`];
    expect(notices()).toEqual(all);
    const lists = () => api.requests.filter(one => one.url.startsWith('/api/v1/events?limit='));
    await expect.poll(() => lists().length, { timeout: 20_000 }).toBeGreaterThan(1);
    expect(lists().every(one => one.url.includes('involvedObject.kind'))).toBe(true);
    expect(notices()).toEqual(all);
  });

  it('cordons once although it is killed between the effect and its report', async () => {
    await serve();
    const agent = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    const node = nodeWith('web');
    let effects = 0;
    cluster.store.subscribe(event => {
      if (becameCordoned(event)) effects++;
    });
    const killed = killAtNextEffect(world, agent, becameCordoned);
    const task = order({ kind: 'cordon', node });
    server.offer(task);
    await killed;
    expect(server.results(task.taskId)).toEqual([]);
    // Somebody turns it back meanwhile: the repetition must not cordon a second time.
    cluster.store.update('nodes', undefined, node.name, current => ({
      ...current,
      spec: { ...current.spec, unschedulable: false },
    }));
    start();
    expect((await server.end(task.taskId)).state).toBe('done');
    expect(effects).toBe(1);
    expect(isCordoned(node.name)).toBe(false);
  });

  it('evicts once although it is killed between the effect and its report', async () => {
    await serve();
    const agent = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    // Nothing moves in the cluster any more, so that the pod is still terminating when the agent is back.
    world.freeze();
    const search = cluster.store.list('pods', 'shop').find(pod => pod.metadata.name.startsWith('search'));
    const { name = '', uid = '' } = search?.metadata ?? {};
    const killed = killAtNextEffect(world, agent, beganToEnd);
    const task = order({ kind: 'evict', pod: { namespace: 'shop', name, uid } });
    server.offer(task);
    await killed;
    start();
    expect(await server.end(task.taskId)).toMatchObject({
      state: 'done',
      evicted: [{ namespace: 'shop', name, uid }],
    });
    expect(api.requests.filter(one => one.url.endsWith('/eviction'))).toHaveLength(1);
  });

  it('waits for a budget by name, and takes its cordon back when the drain is cancelled', async () => {
    await serve();
    start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    const node = nodeWith('ledger');
    const task = order({ kind: 'drain', node, deleteLocalStorage: false });
    server.offer(task);
    const waiting = await server.until(
      () => server.results(task.taskId).findLast(result => result.detail.includes('PodDisruptionBudget')),
      'The wait',
    );
    expect(waiting.state).toBe('running');
    expect(waiting.detail).toMatch(
      /^\d+ of \d+ pods evicted; waits for .*PodDisruptionBudget payments\/ledger/,
    );
    expect(isCordoned(node.name)).toBe(true);
    server.cancel(task.taskId);
    const end = await server.end(task.taskId);
    expect(end.state).toBe('cancelled');
    expect(end.detail).toContain('is uncordoned again');
    expect(isCordoned(node.name)).toBe(false);
    const ledgers = cluster.store
      .list('pods', 'payments')
      .filter(pod => pod.metadata.name.startsWith('ledger'));
    expect(ledgers.filter(pod => pod.metadata.deletionTimestamp === undefined)).toHaveLength(3);
  });

  it('fails a drain at its deadline with what was done, and uncordons', async () => {
    await serve();
    start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    const node = nodeWith('ledger');
    const task = order(
      { kind: 'drain', node, deleteLocalStorage: false },
      { deadlineAt: Date.now() + 4_000 },
    );
    server.offer(task);
    const end = await server.end(task.taskId);
    expect(end.state).toBe('failed');
    expect(end.detail).toMatch(/^The deadline passed; \d+ of \d+ pods evicted; .*uncordoned again\.$/);
    expect(isCordoned(node.name)).toBe(false);
  });

  it('refuses an outdated epoch, a replaced node and a pod that nothing brings back, and changes nothing', async () => {
    await serve();
    start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    const node = nodeWith('web');
    const rehearsal = order({ kind: 'drain', node, deleteLocalStorage: false }, { dryRun: true });
    server.offer(rehearsal);
    expect((await server.end(rehearsal.taskId)).detail).toMatch(/^Dry run: \d+ of \d+ pods would be evicted/);

    const outdated = order({ kind: 'cordon', node }, { epoch: rehearsal.epoch - 1 });
    const replaced = order({ kind: 'cordon', node: { ...node, uid: 'another-uid' } });
    const notebook = cluster.store.get('pods', 'analytics', 'notebook')?.spec.nodeName ?? '';
    const uid = cluster.store.get('nodes', undefined, notebook)?.metadata.uid ?? '';
    const bare = order({ kind: 'drain', node: { name: notebook, uid }, deleteLocalStorage: true });
    for (const task of [outdated, replaced, bare]) server.offer(task);
    expect(await server.end(outdated.taskId)).toMatchObject({
      state: 'refused',
      detail: `Epoch ${outdated.epoch} is outdated: this agent has seen epoch ${rehearsal.epoch}.`,
    });
    expect((await server.end(replaced.taskId)).detail).toContain('is another one now');
    expect((await server.end(bare.taskId)).detail).toContain('analytics/notebook has no controller');
    const changes = api.requests.filter(one => one.method !== 'GET' && !one.url.includes('dryRun=All'));
    expect(changes.filter(one => !one.url.endsWith('/eviction'))).toEqual([]);
    expect(cluster.store.list('pods').some(pod => pod.metadata.deletionTimestamp !== undefined)).toBe(false);
  });

  it('deletes a Node object by its uid and says so once more when it is asked again', async () => {
    await serve();
    start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    const node = nodeWith('web');
    const task = order({ kind: 'delete-node', node });
    server.offer(task);
    expect((await server.end(task.taskId)).state).toBe('done');
    server.offer(task);
    await server.until(
      () => (server.results(task.taskId).length > 1 ? true : undefined),
      'The second answer',
    );
    const deletions = api.requests.filter(one => one.method === 'DELETE');
    expect(deletions.map(one => one.code)).toEqual([200]);
  });
});
