import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentTask,
  type InventoryObject,
  inventoryKey,
  type TaskAction,
} from '../../common/agent-protocol/index.ts';
import { type CatalogType, createSmallShop, type PretendCluster } from '../../simulator/cluster/index.ts';
import { type KubernetesApi, startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { type AgentProcess, startAgent } from '../support/agent-process.ts';
import { type AgentServer, type AgentServerOptions, startAgentServer } from '../support/agent-server.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);

let folder: string;
let cluster: PretendCluster;
let api: KubernetesApi;
let ticking: NodeJS.Timeout;
let server: AgentServer;
let agents: AgentProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-agent-'));
  cluster = createSmallShop({
    catalog: types,
    seed: 1,
    nowMs: Date.now(),
    region: 'us-east-1',
    zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  });
  api = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  writeFileSync(join(folder, 'kubeconfig'), api.kubeconfig());
  ticking = setInterval(() => cluster.tick(Date.now()), 100);
  agents = [];
});

afterEach(async () => {
  for (const agent of agents) agent.kill();
  await Promise.all(agents.map(agent => agent.ended));
  clearInterval(ticking);
  await server.close();
  await api.close();
  rmSync(folder, { recursive: true });
});

function start(...more: string[]): AgentProcess {
  const flags = [
    '--server',
    server.url,
    '--data',
    join(folder, 'data'),
    '--kubeconfig',
    join(folder, 'kubeconfig'),
  ];
  const agent = startAgent([...flags, ...more]);
  agents.push(agent);
  return agent;
}

