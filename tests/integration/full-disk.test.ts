import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../../server/main.ts');
/** Whether this user may have a disk of its own here. */
const mayMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;
if (!mayMount) process.stdout.write('a full disk is not tested: this user may not mount one\n');

describe.skipIf(!mayMount)('an engine whose disk is full', () => {
  let engine: ReturnType<typeof spawn>;
  let url: string;
  let token: string;
  let ballast: string;
  beforeAll(async () => {
    const flags = ['server', '--port', '0', '--data', '/mnt', '--log-level', 'fatal'];
    engine = spawn(
      'unshare',
      [
        '-Urm',
        'sh',
        '-c',
        'mount -t tmpfs -o size=12m tmpfs /mnt && exec "$0" "$@"',
        process.execPath,
        main,
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const link = await new Promise<string>((resolve, reject) => {
      let said = '';
      engine.stdout?.on('data', (chunk: Buffer) => {
        said += String(chunk);
        const found = /Sign in:\s+(\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      engine.once('exit', code => reject(new Error(`the engine ended with ${code}: ${said}`)));
    });
    [url = '', token = ''] = link.split('/#token=');
    ballast = `/proc/${engine.pid}/root/mnt/ballast`;
  });
  afterAll(async () => {
    if (engine.exitCode !== null) return;
    engine.kill('SIGTERM');
    await once(engine, 'exit');
  });

  const ask = async (path: string, body?: object) => {
    const answer = await fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, never> };
  };
  const makeToken = () => ask('/api/v1/admin/tokens', { label: 'x', role: 'viewer' });

  it('says so, goes on reading, and writes again once there is room, without a start', async () => {
    expect((await makeToken()).status).toBe(200);
    expect(() => writeFileSync(ballast, Buffer.alloc(12 * 1024 ** 2))).toThrow('ENOSPC');
    // What is written goes into space that the file has, until that is used up.
    let refused = await makeToken();
    for (let tries = 0; refused.status === 200 && tries < 500; tries++) refused = await makeToken();
    expect(refused).toMatchObject({
      status: 507,
      body: { error: { code: 'storage.full', message: 'The disk of the data folder /mnt is full.' } },
    });
    expect((await ask('/api/v1/admin/tokens')).status).toBe(200);
    expect((await ask('/api/v1/access/state')).body).toMatchObject({ storage: { code: 'storage.full' } });
    expect((await ask('/readyz')).body).toEqual({ status: 'read-only' });
    rmSync(ballast);
    // By itself: nobody writes meanwhile.
    await expect
      .poll(async () => (await ask('/api/v1/access/state')).body, { timeout: 20_000, interval: 250 })
      .toEqual({ storage: null });
    expect((await makeToken()).status).toBe(200);
    expect((await ask('/api/v1/admin/audit')).body).toMatchObject({ intact: true });
  });
});
