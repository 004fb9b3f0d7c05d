import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { readPrometheusText, type ScrapedMetric } from '../support/prometheus-text.ts';

const root = join(import.meta.dirname, '..', '..');
/** Rows of the tables of the guide: name, type, and labels where the table has them. */
const documented = new Map(
  [
    ...readFileSync(join(root, 'docs/guides/metrics.md'), 'utf8').matchAll(
      /^\| `([a-z_\d]+)` \| (\w+) \| ([^|]*) \|/gm,
    ),
  ].map(([, name = '', type = '', labels = '']) => [
    name,
    { type, labels: [...labels.matchAll(/`([a-z_]+)`:/g)].map(([, label = '']) => label) },
  ]),
);

let folder: string;
let engine: Engine;
let socket: Socket;

const ask = (path: string, init: RequestInit = {}) =>
  fetch(engine.url + path, {
    ...init,
    headers: { authorization: `Bearer ${engine.launchToken}`, ...init.headers },
  });
async function scrape(): Promise<Map<string, ScrapedMetric>> {
  const answer = await ask('/metrics');
  expect(answer.headers.get('content-type')).toContain('text/plain');
  return readPrometheusText(await answer.text());
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-metrics-'));
  engine = await createEngine({
    settings: loadSettings({ data: folder, port: 0, logLevel: 'silent' }, {}),
    version: '1.2.3',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
  socket = io(`${engine.url}/live`, {
    transports: ['websocket'],
    reconnection: false,
    auth: { token: engine.launchToken },
  });
  await socket.timeout(10_000).emitWithAck('subscribe', { topic: 'clusters' });
  await ask('/api/v1/admin/clusters');
  await ask('/api/v1/optimization/plans/plan_none');
  await ask('/api/v1/nothing/at/all');
  await ask('/api/v1/admin/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'm', role: 'viewer' }),
  });
});
afterAll(async () => {
  socket.close();
  await engine.close();
  rmSync(folder, { recursive: true });
});

describe('the guide to the metrics', () => {
  it('names everything that /metrics answers, with its type and its labels', async () => {
    for (const [name, { type, labels }] of await scrape()) {
      expect(documented.get(name)?.type, name).toBe(type);
      if (name.startsWith('cloudoptim_'))
        expect(documented.get(name)?.labels, name).toEqual(expect.arrayContaining([...labels]));
    }
  });

  it('names nothing that /metrics does not answer', async () => {
    const scraped = await scrape();
    for (const name of documented.keys()) {
      // Those of the process are not there on every system.
      if (name.startsWith('cloudoptim_') || process.platform === 'linux')
        expect([...scraped.keys()]).toContain(name);
    }
    expect(documented.size).toBeGreaterThan(50);
  });
});

describe('figures', () => {
  it('tell of requests by the pattern of their route, and of refusals by code', async () => {
    const scraped = await scrape();
    const requests = [...(scraped.get('cloudoptim_http_request_duration_seconds')?.samples ?? [])];
    const counts = Object.fromEntries(requests.filter(([key]) => key.includes('_count{')));
    const counted = (route: string, status: number, method = 'GET') =>
      counts[
        `cloudoptim_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`
      ];
    expect(counted('/api/v1/admin/clusters', 200)).toBe(1);
    expect(counted('/api/v1/optimization/plans/:id', 404)).toBe(1);
    expect(counted('none', 404)).toBe(1);
    expect(counted('/api/v1/admin/tokens', 200, 'POST')).toBe(1);
    expect(
      scraped
        .get('cloudoptim_refusals_total')
        ?.samples.get('cloudoptim_refusals_total{code="resource.not-found"}'),
    ).toBe(2);
  });

  it('tell of what stands, and leave out what is not known', async () => {
    const scraped = await scrape();
    const value = (key: string) => scraped.get(key.replace(/\{.*/, ''))?.samples.get(key);
    expect(value('cloudoptim_build_info{version="1.2.3"}')).toBe(1);
    expect(value('cloudoptim_database_writable')).toBe(1);
    expect(value('cloudoptim_database_bytes')).toBeGreaterThan(10_000);
    expect(value('cloudoptim_live_connections')).toBe(1);
    expect(value('cloudoptim_live_subscriptions{topic="clusters"}')).toBe(1);
    expect(value('cloudoptim_live_subscriptions{topic="cluster/*"}')).toBe(0);
    expect(value('cloudoptim_clusters{state="live"}')).toBe(0);
    expect(value('cloudoptim_jobs{kind="gap-fill",state="queued"}')).toBe(0);
    expect(value('cloudoptim_plans{state="failed"}')).toBe(0);
    expect(value('cloudoptim_audit_entries')).toBe(1);
    expect(
      scraped
        .get('cloudoptim_database_write_duration_seconds')
        ?.samples.get('cloudoptim_database_write_duration_seconds_count{outcome="committed"}'),
    ).toBeGreaterThan(0);
    expect(value('cloudoptim_inventory_oldest_age_seconds')).toBeUndefined();
    expect(value('cloudoptim_cluster_cost_usd_per_hour')).toBeUndefined();
  });
});