async function serve(options?: AgentServerOptions): Promise<void> {
  server = await startAgentServer(options);
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

/** Kills the agent inside its next effect: the cluster has changed, and the agent has not heard of it. */
function killAtNextEffect(agent: AgentProcess, isEffect: (event: StoreEvent) => boolean): Promise<void> {
  return new Promise(resolve => {
    const stop = cluster.store.subscribe(event => {
      if (!isEffect(event)) return;
      stop();
      agent.kill();
      void agent.ended.then(() => resolve());
    });
  });
}
type StoreEvent = Parameters<Parameters<PretendCluster['store']['subscribe']>[0]>[0];

const becameCordoned = ({ resource, object, previous }: StoreEvent) =>
  resource === 'nodes' &&
  (object.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true &&
  (previous?.spec as { unschedulable?: boolean } | undefined)?.unschedulable !== true;
const beganToEnd = ({ resource, object, previous }: StoreEvent) =>
  resource === 'pods' &&
  object.metadata.deletionTimestamp !== undefined &&
  previous?.metadata.deletionTimestamp === undefined;

describe('a real agent between a pretend cluster and a server', () => {
  it('enrols, sends one snapshot that fits the protocol, then what changes', async () => {
    await serve();
    start('--join', 'secret-join-token');
    await server.until(() => server.messages.find(({ body }) => body.kind === 'usage'), 'Usage');
    await server.until(() => (inventory().size > 0 ? true : undefined), 'A snapshot');
    const kinds = [...inventory().values()].map(object => object.kind);
    expect(new Set(kinds)).toEqual(
      new Set(['Node', 'Pod', 'PodDisruptionBudget', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']),
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
    const lists = api.requests.filter(one => one.url.startsWith('/api/v1/nodes?limit='));
    expect(lists.length).toBeGreaterThan(1);
  });

  it('names a wrong option, folder or kubeconfig in one sentence, with exit code 2', async () => {
    await serve();
    writeFileSync(join(folder, 'a-file'), '');
    const valid = ['--server', server.url, '--data', join(folder, 'data'), '--join', 'token'];
    const cases: [string[], RegExp][] = [
      [[], /address of CloudOptim is missing/],
      [['--server', 'ftp://x', '--data', folder], /"ftp:\/\/x" is no http or https URL/],
      [['--server', server.url, '--data', join(folder, 'a-file/data')], /data folder .* cannot be written/],
      [[...valid, '--health-port', '99999'], /--health-port is "99999"/],
      [[...valid, '--colour'], /--colour/],
      [[...valid, '--kubeconfig', join(folder, 'nowhere')], /nowhere does not exist/],
      [[...valid, '--kubeconfig', join(folder, 'a-file')], /a-file cannot be read \(.*empty\); name another/],
      [valid.slice(0, 4).concat('--kubeconfig', join(folder, 'kubeconfig')), /not enrolled/],
    ];
    const ends = await Promise.all(cases.map(([flags]) => startAgent(flags).ended));
    for (const [index, end] of ends.entries()) {
      expect(end.stderr.trim()).toMatch(cases[index]?.[1] ?? /never/);
      expect(end.stderr.trim().split('\n')).toHaveLength(1);
      expect([end.code, end.stdout]).toEqual([2, '']);
    }
  });

  it('keeps trying an unreachable server, says so once, and tells its health meanwhile', async () => {
    await serve();
    const url = server.url;
    const first = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The first handshake');
    first.child.kill('SIGTERM');
    await first.ended;
    await server.close();
    const agent = startAgent([
      '--server',
      url,
      '--data',
      join(folder, 'data'),
      '--kubeconfig',
      join(folder, 'kubeconfig'),
      '--health-port',
      '0',
    ]);
    agents.push(agent);
    let stderr = '';
    agent.child.stderr?.on('data', chunk => {
      stderr += chunk;
    });
    const port = await server.until(() => /"port":(\d+)/.exec(stderr)?.[1], 'The health port');
    await new Promise(resolve => setTimeout(resolve, 2_500));
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(await health.json()).toMatchObject({ connected: false, inventoryComplete: true });
    expect(stderr.match(/cannot be reached/g)).toHaveLength(1);
    agent.child.kill('SIGTERM');
    expect((await agent.ended).code).toBe(0);
  });

  it('needs no token at its second start, which counts as another boot, and keeps its key out of the log', async () => {
    await serve();
    const first = start('--join', 'secret-join-token');
    await server.until(() => server.handshakes[0], 'The first handshake');
    first.child.kill('SIGTERM');
    const { code, stderr } = await first.ended;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/the-key-of-agent-1|secret-join-token/);
    start();
    const second = await server.until(() => server.handshakes[1], 'The second handshake');
    expect(second.bootEpoch).toBe((server.handshakes[0]?.bootEpoch ?? 0) + 1);
    expect(second.instanceId).toBe(server.handshakes[0]?.instanceId);
  });

  it('says in one sentence that the join token expired, with exit code 2', async () => {
    const message = 'This join token expired at 12:00.';
    const error = {
      code: 'access.join-token-expired',
      kind: 'user',
      message,
      hint: 'Create a new join token.',
    };
    await serve({ enrolment: { status: 401, body: { error } } });
    const { code, stderr, stdout } = await start('--join', 'old').ended;
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([
      'CloudOptim refused the join token (access.join-token-expired): This join token expired at 12:00; Create a new join token.',
    ]);
  });

  it('ends with exit code 3 when its key was revoked, also while it is connected', async () => {
    let revoked = false;
    await serve({ refuse: () => (revoked ? 'revoked' : undefined) });
    const agent = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    revoked = true;
    server.cut();
    const { code, stderr } = await agent.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('turned this agent away (revoked)');
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
    const killed = killAtNextEffect(agent, becameCordoned);
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
    clearInterval(ticking);
    const search = cluster.store.list('pods', 'shop').find(pod => pod.metadata.name.startsWith('search'));
    const { name = '', uid = '' } = search?.metadata ?? {};
    const killed = killAtNextEffect(agent, beganToEnd);
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

  it('drains once although it is killed at every effect', async () => {
    await serve();
    let agent = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    const node = nodeWith('web');
    const task = order({ kind: 'drain', node, deleteLocalStorage: false });
    let cordons = 0;
    const ended: string[] = [];
    cluster.store.subscribe(event => {
      if (becameCordoned(event)) cordons++;
      if (beganToEnd(event)) ended.push(event.object.metadata.uid);
    });
    let kills = 0;
    const harry = async () => {
      for (;;) {
        const killed = killAtNextEffect(agent, event => becameCordoned(event) || beganToEnd(event));
        await killed;
        kills++;
        agent = start();
      }
    };
    void harry();
    server.offer(task);
    const result = await server.end(task.taskId, 120_000);
    expect(result.state).toBe('done');
    expect(kills).toBeGreaterThan(2);
    expect(cordons).toBe(1);
    expect(new Set(ended).size).toBe(ended.length);
    const evictions = api.requests.filter(one => one.url.endsWith('/eviction') && one.code === 201);
    expect(new Set(evictions.map(one => one.url)).size).toBe(evictions.length);
    const left = cluster.store.list('pods').filter(pod => pod.spec.nodeName === node.name);
    expect(left.every(pod => pod.metadata.ownerReferences?.[0]?.kind === 'DaemonSet')).toBe(true);
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
