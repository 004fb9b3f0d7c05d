import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, engineUploadPath } from '../../common/contracts/index.ts';
import type { ErrorBody } from '../../common/errors.ts';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';

const root = join(import.meta.dirname, '..', '..');
const examplePath = join(root, 'resources/engines/cheapest-in-zone.js');
const example = readFileSync(examplePath);
const data = mkdtempSync(join(tmpdir(), 'cloudoptim-engines-'));

let server: EngineProcess;
beforeAll(async () => {
  server = await startEngineProcess(data);
});
afterAll(async () => {
  await server.end();
  rmSync(data, { recursive: true, force: true });
});

async function ask(
  path: string,
  init: RequestInit & { token?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${init.token ?? server.token}`, ...init.headers };
  const answer = await fetch(server.url + path, { ...init, headers });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const post = (path: string, body: object, token?: string) =>
  ask(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    ...(token === undefined ? {} : { token }),
  });

function upload(content: Uint8Array | string, fileName: string, manifest?: object, token?: string) {
  const form = new FormData();
  form.append('file', new Blob([content as BlobPart]), fileName);
  // After the file, which the server has to wait for.
  if (manifest) form.append('manifest', JSON.stringify(manifest));
  return ask(engineUploadPath, { method: 'POST', body: form, ...(token === undefined ? {} : { token }) });
}

const errorOf = ({ body }: { body: unknown }) => (body as { error: ErrorBody }).error;

describe('experiments between engines over HTTP', () => {
  const path = '/api/v1/ml/engines/experiments';

  it('are listed with the ledger, and not started where no cluster takes part', async () => {
    expect((await ask(path)).body).toEqual({ experiments: [] });
    expect((await ask('/api/v1/ml/engines/ledger?limit=5')).body).toEqual({ entries: [] });
    const refused = await post(path, { championId: 'spot', challengerId: 'bin-packing' });
    expect(refused.status).toBe(409);
    expect(errorOf(refused).message).toBe('No cluster uses engine "spot".');
    expect((await ask(`${path}/none`)).status).toBe(404);
    expect((await post(`${path}/none/stop`, {})).status).toBe(404);
    expect((await post(`${path}/none/promote`, {})).status).toBe(404);
  });

  it('refuse limits that make no sense, naming them', async () => {
    const guardrails = { invalidAnswers: 0 };
    const refused = await post(path, { championId: 'spot', challengerId: 'bin-packing', guardrails });
    expect(refused.status).toBe(400);
    expect(errorOf(refused).message).toMatch(/guardrails\.invalidAnswers/);
  });
});

describe('engines over HTTP', () => {
  it('are taken in, listed, and given back byte by byte', async () => {
    const { status, body } = await upload(example, 'cheapest-in-zone.js');
    expect(status).toBe(200);
    const engine = body as Engine;
    expect(engine).toMatchObject({ name: 'cheapest-in-zone', state: 'ready', file: { kind: 'javascript' } });
    const list = (await ask('/api/v1/ml/engines/list')).body as { engines: Engine[] };
    expect(list.engines.map(({ name }) => name)).toEqual([
      'spot',
      'bin-packing',
      'packing-then-spot',
      'rightsizing',
      'rightsizing-then-packing-then-spot',
      'cheapest-in-zone',
    ]);
    expect((await ask(`/api/v1/ml/engines/${engine.id}/file`)).body).toBe(example.toString());
  });

  it('take their manifest from beside the file', async () => {
    const manifest = { name: 'quiet', version: '0.1.0', contractVersion: 1 };
    const { status, body } = await upload(
      'export const decide = () => ({ proposals: [] });',
      'quiet.js',
      manifest,
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'quiet', manifest: { version: '0.1.0' } });
  });

  it('are refused with the failed check, while the server answers others', async () => {
    const manifest = { name: 'endless', version: '1.0.0', contractVersion: 1 };
    let answered = 0;
    const uploading = upload('export function decide() { for (;;); }', 'endless.js', manifest);
    let isDone = false;
    void uploading.then(() => {
      isDone = true;
    });
    while (!isDone) {
      const { status } = await ask('/api/v1/ml/engines/list');
      expect(status).toBe(200);
      answered++;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    const refusal = errorOf(await uploading);
    expect(refusal.code).toBe('engine.rejected');
    expect(refusal.message).toContain('empty cluster: it did not answer within 10 s');
    // The endless loop has ten seconds; a server that waits for it would have answered once or twice.
    expect(answered).toBeGreaterThan(20);
  });

  it.each([
    ['no form', () => post(engineUploadPath, {}), 'input.invalid'],
    ['no file', () => ask(engineUploadPath, { method: 'POST', body: new FormData() }), 'input.invalid'],
    ['too large', () => upload(new Uint8Array(5 * 2 ** 20), 'large.js'), 'input.too-large'],
    ['no manifest', () => upload('export const decide = () => 1;', 'bare.js'), 'engine.rejected'],
    [
      'a broken module',
      () => upload(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1), 'broken.wasm'),
      'engine.rejected',
    ],
    [
      'an unknown engine',
      () => post('/api/v1/ml/decision/sorcery', { clusterId: 'none' }),
      'resource.not-found',
    ],
    [
      'an unknown cluster',
      () => post('/api/v1/ml/decision/quiet', { clusterId: 'none' }),
      'resource.not-found',
    ],
    [
      'a choice for an unknown cluster',
      () => post('/api/v1/ml/engines/choose', { clusterId: 'none', engineId: 'spot' }),
      'resource.not-found',
    ],
  ])('answer a clear refusal to %s', async (_name, call, code) => {
    const refusal = errorOf(await call());
    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(/\.$/);
    expect(refusal.hint).not.toBe('');
  });

  it('are uploaded by operators only', async () => {
    const { body } = await post('/api/v1/admin/tokens', { label: 'viewer', role: 'viewer' });
    const { secret } = body as { secret: string };
    expect((await upload(example, 'a.js', undefined, secret)).status).toBe(403);
    expect((await ask('/api/v1/ml/engines/list', { token: secret })).status).toBe(200);
  });
});

describe('cloudoptim engines check', () => {
  const check = (...args: string[]) => {
    const all = [join(root, 'server/main.ts'), 'engines', 'check', ...args];
    return spawnSync(process.execPath, all, { encoding: 'utf8' });
  };
  const file = (name: string, text: string): string => {
    const path = join(data, name);
    writeFileSync(path, text);
    return path;
  };

  it('accepts the example with one line for each check', () => {
    const { status, stdout } = check(examplePath);
    expect(status).toBe(0);
    const [title, ...lines] = stdout.trimEnd().split('\n');
    expect(title).toBe('cheapest-in-zone.js: accepted');
    expect(lines).toHaveLength(9);
    expect(lines.every(line => line.startsWith('ok '))).toBe(true);
  });

  it('says no with exit code 3, also as JSON', () => {
    const path = file('no.js', 'export const decide = () => new Date();');
    const manifest = file('no.json', JSON.stringify({ name: 'no', version: '1.0.0', contractVersion: 1 }));
    const { status, stdout } = check(path, '--manifest', manifest, '--json');
    expect(status).toBe(3);
    const { passed, checks } = JSON.parse(stdout) as {
      passed: boolean;
      checks: { name: string; text: string }[];
    };
    expect(passed).toBe(false);
    expect(checks.find(({ name }) => name === 'empty cluster')?.text).toContain("'Date' is not defined");
  });

  it('asks for a file that can be read, with exit code 2', () => {
    const { status, stderr } = check(join(data, 'nowhere.js'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^The file .*nowhere\.js cannot be read\./);
  });
});
