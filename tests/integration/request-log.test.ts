import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer, type HttpServer } from '../../server/platform/http/http-server.ts';
import { createLog, openSqlite, systemClock } from '../../server/platform/index.ts';
import { requestScope } from '../../server/platform/log.ts';

let folder: string;
let http: HttpServer;
let url: string;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-log-'));
  mkdirSync(join(folder, 'ui'));
  writeFileSync(join(folder, 'ui/index.html'), '<title>the app</title>');
  const log = createLog('info', { write: line => void lines.push(JSON.parse(line)) });
  http = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    uiFolder: join(folder, 'ui'),
    version: '0.0.0',
    trustedProxies: ['127.0.0.1'],
    clock: systemClock,
    log,
  });
  http.app.get('/api/broken', async () => {
    await new Promise(resolve => setTimeout(resolve, 5));
    // As a room does that knows nothing of requests.
    log.info({ room: 'some' }, 'at work');
    throw new Error('nobody thought of this');
  });
  http.app.post('/api/taken', async () => {
    log.info({ room: 'some' }, 'taken');
    return {};
  });
  http.app.get('/api/who', async ({ ip, protocol }) => ({ ip, protocol }));
  ({ url } = await http.listen());
});
afterAll(async () => {
  await http.close();
  rmSync(folder, { recursive: true });
});

describe('lines of the log', () => {
  it('carry the id of the request that they were written for, once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => fetch(`${url}/api/broken`)));
    const ids = answers.map(answer => answer.headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(3);
    for (const [index, answer] of answers.entries()) {
      const { error } = (await answer.json()) as { error: Record<string, string> };
      expect(error).toMatchObject({ code: 'bug.unexpected', requestId: ids[index] });
      expect(JSON.stringify(error)).not.toContain('nobody thought');
      const own = lines.filter(({ requestId }) => requestId === ids[index]);
      expect(own.map(({ msg }) => msg)).toEqual(['at work', 'unexpected error']);
      expect(own[1]).toMatchObject({ err: { message: 'nobody thought of this' } });
    }
    expect(pino.levels.values.error).toBe(lines.at(-1)?.level);
  });
});

describe('a body that comes late', () => {
  it('loses nothing: what is done with it carries the id of its request', async () => {
    const answer = await new Promise<{ id: unknown; status: unknown }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 9 };
      const sent = request(`${url}/api/taken`, { method: 'POST', headers }, ({ headers: told, statusCode }) =>
        resolve({ id: told['x-request-id'], status: statusCode }),
      );
      sent.on('error', reject);
      sent.write('{"a"');
      setTimeout(() => sent.end(':1  }'), 50);
    });
    expect(answer.status).toBe(200);
    expect(lines.find(({ msg }) => msg === 'taken')?.requestId).toBe(answer.id);
  });
});

describe('writes that share a commit', () => {
  it('each work in the context of who asked for it', async () => {
    const database = await openSqlite(join(folder, 'data'), {});
    try {
      const seen = await Promise.all(
        ['a', 'b', 'c'].map(id =>
          requestScope.run(id, () => database.write(async () => [id, requestScope.getStore()] as const)),
        ),
      );
      expect(seen).toEqual([
        ['a', 'a'],
        ['b', 'b'],
        ['c', 'c'],
      ]);
    } finally {
      await database.close();
    }
  });
});

describe('addresses of pages', () => {
  it.each([
    ['/', 200],
    ['/clusters', 200],
    ['/clusters/a/nodes', 200],
    ['/settings?x=1', 200],
    ['/wp-admin', 404],
    ['/clustersX', 404],
    ['//evil', 404],
  ])('%s is answered %i, with the app that says which it is', async (path, status) => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain('the app');
  });

  it('of no page and no call are not answered with the app', async () => {
    for (const path of ['/api/v1/none', '/missing.js'])
      expect(await (await fetch(url + path)).json()).toMatchObject({ error: { code: 'resource.not-found' } });
  });
});

describe('a proxy', () => {
  const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https' };

  it('that is trusted tells the nearest address that is not, and whether it was TLS', async () => {
    const answer = await fetch(`${url}/api/who`, { headers });
    expect(await answer.json()).toEqual({ ip: '198.51.100.7', protocol: 'https' });
  });

  it('that is not is not believed', async () => {
    const other = await createHttpServer({
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      allowedOrigins: [],
      uiFolder: undefined,
      version: '0.0.0',
      trustedProxies: ['10.0.0.0/8'],
      clock: systemClock,
      log: createLog('silent'),
    });
    other.app.get('/api/who', async ({ ip, protocol }) => ({ ip, protocol }));
    const { url: place } = await other.listen();
    const answer = await fetch(`${place}/api/who`, { headers });
    expect(await answer.json()).toEqual({ ip: '127.0.0.1', protocol: 'http' });
    await other.close();
  });
});
