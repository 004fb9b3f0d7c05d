import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Backtest,
  backtestFilePath,
  type ImportProgress,
  importUploadPath,
  type KeptRecording,
} from '../../common/contracts/index.ts';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';
import { madeRecording } from '../support/made-recording.ts';

const HOUR_MS = 3_600_000;
const RECORDINGS = '/api/v1/ml/evaluate/recordings';
const BACKTESTS = '/api/v1/ml/evaluate/backtests';

let folder: string;
let engine: EngineProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-backtests-'));
  engine = await startEngineProcess(join(folder, 'data'));
});
afterAll(async () => {
  await engine.end();
  rmSync(folder, { recursive: true, force: true });
});

const send = (path: string, init: RequestInit = {}) =>
  fetch(engine.url + path, {
    ...init,
    headers: { authorization: `Bearer ${engine.token}`, ...init.headers },
  });
const post = (path: string, body: unknown) =>
  send(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
async function until<T extends { state: string }>(path: string): Promise<T> {
  for (;;) {
    const found = (await (await send(path)).json()) as T;
    if (!['queued', 'running'].includes(found.state)) return found;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Forty days of two zones, a record every six hours. */
function prices(): string {
  const rows = ['a', 'b'].flatMap(zone =>
    Array.from({ length: 160 }, (_, index) => {
      const at = new Date(Date.UTC(2026, 0, 1) + index * 6 * HOUR_MS).toISOString();
      const usd = 0.04 + 0.01 * Math.sin(index / 9 + (zone === 'a' ? 0 : 2));
      return `${at},m5.large,us-east-1${zone},Linux/UNIX,${usd.toFixed(6)}`;
    }),
  );
  return `timestamp,instance_type,availability_zone,product,price_usd\n${rows.join('\n')}\n`;
}

describe('a backtest over HTTP', () => {
  it('says when there is nothing to test', async () => {
    const { jobId } = (await (await post(BACKTESTS, { modelId: 'persistence' })).json()) as Backtest;
    const failed = await until<Backtest>(`${BACKTESTS}/${jobId}`);
    expect(failed).toMatchObject({ state: 'failed', report: null });
    expect(failed.message).toMatch(/no prices on disk/);
    expect((await send(`${BACKTESTS}/${jobId}/files/pools.csv`)).status).toBe(404);
  });

  it('runs on imported prices, and gives its report, its pools and its files', async () => {
    const form = new FormData();
    form.append('file', new Blob([prices()]), 'prices.csv');
    const imported = (await (
      await send(importUploadPath, { method: 'POST', body: form })
    ).json()) as ImportProgress;
    await until<ImportProgress>(`/api/v1/ml/market/imports/${imported.jobId}`);
    const asked = {
      modelId: 'drift',
      fromMs: Date.UTC(2026, 0, 10),
      toMs: Date.UTC(2026, 1, 5),
      policy: { workHours: 12, deadlineHours: 16 },
    };
    const started = await post(BACKTESTS, asked);
    expect(started.status).toBe(200);
    const { jobId } = (await started.json()) as Backtest;
    const done = await until<Backtest>(`${BACKTESTS}/${jobId}`);
    expect(done).toMatchObject({
      state: 'succeeded',
      model: 'drift',
      report: { pools: 2, policy: { traces: 1 } },
    });
    // On demand is one of the policies: the catalog that comes with the program knows the price.
    expect(done.report?.policy?.policies.map(({ policy }) => policy)).toContain('on-demand');

    const listed = (await (await send(BACKTESTS)).json()) as { backtests: Backtest[] };
    expect(listed.backtests[0]).toMatchObject({ jobId, state: 'succeeded' });
    const rows = (await (await send(`${BACKTESTS}/${jobId}/pools`)).json()) as { pools: unknown[] };
    expect(rows.pools).toHaveLength(2);
    const file = async (kind: string) => {
      const response = await send(backtestFilePath.replace(':job', jobId).replace(':kind', kind));
      return {
        status: response.status,
        attached: response.headers.get('content-disposition'),
        text: await response.text(),
      };
    };
    const csv = await file('pools.csv');
    expect(csv).toMatchObject({ status: 200, attached: 'attachment; filename="backtest-pools.csv"' });
    expect(csv.text.split('\n')).toHaveLength(4);
    expect((await file('report.html')).text).toContain('<svg');
    expect(JSON.parse((await file('report.json')).text)).toEqual(done.report);
    expect((await file('everything.zip')).status).toBe(400);
  });

  it('tests probabilities of interruption on a recording that was sent', async () => {
    const sent = await post(RECORDINGS, { name: 'made.csv', text: madeRecording(30) });
    expect(sent.status).toBe(200);
    const kept = (await sent.json()) as KeptRecording;
    expect(kept).toMatchObject({ name: 'made.csv', pools: 4, fromMs: Date.UTC(2026, 8, 1) });
    const recording = { sha256: kept.sha256, name: kept.name };
    const asked = { modelId: 'persistence', horizonHours: 1, recording };
    const { jobId } = (await (await post(BACKTESTS, asked)).json()) as Backtest;
    const done = await until<Backtest>(`${BACKTESTS}/${jobId}`);
    expect(done).toMatchObject({ state: 'succeeded', model: 'persistence', report: null });
    expect(done.riskReport).toMatchObject({ task: 'interruption', pools: 4, verdict: 'baseline' });
    expect(done.message).toBe(done.riskReport?.sentence);
    const rows = (await (await send(`${BACKTESTS}/${jobId}/pools`)).json()) as Record<string, unknown[]>;
    expect(rows).toMatchObject({ pools: [] });
    expect(rows.riskPools).toHaveLength(4);
    const file = async (kind: string) =>
      (await send(backtestFilePath.replace(':job', jobId).replace(':kind', kind))).text();
    expect((await file('pools.csv')).split('\n')).toHaveLength(6);
    expect(await file('report.html')).toContain('Calibration: how often it happened');
    expect(JSON.parse(await file('report.json'))).toEqual(done.riskReport);

    const refused = await post(RECORDINGS, { name: 'other.csv', text: 'a,b\n1,2\n' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('is no recording of availability');
    const unknown = { ...asked, recording: { ...recording, sha256: '0'.repeat(64) } };
    const lost = (await (await post(BACKTESTS, unknown)).json()) as Backtest;
    const failed = await until<Backtest>(`${BACKTESTS}/${lost.jobId}`);
    expect(failed.message).toMatch(/"made.csv" is not kept any more/);
  });

  it.each([
    ['a step that is too short', { modelId: 'drift', stepMinutes: 1 }, 400],
    ['a model that is not there', { modelId: 'model-1' }, 404],
  ])('refuses %s', async (_, order, status) => {
    expect((await post(BACKTESTS, order)).status).toBe(status);
  });
});
