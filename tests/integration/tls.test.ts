import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchTlsFiles } from '../../server/platform/http/tls-files.ts';
import { createSelfSignedCertificate } from '../../simulator/kubernetes-api/self-signed-certificate.ts';

const main = join(import.meta.dirname, '../../server/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-tls-'));
const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
afterAll(() => rmSync(folder, { recursive: true }));

function writeCertificate(): string {
  const { certificate, privateKey } = createSelfSignedCertificate(Date.now());
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, privateKey);
  return certificate;
}
const flags = ['server', '--port', '0', '--data', join(folder, 'data'), '--log-level', 'fatal'];

describe('a server with a certificate', () => {
  let engine: ChildProcess;
  let url: URL;
  let token: string;
  let ca: string;
  beforeAll(async () => {
    ca = writeCertificate();
    engine = spawn(
      process.execPath,
      [main, ...flags, '--host', '0.0.0.0', '--tls-cert', files.cert, '--tls-key', files.key],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
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
    expect(link).toMatch(/^https:\/\/0\.0\.0\.0:/);
    url = new URL(link.replace('0.0.0.0', '127.0.0.1').split('/#')[0] ?? '');
    token = link.split('#token=')[1] ?? '';
  });
  afterAll(() => void engine.kill('SIGKILL'));

  const start = (method: string, path: string, headers: Record<string, string> = {}) =>
    request(new URL(path, url), { method, ca, headers, agent: false });
  async function answerOf(asked: ReturnType<typeof request>) {
    const [answer] = await once(asked, 'response');
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    return {
      status: answer.statusCode as number,
      headers: answer.headers as Record<string, string | string[]>,
      text,
    };
  }
  const signIn = (headers: Record<string, string> = {}) => {
    const asked = start('POST', '/api/v1/access/session', { 'content-type': 'application/json', ...headers });
    asked.end(JSON.stringify({ token }));
    return answerOf(asked);
  };

  it('marks cookies as secure, and tells browsers to come by TLS under its name', async () => {
    const { status, headers } = await signIn();
    expect(status).toBe(200);
    expect(String(headers['set-cookie'])).toMatch(/; Secure/);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    const asked = start('GET', '/healthz', { host: `localhost:${url.port}` });
    asked.end();
    expect((await answerOf(asked)).headers['strict-transport-security']).toBeUndefined();
  });

  it('lets its own pages call, and none of the same address without TLS', async () => {
    expect((await signIn({ origin: url.origin })).status).toBe(200);
    expect((await signIn({ origin: url.origin.replace('https', 'http') })).status).toBe(403);
  });

  it('does not speak what is older than TLS 1.2', async () => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(url.port),
      ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL|ECONNRESET/);
  });

  it('answers whoever it is answering when it is ended, closes sockets, and takes nobody new', async () => {
    const socket = io(`${url.origin}/live`, {
      transports: ['websocket'],
      ca,
      auth: { token },
      reconnection: false,
    } as never);
    await expect.poll(() => socket.connected, { timeout: 10_000 }).toBe(true);
    const cut = new Promise<void>(resolve => socket.on('disconnect', () => resolve()));
    const body = JSON.stringify({ label: 'late', role: 'viewer' });
    const asked = start('POST', '/api/v1/admin/tokens', {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
    });
    asked.write(body.slice(0, 10));
    await once(asked, 'socket');
    // Until the server has the first half.
    await new Promise(resolve => setTimeout(resolve, 300));
    engine.kill('SIGTERM');
    const ended = once(engine, 'exit');
    await expect
      .poll(async () => {
        const another = start('GET', '/healthz');
        another.end();
        return answerOf(another).catch((error: NodeJS.ErrnoException) => error.code);
      })
      .toBe('ECONNREFUSED');
    expect(engine.exitCode).toBe(null);
    asked.end(body.slice(10));
    const { status, text } = await answerOf(asked);
    expect([status, JSON.parse(text).token.label]).toEqual([200, 'late']);
    await cut;
    expect(await ended).toEqual([0, null]);
  });
});

describe('a renewed certificate', () => {
  it('is read when its files change, and left alone while they do not fit', async () => {
    writeCertificate();
    const used: unknown[] = [];
    const failed: Error[] = [];
    const stop = watchTlsFiles(
      files,
      context => used.push(context.cert),
      error => failed.push(error as Error),
      20,
    );
    try {
      writeFileSync(files.key, createSelfSignedCertificate(Date.now()).privateKey);
      await expect.poll(() => failed.length).toBe(1);
      expect(failed[0]?.message).toContain('cannot be used together');
      const renewed = writeCertificate();
      await expect.poll(() => String(used.at(-1))).toBe(renewed);
    } finally {
      stop();
    }
  });
});

describe('settings that would let others listen', () => {
  it.each([
    [['--host', '0.0.0.0'], 'The server would listen on 0.0.0.0 without TLS.'],
    [['--host', '::'], 'The server would listen on :: without TLS.'],
    [['--host', 'example.com'], '--host is "example.com": give an IP address of this machine, or localhost.'],
    [['--tls-cert', 'x.pem'], '--tls-key is missing.'],
    [
      ['--tls-cert', join(folder, 'none.pem'), '--tls-key', 'y.pem'],
      'none.pem of --tls-cert cannot be read.',
    ],
    [
      ['--trusted-proxies', '10.0.0.0/33'],
      'give IP addresses or networks such as 10.0.0.0/8, comma separated.',
    ],
  ])('%j is refused with one sentence', (more, sentence) => {
    const { status, stderr } = spawnSync(process.execPath, [main, ...flags, ...more], { encoding: 'utf8' });
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toContain(sentence);
  });
});
