import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PretendCluster, PretendClusterOptions } from '../../simulator/cluster/index.ts';
import { createScenario, createSmallShop } from '../../simulator/cluster/index.ts';
import type { KubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { readScenario } from '../../simulator/scenarios/index.ts';

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;
const root = join(import.meta.dirname, '..', '..');

let home: string;
let cluster: PretendCluster;
let api: KubernetesApi;
let timer: NodeJS.Timeout;

describe.skipIf(!installed)('kubectl against the pretend cluster', () => {
  beforeAll(async () => {
    await serve(createSmallShop(worldOptions()));
  });
  afterAll(endServing);

  it('prints nodes and pods as tables', async () => {
    const nodes = await kubectl('get', 'nodes');
    expect(nodes.lines).toHaveLength(15);
    expect(nodes.lines[0]).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION/);
    expect(nodes.lines[1]).toMatch(/^ip-\S+ +Ready +<none> +3d +v1\.35/);
    const pods = await kubectl('get', 'pods', '-A', '-o', 'wide');
    expect(pods.lines).toHaveLength(cluster.store.list('pods').length + 1);
    expect(pods.lines[1]).toMatch(/^analytics +ingest-\S+ +1\/1 +Running +0 +3d +10\.\S+ +ip-\S+/);
  });

  it('cordons and uncordons', async () => {
    const node = cluster.store.list('nodes')[0]?.metadata.name ?? '';
    expect((await kubectl('cordon', node)).lines).toEqual([`node/${node} cordoned`]);
    expect((await kubectl('get', 'node', node)).lines[1]).toContain('Ready,SchedulingDisabled');
    expect((await kubectl('uncordon', node)).lines).toEqual([`node/${node} uncordoned`]);
  });

  it('drains a node whose budgets allow it', async () => {
    const node = nodeWithout('ledger-', 'notebook');
    const drained = await kubectl(
      'drain',
      node,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=60s',
    );
    expect(drained.lines.at(-1)).toBe(`node/${node} drained`);
    const left = cluster.store.list('pods').filter(pod => pod.spec.nodeName === node);
    expect(new Set(left.map(pod => pod.metadata.ownerReferences?.[0]?.kind))).toEqual(new Set(['DaemonSet']));
  });

  it('refuses to drain a bare pod without --force', async () => {
    const node = cluster.store.get('pods', 'analytics', 'notebook')?.spec.nodeName ?? '';
    const refused = await kubectl(
      'drain',
      node,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=20s',
    );
    expect(refused.code).not.toBe(0);
    expect(refused.errors).toContain('analytics/notebook');
    expect(cluster.store.get('pods', 'analytics', 'notebook')).toBeDefined();
  });

  it('shows usage', async () => {
    const nodes = await kubectl('top', 'nodes');
    expect(nodes.lines).toHaveLength(cluster.store.list('nodes').length + 1);
    expect(nodes.lines[1]).toMatch(/^ip-\S+ +\d+m +\d+% +\d+Mi +\d+%/);
    const pods = await kubectl('top', 'pods', '-n', 'payments', '--containers');
    expect(pods.lines[1]).toMatch(/^\S+ +\S+ +\d+m +\d+Mi/);
  });

  it('knows who may do what', async () => {
    expect((await kubectl('auth', 'can-i', 'delete', 'pods')).lines).toEqual(['yes']);
    expect((await kubectlAs('read-only', 'auth', 'can-i', 'delete', 'pods')).lines).toEqual(['no']);
    expect((await kubectlAs('read-only', 'auth', 'can-i', 'list', 'pods')).lines).toEqual(['yes']);
    const refused = await kubectlAs('read-only', 'delete', 'node', 'x');
    expect(refused.errors).toContain('cannot delete resource "nodes"');
  });
});

describe.skipIf(!installed).each(['gpu-batch', 'hostile'])('kubectl against the scenario %s', scenario => {
  beforeAll(async () => {
    await serve(createScenario(readScenario(scenario), worldOptions()));
  });
  afterAll(endServing);

  it('gets, describes and tops what is there', async () => {
    const nodes = cluster.store.list('nodes');
    expect((await kubectl('get', 'nodes')).lines).toHaveLength(nodes.length + 1);
    const gpusOf = (node: (typeof nodes)[number]) =>
      Number(node.status?.allocatable?.['nvidia.com/gpu'] ?? 0);
    const [most] = nodes.toSorted((a, b) => gpusOf(b) - gpusOf(a));
    const name = most?.metadata.name ?? '';
    const described = (await kubectl('describe', 'node', name)).lines.join('\n');
    expect(described).toMatch(/^Allocatable:/m);
    expect(/nvidia\.com\/gpu: +1/.test(described)).toBe(scenario === 'gpu-batch');
    expect((await kubectl('top', 'nodes')).lines).toHaveLength(nodes.length + 1);
    const pending = await kubectl('get', 'pods', '-A', '--field-selector', 'status.phase=Pending');
    const waiting = pending.lines.filter(line => /^giant +whale-/.test(line));
    expect(waiting).toHaveLength(scenario === 'hostile' ? 2 : 0);
  });
});

describe.runIf(!installed)('kubectl against the pretend cluster', () => {
  it.skip('skipped: no kubectl on PATH', () => undefined);
});

function worldOptions(): PretendClusterOptions {
  const catalog = readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8');
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  return { catalog: JSON.parse(catalog).types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones };
}

async function serve(served: PretendCluster): Promise<void> {
  cluster = served;
  api = await startKubernetesApi({ cluster, clock: Date.now, token: 'all', readOnlyToken: 'read' });
  timer = setInterval(() => served.tick(Date.now()), 100);
  home = mkdtempSync(join(tmpdir(), 'kubectl-'));
  writeFileSync(join(home, 'full'), api.kubeconfig());
  writeFileSync(join(home, 'read-only'), api.kubeconfig('read-only'));
}

async function endServing(): Promise<void> {
  clearInterval(timer);
  await api?.close();
  if (home) rmSync(home, { recursive: true });
}

function kubectl(...args: string[]) {
  return kubectlAs('full', ...args);
}

function kubectlAs(config: string, ...args: string[]) {
  const env = { PATH: process.env.PATH ?? '', HOME: home };
  return new Promise<{ code: number; lines: string[]; errors: string }>(resolve => {
    const given = ['--kubeconfig', join(home, config), ...args];
    const child = execFile('kubectl', given, { env, timeout: 90_000 }, (_, output, errors) => {
      resolve({ code: child.exitCode ?? 1, lines: output.trimEnd().split('\n'), errors });
    });
  });
}

function nodeWithout(...prefixes: string[]): string {
  const pods = cluster.store.list('pods');
  const avoided = pods.filter(pod => prefixes.some(prefix => pod.metadata.name.startsWith(prefix)));
  const taken = new Set(avoided.map(pod => pod.spec.nodeName));
  const found = cluster.store.list('nodes').find(node => !taken.has(node.metadata.name));
  return found?.metadata.name ?? '';
}
