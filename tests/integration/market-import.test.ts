import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImportProgress, type ImportSummary, importUploadPath } from '../../common/contracts/index.ts';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';

const root = join(import.meta.dirname, '..', '..');
const HOUR_MS = 3_600_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-market-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `aws ec2 describe-spot-price-history --output text` prints: three pools, a record every hour. */
function awsText(hours: number): string {
  const rows: string[] = [];
  for (let hour = hours; hour-- > 0; ) {
    for (const letter of ['a', 'b', 'c']) {
      const at = new Date(Date.UTC(2022, 0, 1) + hour * HOUR_MS).toISOString().replace('.000Z', '+00:00');
      rows.push(
        `SPOTPRICEHISTORY\teu-west-1${letter}\tm5.large\tLinux/UNIX\t0.0${400 + (hour % 90)}\t${at}\n`,
      );
    }
  }
  return rows.join('');
}

function fileOf(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function market(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const command = [join(root, 'server/main.ts'), 'market', ...args, '--data', join(folder, 'of-command')];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('cloudoptim market', () => {
  it('imports several files with a summary of each, and then says what is still missing', () => {
    const whole = fileOf('whole.gz', gzipSync(awsText(100)));
    const again = fileOf('again.txt', awsText(120));
    const { code, stdout } = market('import', whole, again, '--json');
    expect(code).toBe(0);
    const [first, second] = JSON.parse(stdout) as ImportSummary[];
    expect(first).toMatchObject({ outcome: 'imported', compression: 'gzip', rows: 300, newRows: 300 });
    expect(second).toMatchObject({ format: 'aws-text', newRows: 60, duplicates: 300, conflicts: 0 });

    const gaps = market('gaps', '--trained-until', '2022-01-01T00:00:00Z', '--type', 'm5.large', '--json');
    expect(gaps.code).toBe(0);
    const { slices } = JSON.parse(gaps.stdout) as { slices: { fromMs: number; toMs: number }[] };
    expect(slices[0]?.toMs).toBe(Date.UTC(2022, 0, 1, 1));
    expect(slices[1]?.fromMs).toBe(Date.UTC(2022, 0, 1) + 119 * HOUR_MS + 1_000);
  });

  it('answers a damaged file with exit code 3 and the line, and takes what comes before when it is told to', () => {
    const cut = fileOf('cut.txt', awsText(10).slice(0, -12));
    const refused = market('import', cut);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('is damaged in line 30: it is cut off');
    expect(market('import', cut, '--up-to-damage').code).toBe(0);
  });

  it('names a file that is no file of prices with exit code 2, and imports the others', () => {
    const { code, stdout, stderr } = market(
      ...['import', fileOf('notes.txt', 'hello\n'), fileOf('more.txt', awsText(3)), '--json'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('"notes.txt" begins with "hello"');
    expect(JSON.parse(stdout)).toHaveLength(1);
    expect(market('import', join(folder, 'nothing.gz')).code).toBe(2);
    const zones = market('import', fileOf('more.txt', awsText(3)), '--zones', 'here');
    expect([zones.code, zones.stderr]).toEqual([2, expect.stringContaining('"here"')]);
  });
});

describe('an uploaded file of prices', () => {
  let engine: EngineProcess;
  const data = () => join(folder, 'of-engine');
  beforeAll(async () => {
    engine = await startEngineProcess(data());
  });
  afterAll(() => engine.end());

  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${engine.token}` };
    const response = await fetch(engine.url + path, { ...init, headers });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const upload = (content: string | Buffer, fields: Record<string, string> = {}) => {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), 'prices.gz');
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return call(importUploadPath, { method: 'POST', body: form });
  };
  const ended = async (jobId: string): Promise<ImportProgress> => {
    for (;;) {
      const { body } = await call(`/api/v1/ml/market/imports/${jobId}`);
      const progress = body as ImportProgress;
      if (!['queued', 'running'].includes(progress.state)) return progress;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };

  it('is imported by a job with a summary; its pools are there at once, and no copy is left', async () => {
    const { status, body } = await upload(gzipSync(awsText(100)));
    expect(status).toBe(200);
    const progress = await ended((body as ImportProgress).jobId);
    expect(progress).toMatchObject({ state: 'succeeded', fileName: 'prices.gz', percent: 100, newRows: 300 });
    expect(progress.summary).toMatchObject({ outcome: 'imported', pools: 3, rows: 300 });
    const pools = (await call('/api/v1/ml/market/pools')).body as { total: number };
    expect(pools.total).toBe(3);
    await expect.poll(() => readdirSync(join(data(), 'imports')), { timeout: 5_000 }).toEqual([]);
  });

  it('that is damaged fails with the line, and is taken up to there when the form says so', async () => {
    const cut = gzipSync(`${awsText(20)}broken line\n`);
    const refused = await ended(((await upload(cut)).body as ImportProgress).jobId);
    expect(refused).toMatchObject({ state: 'failed', newRows: 0, summary: { outcome: 'refused' } });
    expect(refused.message).toContain('"prices.gz" is damaged in line 61');
    const taken = await ended(((await upload(cut, { upToDamage: 'true' })).body as ImportProgress).jobId);
    expect(taken).toMatchObject({
      state: 'succeeded',
      summary: { outcome: 'imported-up-to-damage', rows: 60 },
    });
    expect((await upload(cut, { upToDamage: 'perhaps' })).status).toBe(400);
    const list = (await call('/api/v1/ml/market/imports')).body as { imports: ImportProgress[] };
    expect(list.imports).toHaveLength(3);
  });

  it('can be cancelled', async () => {
    const many = Array.from({ length: 60 }, (_, copy) =>
      awsText(300).replaceAll('m5.large', `m5.x${copy}`),
    ).join('');
    const { jobId } = (await upload(gzipSync(many))).body as ImportProgress;
    const { body } = await call(`/api/v1/ml/market/imports/${jobId}/cancel`, { method: 'POST' });
    expect((body as ImportProgress).state).toBe('cancelled');
    await expect.poll(() => readdirSync(join(data(), 'imports')), { timeout: 5_000 }).toEqual([]);
  });
});
