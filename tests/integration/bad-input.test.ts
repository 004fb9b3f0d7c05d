import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, modelUploadPath } from '../../common/contracts/index.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bad-input-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `cloudoptim` and waits for its end; one that does not end is a failure. */
async function cloudoptim(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'server/main.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await once(child, 'exit');
  clearTimeout(limit);
  return { code: child.exitCode, stderr };
}

/** One line, no stack, and the words that matter. */
function expectOneSentence(
  { code, stderr }: { code: number | null; stderr: string },
  ...words: string[]
): void {
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  for (const word of words) expect(stderr).toContain(word);
  expect(code).toBe(2);
}

describe('cloudoptim server', () => {
  it.each(['abc', '70000', '-5'])('refuses the port %s', async port => {
    expectOneSentence(
      await cloudoptim('server', `--port=${port}`, '--data', join(folder, 'a')),
      '--port',
      port,
    );
  });

  it('refuses a port that is taken, and says which', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expectOneSentence(
      await cloudoptim(
        'server',
        '--port',
        String(port),
        '--data',
        join(folder, 'b'),
        '--log-level',
        'silent',
      ),
      String(port),
      'in use',
    );
    other.close();
  });

  it('refuses a data folder that cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    expectOneSentence(
      await cloudoptim('server', '--data', join(folder, 'file', 'data'), '--log-level', 'silent'),
      join(folder, 'file', 'data'),
      'cannot be written',
    );
  });

  it('refuses a damaged database and leaves it as it was', async () => {
    const data = join(folder, 'damaged');
    mkdirSync(data);
    const file = join(data, 'cloudoptim.sqlite');
    const content = 'not a database '.repeat(100);
    writeFileSync(file, content);
    expectOneSentence(await cloudoptim('server', '--data', data, '--log-level', 'silent'), file, 'damaged');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('refuses an unknown flag and an unknown command', async () => {
    const flag = await cloudoptim('server', '--prot', '80');
    expect(flag.code).toBe(2);
    expect(flag.stderr).toContain('--prot');
    const command = await cloudoptim('serve');
    expect(command.code).toBe(2);
    expect(command.stderr).toContain('serve');
  });

  it('refuses an address that is not loopback, unless it speaks TLS', async () => {
    expectOneSentence(
      await cloudoptim('server', '--host', '0.0.0.0', '--data', join(folder, 'c')),
      '0.0.0.0 without TLS',
      '--tls-cert',
    );
  });
});

