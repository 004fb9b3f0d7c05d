import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  PolicyV1Api,
  setHeaderOptions,
  type V1Node,
  Watch,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogType, PretendCluster } from '../cluster/index.ts';
import { createSmallShop } from '../cluster/index.ts';
import type { KubernetesApi } from './index.ts';
import { startKubernetesApi } from './index.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);

let cluster: PretendCluster;
let api: KubernetesApi;
let config: KubeConfig;
let core: CoreV1Api;

beforeEach(async () => {
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  cluster = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  api = await startKubernetesApi({
    cluster,
    clock: () => cluster.nowMs(),
    token: 'all',
    readOnlyToken: 'read',
    bookmarkMs: 50,
  });
  config = new KubeConfig();
  config.loadFromString(api.kubeconfig());
  core = config.makeApiClient(CoreV1Api);
});

afterEach(async () => api.close());

interface Line {
  readonly type: string;
  readonly object: {
    readonly metadata?: { readonly name?: string; readonly annotations?: Record<string, string> };
  };
}

interface Body {
  readonly reason?: string;
  readonly metadata?: { readonly continue?: string };
}

async function raw(path: string, init: RequestInit = {}, token = 'all') {
  const response = await fetch(`${api.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
  return {
    code: response.status,
    headers: response.headers,
    body: (await response.json()) as Body,
  };
}

function patch(path: string, type: string, body: unknown) {
  return raw(path, { method: 'PATCH', headers: { 'content-type': type }, body: JSON.stringify(body) });
}

function evict(namespace: string, name: string, deleteOptions: object = {}, query = '') {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
  const headers = { 'content-type': 'application/json' };
  return raw(`/api/v1/namespaces/${namespace}/pods/${name}/eviction${query}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
}

function podOf(app: string): string {
  return cluster.store.list('pods').find(pod => pod.metadata.name.startsWith(`${app}-`))?.metadata.name ?? '';
}

async function watchUntil(query: Record<string, string>, path: string, enough: (lines: Line[]) => boolean) {
  const lines: Line[] = [];
  await new Promise<void>((resolve, reject) => {
    let controller: AbortController | undefined;
    const seen = (type: string, _: unknown, line: Line): void => {
      lines.push(line ?? { type, object: {} });
      if (!enough(lines)) return;
      controller?.abort();
      resolve();
    };
    new Watch(config)
      .watch(path, query, seen, () => resolve())
      .then(started => {
        controller = started;
        if (enough(lines)) started.abort();
      }, reject);
  });
  return lines;
}

describe('lists', () => {
  it('come in chunks of one version and by selectors', async () => {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const chunk = await core.listPodForAllNamespaces({ limit: 20, ...(next ? { _continue: next } : {}) });
      names.push(...chunk.items.map(pod => `${pod.metadata?.namespace}/${pod.metadata?.name}`));
      if (!next) cluster.store.remove('pods', 'shop', podOf('web'));
      next = chunk.metadata?._continue;
    } while (next);
    expect(new Set(names).size).toBe(cluster.store.list('pods').length + 1);
    const onNode = cluster.store.list('pods').filter(pod => pod.metadata.name.startsWith('web-'))[0]
      ?.spec.nodeName;
    const some = await core.listPodForAllNamespaces({
      fieldSelector: `spec.nodeName=${onNode},status.phase=Running`,
      labelSelector: 'app.kubernetes.io/name in (web,cart)',
    });
    expect(some.items.length).toBeGreaterThan(0);
    expect(some.items.every(pod => pod.spec?.nodeName === onNode)).toBe(true);
  });

  it('tell an old token, a wrong token and a version from the future apart', async () => {
    const { body } = await raw('/api/v1/pods?limit=10');
    const token = body.metadata?.continue;
    cluster.store.remove('pods', 'shop', podOf('web'));
    cluster.store.compact();
    const stale = await raw(`/api/v1/pods?limit=10&continue=${token}`);
    expect(stale).toMatchObject({
      code: 410,
      body: { reason: 'Expired', metadata: { continue: expect.any(String) } },
    });
    const fresh = stale.body.metadata?.continue;
    expect(await raw(`/api/v1/pods?limit=10&continue=${fresh}`)).toMatchObject({ code: 200 });
    expect(await raw('/api/v1/pods?limit=10&continue=rubbish')).toMatchObject({ code: 400 });
    expect(await raw('/api/v1/pods?resourceVersion=99999999')).toMatchObject({
      code: 504,
      body: {
        reason: 'Timeout',
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
      },
    });
    expect(await raw('/api/v1/pods?resourceVersion=5&resourceVersionMatch=Exact')).toMatchObject({
      code: 410,
    });
  });
});

