import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { savingsFilePath } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { allMigrations } from '../../server/engine.ts';
import { createEngine, type Engine } from '../../server/index.ts';
import { loadSettings, openSqlite } from '../../server/platform/index.ts';
import { AllocationStore } from '../../server/savings/allocation/allocation-store.ts';
import { noShare, noShares } from '../../server/savings/allocation/cost-shares.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-savings-'));
const NOW = Date.UTC(2026, 10, 20, 12);
const YESTERDAY = Date.UTC(2026, 10, 19);
let engine: Engine;

beforeAll(async () => {
  // A day of a cluster, as an engine before this one left it.
  const data = join(folder, 'engine');
  const database = await openSqlite(data, allMigrations);
  const day = noShares();
  day.workloads.set('Deployment/shop/=web', {
    ...noShare({ team: 'a' }),
    cpuMicroUsd: 700_000,
    podMs: MS_PER_HOUR,
  });
  day.workloads.set('Job/shop/unpriced', { ...noShare(), unpricedMs: MS_PER_HOUR });
  day.idleCpuMicroUsd = 300_000;
  day.costMicroUsd = 1_000_000;
  day.unpricedMs.set('No price.', MS_PER_HOUR);
  day.observedMs = MS_PER_DAY;
  await new AllocationStore(database).saveDay('c1', YESTERDAY, day);
  await database.close();
  engine = await createEngine({
    settings: loadSettings({ port: '0', data, logLevel: 'fatal' }, {}),
    version: '0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
    clock: { now: () => NOW },
  });
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true });
});

async function get(path: string, query: Record<string, string | number> = {}): Promise<Response> {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return fetch(`${engine.url}${path}?${search}`, {
    headers: { authorization: `Bearer ${engine.launchToken}` },
  });
}

const exportOf = (kind: string, query = {}) => get(savingsFilePath.replace(':kind', kind), query);

describe('calls about savings', () => {
  it('answer with parts that add up, and never call an unknown cost zero', async () => {
    const answer = (await (
      await get('/api/v1/admin/savings/allocation', { groupBy: 'workload' })
    ).json()) as {
      totalMicroUsd: number;
      idle: { cpuMicroUsd: number };
      rows: { key: string; costMicroUsd: number | null }[];
      unpriced: object[];
    };
    expect(answer).toMatchObject({ totalMicroUsd: 1_000_000, idle: { cpuMicroUsd: 300_000 } });
    expect(answer.rows.map(row => [row.key, row.costMicroUsd])).toEqual([
      ['Deployment/shop/=web', 700_000],
      ['Job/shop/unpriced', null],
    ]);
    expect(answer.unpriced).toEqual([{ reason: 'No price.', nodeHours: 1 }]);
  });

  it('export the same as CSV, harmless to spreadsheets, and as JSON', async () => {
    const csv = await exportOf('allocation.csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const [header = '', ...lines] = (await csv.text()).trim().split('\n');
    expect(header.split(',').slice(2, 8)).toEqual([
      'cluster',
      'namespace',
      'kind',
      'workload',
      'holder',
      'cost_usd',
    ]);
    expect(lines.map(line => line.split(',').slice(5, 8))).toEqual([
      ["'=web", 'workload', '0.7'],
      ['unpriced', 'workload', ''],
      ['', 'idle', '0.3'],
    ]);
    const json = (await (await exportOf('allocation.json')).json()) as { cost_usd: number | null }[];
    expect(json.map(line => line.cost_usd)).toEqual([0.7, null, 0.3]);
    expect(await (await exportOf('ledger.json')).json()).toEqual([]);
  });

  it('refuse bad input with the value and what to do', async () => {
    const refused = async (answer: Response) => {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      return JSON.stringify(await answer.json());
    };
    expect(await refused(await exportOf('bill.csv'))).toContain('Savings have no file \\"bill.csv\\"');
    expect(await refused(await exportOf('ledger.csv', { step: 'week' }))).toContain('step');
    const report = '/api/v1/admin/savings/report';
    expect(await refused(await get(report, { fromMs: 2, toMs: 1 }))).toContain(
      'toMs (1) must lie after fromMs (2)',
    );
    expect(await refused(await get(report, { fromMs: 0, groupBy: 'hour' }))).toContain('Ask for days');
    expect(await refused(await get('/api/v1/admin/savings/allocation', { groupBy: 'label' }))).toContain(
      'label=team',
    );
    expect(await refused(await get('/api/v1/admin/savings/entries/none'))).toContain('no entry');
  });

  it('are in the OpenAPI text, with what exports may be asked', async () => {
    const { paths } = (await (await get('/api/openapi.json')).json()) as {
      paths: Record<string, { get?: { parameters?: { name: string }[] } }>;
    };
    const names = paths['/api/v1/admin/savings/export/{kind}']?.get?.parameters?.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['fromMs', 'toMs', 'clusterId', 'step', 'engine']));
    expect(Object.keys(paths)).toContain('/api/v1/admin/savings/report');
  });
});