describe('the engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({
      settings: loadSettings({ data: join(folder, 'engine'), port: 0, logLevel: 'silent' }, {}),
      version: '0.0.0',
      resourcesFolder: join(root, 'resources'),
      uiFolder: undefined,
    });
  });
  afterAll(() => engine.close());

  const authorization = () => `Bearer ${engine.launchToken}`;

  async function post(
    path: string,
    body: unknown,
  ): Promise<{ status: number; error: Record<string, string> }> {
    const answer = await fetch(engine.url + path, {
      method: 'POST',
      headers: { authorization: authorization(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, ...((await answer.json()) as { error: Record<string, string> }) };
  }

  async function upload(
    name: string,
    content: string | Buffer,
  ): Promise<{ status: number; error: Record<string, string> }> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), name);
    const answer = await fetch(engine.url + modelUploadPath, {
      method: 'POST',
      headers: { authorization: authorization() },
      body: form,
    });
    return { status: answer.status, ...((await answer.json()) as { error: Record<string, string> }) };
  }

  it.each([
    ['holiday.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['empty.onnx', Buffer.alloc(0)],
    ['model.pkl', Buffer.from('80049505000000000000004b012e', 'hex')],
    ['text.onnx', Buffer.from('hello, this is no model at all')],
  ])('refuses %s, which is no model, by name, and keeps nothing of it', async (name, content) => {
    const { status, error } = await upload(name, content);
    expect(status).toBe(422);
    expect(error.code).toBe('model.not-a-model');
    expect(error.message).toContain(name);
    const list = await fetch(engine.url + api.models.listModels.path, {
      headers: { authorization: authorization() },
    });
    expect(((await list.json()) as { models: unknown[] }).models).toEqual([]);
  });

  it('says that a gap beyond 90 days needs an archive, and starts nothing', async () => {
    const scope = { regions: ['us-east-1'], instanceTypes: ['m5.large'], products: ['Linux/UNIX'] };
    const fromMs = Date.now() - 200 * 86_400_000;
    const answer = await post(api.market.analyzeGap.path, { scope, fromMs });
    expect(answer.status).toBe(200);
    expect((answer as unknown as { archiveMs: number }).archiveMs).toBeGreaterThan(109 * 86_400_000);
  });

  it('says that an unknown model or cluster is unknown, by its name', async () => {
    const model = await post(api.models.activateModel.path, { modelId: 'model-unknown' });
    expect(model.status).toBe(404);
    expect(model.error.message).toContain('model-unknown');
    const cluster = await post(api.decisions.trigger.path, { clusterId: 'cluster-unknown' });
    expect(cluster.status).toBe(404);
    expect(cluster.error.message).toContain('cluster-unknown');
  });

  it.each([
    [[[1, 'x']], 'body.rows.0.1: Invalid input: expected number, received string.'],
    [[[1], 2], 'body.rows.1: Invalid input: expected array, received number.'],
    [[], 'body.rows: Too small: expected array to have >=1 items.'],
    [undefined, 'body.rows: Invalid input: expected array, received undefined.'],
  ])('names the cell of raw rows that is no number: %j', async (rows, message) => {
    const { status, error } = await post(api.forecasts.predictRaw.path, { modelId: 'any', rows });
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: 'input.invalid', message });
  });

  it('refuses a join token that never was', async () => {
    const { status, error } = await post(api.clusters.enrol.path, {
      joinToken: 'never-was',
      agentVersion: '1',
      instanceId: 'x',
    });
    expect(status).toBe(401);
    expect(error.code).toBe('access.join-token-invalid');
  });
});

describe('AWS credentials', () => {
  /** Starts a server with this environment, asks it to fill a small gap, and gives the message of the ended job. */
  async function messageOfFill(environment: Record<string, string>): Promise<string> {
    const data = mkdtempSync(join(folder, 'aws-'));
    const child: ChildProcess = spawn(
      process.execPath,
      [join(root, 'server/main.ts'), 'server', '--port', '0', '--data', data, '--log-level', 'silent'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        // No home, no metadata service: nothing of this machine may serve as credentials.
        env: { PATH: process.env.PATH ?? '', HOME: data, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
      },
    );
    try {
      const link = await new Promise<string>((resolve, reject) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          const match = /Sign in: (\S+)/.exec(chunk.toString());
          if (match?.[1]) resolve(match[1]);
        });
        child.once('exit', code => reject(new Error(`the server ended with ${code}`)));
      });
      const [url, token] = link.split('/#token=');
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const scope = { regions: ['us-east-1'], instanceTypes: ['m5.large'], products: ['Linux/UNIX'] };
      const started = await fetch(`${url}${api.market.fillGap.path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ scope, fromMs: Date.now() - 3_600_000 }),
      });
      const first = (await started.json()) as { jobId: string; error?: { message: string } };
      if (first.error) return first.error.message;
      for (;;) {
        const job = await fetch(`${url}/api/v1/ml/gap-filler/fill/${first.jobId}`, { headers });
        const { state, message } = (await job.json()) as { state: string; message: string };
        if (state === 'failed') return message;
        if (state === 'succeeded') throw new Error('the fill succeeded without credentials');
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }

  it('that are absent are said to be absent', async () => {
    expect(await messageOfFill({})).toMatch(/credentials/i);
  });

  it('for a region that cannot be reached end in a sentence with the address', async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
      CLOUDOPTIM_EC2_ENDPOINT: 'http://127.0.0.1:9',
    };
    expect(await messageOfFill(environment)).toContain('127.0.0.1:9');
  });
});
