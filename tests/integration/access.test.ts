import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, type Procedure, type Role } from '../../common/contracts/index.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { ChainCheck, readAuditFile } from '../../server/platform/index.ts';

const root = join(import.meta.dirname, '..', '..');
const procedures: Procedure[] = Object.values(api).flatMap(room => Object.values(room) as Procedure[]);

let folder: string;
let engine: Engine;
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-access-'));
  engine = await createEngine({
    settings: loadSettings({ data: folder, port: 0, logLevel: 'silent' }, {}),
    version: '0.0.0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const answer = await call('POST', '/api/v1/admin/tokens', engine.launchToken, { label: role, role });
    tokens[role] = ((await answer.json()) as { secret: string }).secret;
  }
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

function call(method: string, path: string, token?: string, body?: unknown): Promise<Response> {
  return fetch(engine.url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** A request byte by byte: any Host and Origin, an empty one too, which clients do not allow. */
async function rawStatus(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const socket = connectSocket(Number(new URL(engine.url).port), '127.0.0.1');
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
}

const concrete = (path: string) => path.replace(/:\w+/g, 'none');

describe('every call', () => {
  it.each(procedures.filter(({ access }) => access !== 'public').map(one => [one.method, one.path] as const))(
    '%s %s needs a token that is known',
    async (method, path) => {
      expect((await call(method, concrete(path))).status).toBe(401);
      expect((await call(method, concrete(path), 'not-a-token')).status).toBe(401);
      expect((await call(method, concrete(path), '')).status).toBe(401);
    },
  );

  const ranks: readonly Role[] = ['viewer', 'operator', 'admin'];
  const forPeople = procedures.filter(({ access }) => ranks.includes(access as Role));
  it.each(forPeople.map(one => [one.access as Role, one.method, one.path] as const))(
    'asks for %s: %s %s',
    async (needed, method, path) => {
      for (const role of ranks) {
        // Ending one's own session or token would end the test.
        if (role === 'admin' && method === 'DELETE') continue;
        const { status } = await call(
          method,
          concrete(path),
          tokens[role],
          method === 'POST' ? {} : undefined,
        );
        const isRefused = status === 401 || status === 403;
        expect({ role, isRefused, status: isRefused ? status : 'other' }).toEqual(
          ranks.indexOf(role) >= ranks.indexOf(needed)
            ? { role, isRefused: false, status: 'other' }
            : { role, isRefused: true, status: 403 },
        );
      }
    },
  );

  it('of an agent is refused to people', async () => {
    expect((await call('GET', '/api/v1/client/tasks', tokens.admin)).status).toBe(401);
  });
});

describe('hosts and origins', () => {
  const own = () => new URL(engine.url).host;

  it.each([
    '/api/v1/access/me',
    '/healthz',
    '/',
    '/api/openapi.json',
    '/socket.io/?EIO=4&transport=websocket',
  ])('%s is not served to another host name', async path => {
    for (const host of [
      'evil.example',
      `127.0.0.1.evil.example:${new URL(engine.url).port}`,
      'localhost',
      '',
    ]) {
      expect(await rawStatus(path, { host })).toBeGreaterThanOrEqual(400);
    }
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1'])('a page of %s may not call', async origin => {
    const headers = { host: own(), origin, authorization: `Bearer ${tokens.admin}` };
    expect(await rawStatus('/api/v1/access/me', headers)).toBe(403);
    expect(await rawStatus('/api/v1/optimization/trigger', headers, 'POST')).toBe(403);
    expect(await rawStatus('/api/v1/access/me', headers, 'OPTIONS')).toBe(403);
  });

  it('its own page may call', async () => {
    const headers = { host: own(), origin: engine.url, authorization: `Bearer ${tokens.viewer}` };
    expect(await rawStatus('/api/v1/access/me', headers)).toBe(200);
  });
});

describe('live sockets', () => {
  const connect = (options: { token?: string; origin?: string; host?: string }) =>
    new Promise<string>(resolve => {
      const socket = io(`${engine.url}/live`, {
        transports: ['websocket'],
        reconnection: false,
        auth: options.token === undefined ? {} : { token: options.token },
        extraHeaders: {
          ...(options.origin === undefined ? {} : { origin: options.origin }),
          ...(options.host === undefined ? {} : { host: options.host }),
        },
      });
      socket.on('connect', () => {
        socket.close();
        resolve('connected');
      });
      socket.on('connect_error', error => {
        socket.close();
        resolve(error.message);
      });
    });

  it('open with a token and not without', async () => {
    expect(await connect({ token: tokens.viewer ?? '' })).toBe('connected');
    expect(await connect({})).toBe('access.unauthenticated');
    expect(await connect({ token: 'wrong' })).toBe('access.unauthenticated');
  });

  it('do not open for a page of elsewhere, even with a token', async () => {
    expect(await connect({ token: tokens.admin ?? '', origin: 'http://evil.example' })).not.toBe('connected');
    expect(await connect({ token: tokens.admin ?? '', host: 'evil.example' })).not.toBe('connected');
  });

  it('are cut when the token is revoked', async () => {
    const created = await call('POST', '/api/v1/admin/tokens', tokens.admin, {
      label: 'short',
      role: 'viewer',
    });
    const { token, secret } = (await created.json()) as { token: { id: string }; secret: string };
    const socket = io(`${engine.url}/live`, {
      transports: ['websocket'],
      reconnection: false,
      auth: { token: secret },
    });
    await new Promise<void>(resolve => socket.on('connect', () => resolve()));
    const cut = new Promise<void>(resolve => socket.on('disconnect', () => resolve()));
    expect((await call('DELETE', `/api/v1/admin/tokens/${token.id}`, tokens.admin)).status).toBe(200);
    await cut;
    expect((await call('GET', '/api/v1/access/me', secret)).status).toBe(401);
  });
});

describe('sessions', () => {
  it('keep a page signed in by an HttpOnly cookie, until it signs out', async () => {
    const signIn = await call('POST', '/api/v1/access/session', undefined, { token: tokens.operator });
    const cookie = signIn.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    const me = await fetch(`${engine.url}/api/v1/access/me`, { headers });
    expect(await me.json()).toMatchObject({ role: 'operator' });
    await fetch(`${engine.url}/api/v1/access/session`, { method: 'DELETE', headers });
    expect((await fetch(`${engine.url}/api/v1/access/me`, { headers })).status).toBe(401);
  });
});

describe('the audit log', () => {
  it('has an entry of each change, without its secrets, in an unbroken chain', async () => {
    const answer = await call('GET', '/api/v1/admin/audit', tokens.admin);
    const text = await answer.text();
    const { entries, intact } = JSON.parse(text) as { entries: { action: string }[]; intact: boolean };
    expect(intact).toBe(true);
    expect(entries.map(entry => entry.action)).toEqual(
      expect.arrayContaining(['token.create', 'session.open']),
    );
    for (const secret of Object.values(tokens)) expect(text).not.toContain(secret);
  });

  it.each(['jsonl', 'csv'])(
    'is given to administrators as %s that verifies, filtered where asked',
    async format => {
      const path = `/api/v1/admin/audit/export/audit.${format}`;
      expect((await call('GET', path, tokens.operator)).status).toBe(403);
      expect((await call('GET', path)).status).toBe(401);
      expect((await call('GET', '/api/v1/admin/audit/export/audit.pdf', tokens.admin)).status).toBe(400);
      expect((await call('GET', `${path}?fromMs=soon`, tokens.admin)).status).toBe(400);
      const answer = await call('GET', path, tokens.admin);
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="audit.${format}"`);
      const text = await answer.text();
      for (const secret of Object.values(tokens)) expect(text).not.toContain(secret);
      const entriesIn = async (whole: string) => {
        const check = new ChainCheck(false);
        const actions = new Set<string>();
        for await (const entry of readAuditFile(Readable.from([whole]), 'the answer')) {
          expect(check.take(entry)).toBeUndefined();
          actions.add(entry.action);
        }
        return { ...check.summary(), actions: [...actions] };
      };
      const all = await entriesIn(text);
      expect(all).toMatchObject({ first: 1, gaps: 0 });
      expect(all.actions).toEqual(expect.arrayContaining(['token.create', 'session.open']));
      const some = await (
        await call('GET', `${path}?action=token.*&toMs=${Date.now()}`, tokens.admin)
      ).text();
      expect((await entriesIn(some)).actions.every(action => action.startsWith('token.'))).toBe(true);
      expect((await entriesIn(some)).entries).toBeGreaterThanOrEqual(3);
      const none = await (await call('GET', `${path}?actor=nobody-such`, tokens.admin)).text();
      expect((await entriesIn(none)).entries).toBe(0);
    },
  );
});

describe('bad requests', () => {
  it('are answered with a code, the value and what to do', async () => {
    const answer = await call('GET', '/api/v1/ml/market/prices?pool=nonsense&fromMs=0&toMs=1', tokens.viewer);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'input.invalid', kind: 'user' });
    expect(error.message).toContain('pool');
    expect(error.hint).not.toBe('');
  });

  it('carry the id of the request, as every answer does', async () => {
    const refused = await call('GET', '/api/v1/access/me');
    const { error } = (await refused.json()) as { error: { requestId: string } };
    expect(error.requestId).toMatch(/^req-[0-9a-f]{20}$/);
    expect(refused.headers.get('x-request-id')).toBe(error.requestId);
    for (const path of ['/healthz', '/api/openapi.json', '/nothing'])
      expect((await call('GET', path)).headers.get('x-request-id')).toMatch(/^req-/);
    const foreign = await fetch(`${engine.url}/healthz`, { headers: { 'x-request-id': 'of-the-client' } });
    expect(foreign.headers.get('x-request-id')).toMatch(/^req-/);
  });

  it('to an unknown address say where the calls are listed', async () => {
    const answer = await call('GET', '/api/v1/nothing', tokens.viewer);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('/api/docs');
  });
});
