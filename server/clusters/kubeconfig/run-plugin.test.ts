import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPlugin } from './run-plugin.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-plugin-'));
  file = join(folder, 'config');
});
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const script = (text: string) => ({ command: process.execPath, args: ['-e', text] });
const run = (exec: object, signal = never) => runPlugin(exec, file, { server: 'https://c' }, signal);

describe('a program that signs in', () => {
  it('is told what it asks for, with its own variables, and gives token or certificate', async () => {
    const answer = { kind: 'ExecCredential', status: { token: 't', expirationTimestamp: null } };
    const exec = script(
      `if (process.env.PROFILE === 'ops' && !process.env.KUBERNETES_EXEC_INFO.includes('https://c')) console.log('${JSON.stringify(answer)}')`,
    );
    expect(await run({ ...exec, env: [{ name: 'PROFILE', value: 'ops' }] })).toEqual({ token: 't' });
    await expect(run({ ...exec, provideClusterInfo: true })).rejects.toThrow('printed no ExecCredential');
  });

  it('is found beside the file that names it with a path', async () => {
    if (process.platform === 'win32') return;
    const text = `#!/bin/sh\necho '{"status":{"clientCertificateData":"c","clientKeyData":"k"}}'\n`;
    writeFileSync(join(folder, 'login'), text, { mode: 0o755 });
    expect(await run({ command: './login' })).toEqual({ clientCertificateData: 'c', clientKeyData: 'k' });
  });

  it.each([
    [{ command: 'no-such-program-here' }, 'is not on the PATH of the engine'],
    [{ command: 'x', interactiveMode: 'Always' }, 'wants a terminal to sign in, and there is none here'],
    [{ args: ['x'] }, 'is not described as Kubernetes asks for it'],
    [script('console.log("canary")'), 'printed no ExecCredential'],
    [script('console.log("canary"); process.exit(3)'), 'did not sign in (exit 3).'],
    [
      script('setInterval(() => console.log("canary".repeat(10_000)), 1)'),
      'took too long, or printed too much',
    ],
  ])('that cannot be used is told in one sentence: %j', async (exec, sentence) => {
    const error = await run(exec).catch((refusal: Error) => refusal);
    expect(error).toMatchObject({ code: 'kubeconfig.unusable', message: expect.stringContaining(sentence) });
    expect((error as Error).message).not.toContain('canary');
  });

  it('is ended when nobody waits any more', async () => {
    const mark = join(folder, 'pid');
    const stop = new AbortController();
    const running = run(
      script(
        `require('fs').writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => 0, 1000)`,
      ),
      stop.signal,
    );
    const ended = expect(running).rejects.toMatchObject({ name: 'AbortError' });
    let pid = 0;
    for (let tries = 0; tries < 200 && pid === 0; tries++) {
      await new Promise(resolve => setTimeout(resolve, 25));
      pid = Number(
        await Promise.resolve()
          .then(() => readFileSync(mark, 'utf8'))
          .catch(() => 0),
      );
    }
    stop.abort();
    await ended;
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
