import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { api, type CallOutput, type RightsizingAnswer } from '../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { createEngine, type Engine } from '../../server/index.ts';
import { loadSettings } from '../../server/platform/index.ts';
import { createSmallShop } from '../../simulator/cluster/index.ts';
import { startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { startAgent } from '../support/agent-process.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-rightsizing-'));
const closing: (() => Promise<unknown> | unknown)[] = [];
let engine: Engine;
/** Ahead of the true time, so that hours pass while the test runs. */
let aheadMs = 0;

beforeAll(async () => {
  const clock = { now: () => Date.now() + aheadMs };
  engine = await createEngine({
    settings: loadSettings({ port: '0', data: join(folder, 'engine'), logLevel: 'fatal' }, {}),
    version: '0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
    clock,
  });
  closing.push(() => engine.close());
  const { types } = JSON.parse(readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'));
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  const cluster = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  const ticking = setInterval(() => cluster.tick(Date.now()), 100);
  closing.push(() => clearInterval(ticking));
  const kubernetes = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  closing.push(() => kubernetes.close());
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubernetes.kubeconfig());
  const joinToken = await call<{ token: string }>('POST', api.clusters.createJoinToken.path, {
    clusterName: 'shop',
  });
  const agent = startAgent([
    '--server',
    engine.url,
    '--data',
    join(folder, 'agent'),
    '--kubeconfig',
    kubeconfig,
    '--join',
    joinToken.token,
  ]);
  closing.push(async () => {
    agent.kill();
    await agent.ended;
  });
});

afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  rmSync(folder, { recursive: true });
});

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(engine.url + path, {
    method,
    headers: {
      authorization: `Bearer ${engine.launchToken}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as T;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let turn = 0; turn < 300; turn++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error('it did not come');
}

it('what a real agent reports of containers is gathered as evidence, shown by day, and goes stale', async () => {
  const clusterId = await until(async () => {
    const { clusters } = await call<CallOutput<typeof api.clusters.listClusters>>(
      'GET',
      api.clusters.listClusters.path,
    );
    return clusters[0]?.id;
  });
  const path = api.rightsizing.recommendations.path.replace(':id', clusterId);
  const measured = await until(async () => {
    const answer = await call<RightsizingAnswer>('GET', path);
    return answer.left?.some(({ evidence }) => evidence !== null) ? answer : undefined;
  });
  expect(measured.proposals).toEqual([]);
  const web = measured.left.find(({ workload }) => workload.key === 'Deployment/shop/web');
  expect(web).toMatchObject({
    now: { cpuRequestMilli: 900, memoryRequestBytes: 2 ** 30, cpuLimitMilli: null },
    reasons: [{ code: 'gathering' }],
    evidence: { days: 1, hours: 1 },
  });
  const query = new URLSearchParams({ workload: 'Deployment/shop/web', container: web?.container ?? '' });
  const usage = await call<CallOutput<typeof api.rightsizing.usage>>('GET', `${path}/usage?${query}`);
  expect(usage.days).toHaveLength(1);
  expect(usage.days[0]?.samples).toBeGreaterThanOrEqual(8);
  aheadMs = 2 * MS_PER_DAY;
  const later = await call<RightsizingAnswer>('GET', path);
  expect(later.left.find(({ workload }) => workload.key === 'Deployment/shop/web')?.reasons).toMatchObject([
    { code: 'stale-usage' },
  ]);
});

it('refuses a policy that makes no sense, and a cluster that is not known', async () => {
  const body = { clusterId: 'cluster-none', policy: { cpuPercentile: 95 } };
  expect(await call('POST', api.rightsizing.decide.path, body)).toMatchObject({ error: { kind: 'user' } });
  expect(await call('POST', api.rightsizing.decide.path, { clusterId: 'cluster-none' })).toMatchObject({
    error: { code: 'resource.not-found' },
  });
});