describe('watches', () => {
  it('send what is there, what changes, what goes, and bookmarks', async () => {
    const { metadata } = await core.listNode();
    const name = cluster.store.list('nodes')[0]?.metadata.name ?? '';
    const label = (value: string) =>
      cluster.store.update('nodes', undefined, name, node => ({
        ...node,
        metadata: { ...node.metadata, labels: { ...node.metadata.labels, team: value } },
      }));
    label('a');
    setTimeout(() => cluster.store.remove('nodes', undefined, name), 30);
    const query = { resourceVersion: metadata?.resourceVersion ?? '', allowWatchBookmarks: 'true' };
    const lines = await watchUntil(query, '/api/v1/nodes', seen =>
      seen.some(line => line.type === 'BOOKMARK'),
    );
    expect(lines.map(line => line.type)).toEqual(['MODIFIED', 'DELETED', 'BOOKMARK']);
  });

  it('turn a change that leaves the selector into DELETED and one that enters it into ADDED', async () => {
    const name = cluster.store.list('nodes')[0]?.metadata.name ?? '';
    const since = String(cluster.store.resourceVersion());
    for (const labels of [{ team: 'a' }, { team: 'b' }]) {
      cluster.store.update('nodes', undefined, name, node => ({
        ...node,
        metadata: { ...node.metadata, labels },
      }));
    }
    const query = { resourceVersion: since, labelSelector: 'team=a' };
    const lines = await watchUntil(query, '/api/v1/nodes', seen => seen.length === 2);
    expect(lines.map(line => line.type)).toEqual(['ADDED', 'DELETED']);
  });

  it('mark the end of the initial events', async () => {
    const query = {
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    };
    const lines = await watchUntil(query, '/api/v1/nodes', seen => seen.at(-1)?.type === 'BOOKMARK');
    expect(lines.slice(0, -1).map(line => line.type)).toEqual(Array(14).fill('ADDED'));
    expect(lines.at(-1)?.object.metadata?.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('answer 200 and one ERROR line with code 410 when the version is too old', async () => {
    const response = await fetch(`${api.url}/api/v1/nodes?watch=true&resourceVersion=1`, {
      headers: { authorization: 'Bearer all' },
    });
    expect(response.status).toBe(200);
    const lines = (await response.text()).trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      type: 'ERROR',
      object: { reason: 'Expired', code: 410 },
    });
  });
});

describe('writes', () => {
  it('patch by each content type and refuse the others', async () => {
    const name = cluster.store.list('nodes')[0]?.metadata.name ?? '';
    const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
    const cordoned: V1Node = await core.patchNode(
      { name, body: { spec: { unschedulable: true } } },
      strategic,
    );
    expect(cordoned.spec?.unschedulable).toBe(true);
    const path = `/api/v1/nodes/${name}`;
    const merged = await patch(path, 'application/merge-patch+json', { metadata: { labels: { team: 'x' } } });
    expect(merged).toMatchObject({ code: 200, body: { metadata: { labels: { team: 'x' } } } });
    const failed = [{ op: 'test', path: '/spec/unschedulable', value: false }];
    expect(await patch(path, 'application/json-patch+json', failed)).toMatchObject({
      code: 422,
      body: { reason: 'Invalid' },
    });
    expect(await patch(path, 'application/json', {})).toMatchObject({ code: 415 });
    expect(await patch(path, 'application/apply-patch+yaml', {})).toMatchObject({ code: 415 });
  });

  it('refuse a stale PUT and a delete whose precondition fails', async () => {
    const node = await core.readNode({ name: cluster.store.list('nodes')[0]?.metadata.name ?? '' });
    const name = node.metadata?.name ?? '';
    await core.replaceNode({ name, body: { ...node, spec: { ...node.spec, unschedulable: true } } });
    await expect(core.replaceNode({ name, body: node })).rejects.toMatchObject({ code: 409 });
    const wrong = core.deleteNode({ name, body: { preconditions: { uid: 'another' } } });
    await expect(wrong).rejects.toBeInstanceOf(ApiException);
    expect(cluster.store.get('nodes', undefined, name)).toBeDefined();
  });

  it('resize a pod in place, later and without a restart', async () => {
    const name = podOf('search');
    const path = `/api/v1/namespaces/shop/pods/${name}`;
    const body = (cpu: string, limit = cpu) => ({
      spec: { containers: [{ name: 'search', resources: { requests: { cpu }, limits: { cpu: limit } } }] },
    });
    const type = 'application/strategic-merge-patch+json';
    expect(await patch(path, type, body('600m'))).toMatchObject({ code: 422 });
    expect(await patch(`${path}/resize`, type, body('600m', '500m'))).toMatchObject({ code: 422 });
    expect(await patch(`${path}/resize`, type, body('600m'))).toMatchObject({ code: 200 });
    const status = () => cluster.store.get('pods', 'shop', name)?.status?.containerStatuses?.[0];
    expect(status()?.resources?.requests?.cpu).toBe('1200m');
    for (let index = 0; index < 6; index++) cluster.tick(cluster.nowMs() + 250);
    expect(status()).toMatchObject({ restartCount: 0, resources: { requests: { cpu: '600m' } } });
    await patch(`${path}/resize`, type, body('500'));
    for (let index = 0; index < 6; index++) cluster.tick(cluster.nowMs() + 250);
    const conditions = cluster.store.get('pods', 'shop', name)?.status?.conditions;
    expect(conditions?.find(one => one.type === 'PodResizePending')?.reason).toBe('Infeasible');
  });
});

describe('evictions', () => {
  it('answer 201, also to a dry run that evicts nothing', async () => {
    const name = podOf('search');
    expect(await evict('shop', name, {}, '?dryRun=All')).toMatchObject({ code: 201 });
    expect(cluster.store.get('pods', 'shop', name)?.metadata.deletionTimestamp).toBeUndefined();
    const body = { metadata: { name, namespace: 'shop' }, apiVersion: 'policy/v1', kind: 'Eviction' };
    await core.createNamespacedPodEviction({ name, namespace: 'shop', body });
    expect(api.requests.at(-1)).toMatchObject({ method: 'POST', code: 201, user: 'pretend-admin' });
    expect(cluster.store.get('pods', 'shop', name)?.metadata.deletionTimestamp).toBeDefined();
    expect(await evict('shop', name)).toMatchObject({ code: 201 });
  });

  it('answer 429 without Retry-After when the budget is used up', async () => {
    const { code, headers, body } = await evict('payments', podOf('ledger'));
    expect(code).toBe(429);
    expect(headers.get('retry-after')).toBeNull();
    const message = 'The disruption budget ledger needs 3 healthy pods and has 3 currently';
    expect(body).toMatchObject({
      reason: 'TooManyRequests',
      details: { causes: [{ reason: 'DisruptionBudget', message }] },
    });
  });

  it('answer 429 with Retry-After 10 while the budget is not observed, and 500 for two budgets', async () => {
    const policy = config.makeApiClient(PolicyV1Api);
    const selector = { matchLabels: { 'app.kubernetes.io/name': 'search' } };
    const create = (name: string) =>
      policy.createNamespacedPodDisruptionBudget({
        namespace: 'shop',
        body: { metadata: { name }, spec: { minAvailable: 1, selector } },
      });
    await create('one');
    const early = await evict('shop', podOf('search'));
    expect(early).toMatchObject({ code: 429, body: { details: { retryAfterSeconds: 10 } } });
    expect(early.headers.get('retry-after')).toBe('10');
    await create('two');
    const twice = await evict('shop', podOf('search'));
    expect(twice).toMatchObject({ code: 500 });
    expect(twice.body).not.toHaveProperty('reason');
  });

  it('answer 404 for an unknown pod and 409 for another uid', async () => {
    expect(await evict('shop', 'nobody')).toMatchObject({ code: 404, body: { reason: 'NotFound' } });
    const other = await evict('shop', podOf('search'), { preconditions: { uid: 'another' } });
    expect(other).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
  });
});

describe('access', () => {
  it('answers 401 without a good token and 403 to the reader’s writes', async () => {
    expect(await raw('/api/v1/nodes', {}, 'wrong')).toMatchObject({
      code: 401,
      body: { reason: 'Unauthorized' },
    });
    expect(await raw('/api/v1/nodes', {}, 'read')).toMatchObject({ code: 200 });
    const refused = await raw('/api/v1/nodes/x', { method: 'DELETE' }, 'read');
    expect(refused).toMatchObject({
      code: 403,
      body: {
        reason: 'Forbidden',
        message:
          'nodes "x" is forbidden: User "system:serviceaccount:cloudoptim:reader" cannot delete resource "nodes" in API group "" at the cluster scope',
      },
    });
  });
});
