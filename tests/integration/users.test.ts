import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  api,
  type Procedure,
  type SessionView,
  tokenScopes,
  type User,
} from '../../common/contracts/index.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';

const root = join(import.meta.dirname, '..', '..');
const password = 'correct horse battery';

let folder: string;
let engine: Engine;

const start = () =>
  createEngine({
    settings: loadSettings({ data: folder, port: 0, logLevel: 'silent' }, {}),
    version: '0.0.0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-users-'));
  engine = await start();
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

interface Who {
  readonly token?: string;
  readonly cookie?: string;
}
const launch = (): Who => ({ token: engine.launchToken });

function call(method: string, path: string, who: Who, body?: unknown): Promise<Response> {
  return fetch(engine.url + path, {
    method,
    headers: {
      ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
      ...(who.cookie === undefined ? {} : { cookie: who.cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

async function signIn(
  body: Record<string, string>,
): Promise<{ status: number; cookie: string; answer: Response }> {
  const answer = await call('POST', '/api/v1/access/session', {}, body);
  return {
    status: answer.status,
    cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    answer,
  };
}

async function makeUser(name: string, role = 'operator'): Promise<User> {
  const answer = await call('POST', '/api/v1/admin/users', launch(), { name, role, newPassword: password });
  expect(answer.status).toBe(200);
  return (await answer.json()) as User;
}

const sessionsOf = async (who: Who) =>
  ((await (await call('GET', '/api/v1/access/sessions', who)).json()) as { sessions: SessionView[] })
    .sessions;

async function openSocket(cookie: string): Promise<Socket> {
  const socket = io(`${engine.url}/live`, {
    transports: ['websocket'],
    reconnection: false,
    extraHeaders: { cookie },
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', () => resolve());
    socket.on('connect_error', reject);
  });
  return socket;
}

describe('users', () => {
  it('sign in by name and password, and are one whatever the case of the name', async () => {
    const ada = await makeUser('Ada Lovelace');
    const { cookie, status } = await signIn({ name: 'ada LOVELACE', password });
    expect(status).toBe(200);
    const me = await call('GET', '/api/v1/access/me', { cookie });
    expect(await me.json()).toEqual({ id: ada.id, label: 'Ada Lovelace', role: 'operator' });
    const again = await call('POST', '/api/v1/admin/users', launch(), {
      name: 'ADA lovelace',
      role: 'viewer',
      newPassword: password,
    });
    expect([again.status, await codeOf(again)]).toEqual([409, 'resource.conflict']);
    const short = await call('POST', '/api/v1/admin/users', launch(), {
      name: 'Bob',
      role: 'viewer',
      newPassword: 'too short',
    });
    expect(await short.text()).toContain('a password has 12 characters or more');
  });

  it('are not told from nobody by a wrong password', async () => {
    await makeUser('Grace');
    const [known, unknown] = await Promise.all([
      signIn({ name: 'Grace', password: 'wrong wrong wrong' }),
      signIn({ name: 'Nobody', password: 'wrong wrong wrong' }),
    ]);
    expect(known.status).toBe(401);
    const withoutId = async ({ answer }: { answer: Response }) =>
      ((await answer.json()) as { error: { message: string } }).error.message;
    expect(await withoutId(known)).toBe(await withoutId(unknown));
  });

  it('change their own password, which ends their other sessions only', async () => {
    await makeUser('Linus');
    const here = await signIn({ name: 'Linus', password });
    const there = await signIn({ name: 'Linus', password });
    const socket = await openSocket(there.cookie);
    const cut = new Promise<void>(resolve => socket.on('disconnect', () => resolve()));
    const change = (old: string) =>
      call(
        'POST',
        '/api/v1/access/password',
        { cookie: here.cookie },
        { password: old, newPassword: 'another good one' },
      );
    expect(await codeOf(await change('not the old one'))).toBe('input.invalid');
    expect((await change(password)).status).toBe(200);
    await cut;
    expect((await call('GET', '/api/v1/access/me', { cookie: here.cookie })).status).toBe(200);
    expect((await call('GET', '/api/v1/access/me', { cookie: there.cookie })).status).toBe(401);
    expect((await signIn({ name: 'Linus', password: 'another good one' })).status).toBe(200);
    const noUser = await call('POST', '/api/v1/access/password', launch(), {
      password: 'x',
      newPassword: 'another good one',
    });
    expect(noUser.status).toBe(403);
  });

  it('that an administrator changes or removes are out at once', async () => {
    const { id } = await makeUser('Eve', 'admin');
    const { cookie } = await signIn({ name: 'Eve', password });
    expect((await call('POST', `/api/v1/admin/users/${id}`, launch(), {})).status).toBe(400);
    const changed = await call('POST', `/api/v1/admin/users/${id}`, launch(), { role: 'viewer' });
    expect(await changed.json()).toMatchObject({ role: 'viewer' });
    expect((await call('GET', '/api/v1/access/me', { cookie })).status).toBe(401);
    const second = await signIn({ name: 'Eve', password });
    const socket = await openSocket(second.cookie);
    const cut = new Promise<void>(resolve => socket.on('disconnect', () => resolve()));
    expect((await call('DELETE', `/api/v1/admin/users/${id}`, launch())).status).toBe(200);
    await cut;
    expect((await signIn({ name: 'Eve', password })).status).toBe(401);
  });
});

describe('sessions', () => {
  it('are listed: one’s own, and everybody’s for an administrator; one that is ended is cut', async () => {
    await makeUser('Ken', 'viewer');
    const ken = await signIn({ name: 'Ken', password });
    const other = await signIn({ name: 'Ken', password });
    const admin = await signIn({ token: engine.launchToken });
    const own = await sessionsOf({ cookie: ken.cookie });
    expect(own.map(({ actor, way, isThis }) => [actor.label, way, isThis])).toEqual(
      expect.arrayContaining([
        ['Ken', 'password', true],
        ['Ken', 'password', false],
      ]),
    );
    expect(own).toHaveLength(2);
    expect(own[0]).toMatchObject({ address: '127.0.0.1' });
    const all = await sessionsOf({ cookie: admin.cookie });
    expect(all.filter(({ isThis }) => isThis).map(({ way }) => way)).toEqual(['link']);
    const adminId = all.find(({ isThis }) => isThis)?.id;
    expect((await call('DELETE', `/api/v1/access/sessions/${adminId}`, { cookie: ken.cookie })).status).toBe(
      404,
    );
    const socket = await openSocket(other.cookie);
    const cut = new Promise<void>(resolve => socket.on('disconnect', () => resolve()));
    const otherId = own.find(({ isThis }) => !isThis)?.id;
    expect((await call('DELETE', `/api/v1/access/sessions/${otherId}`, { cookie: ken.cookie })).status).toBe(
      200,
    );
    await cut;
    expect((await call('GET', '/api/v1/access/me', { cookie: other.cookie })).status).toBe(401);
    expect((await call('GET', '/api/v1/access/me', { cookie: ken.cookie })).status).toBe(200);
  });
});

describe('a token with scopes', () => {
  it('reaches what they name, and nothing beside', async () => {
    const made = await call('POST', '/api/v1/admin/tokens', launch(), {
      label: 'prices',
      role: 'operator',
      scopes: ['market'],
    });
    const { secret, token } = (await made.json()) as { secret: string; token: { scopes: string[] } };
    expect(token.scopes).toEqual(['market']);
    const status = async (path: string) => (await call('GET', path, { token: secret })).status;
    expect(await status('/api/v1/access/me')).toBe(200);
    expect(await status(api.market.listCollections.path)).toBe(200);
    expect(await status(api.models.listModels.path)).toBe(403);
    expect(await status('/metrics')).toBe(403);
    expect((await signIn({ token: secret })).status).toBe(403);
    const socket = io(`${engine.url}/live`, {
      transports: ['websocket'],
      reconnection: false,
      auth: { token: secret },
    });
    const refusal = await new Promise<string>(resolve =>
      socket.on('connect_error', error => resolve(error.message)),
    );
    socket.close();
    expect(refusal).toBe('access.forbidden');
    const metrics = await call('POST', '/api/v1/admin/tokens', launch(), {
      label: 'm',
      role: 'viewer',
      scopes: ['metrics'],
    });
    const scraper = ((await metrics.json()) as { secret: string }).secret;
    expect((await call('GET', '/metrics', { token: scraper })).status).toBe(200);
  });

  it('can be limited to each part of the API', () => {
    const procedures = Object.values(api).flatMap(room => Object.values(room) as Procedure[]);
    const tags = new Set(
      procedures.map(({ tag }) => tag).filter(tag => tag !== 'access' && tag !== 'agents'),
    );
    expect([...tags, 'metrics'].sort()).toEqual([...tokenScopes].sort());
  });
});

describe('guessing', () => {
  it('is looked at ten times a minute, right or wrong, and listed in the audit log', async () => {
    await engine.close();
    engine = await start();
    const tries = await Promise.all(Array.from({ length: 30 }, (_, n) => signIn({ token: `wrong-${n}` })));
    const byStatus = Object.groupBy(tries, ({ status }) => status);
    expect([byStatus[401]?.length, byStatus[429]?.length]).toEqual([10, 20]);
    expect(Number(byStatus[429]?.[0]?.answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn({ token: engine.launchToken })).status).toBe(429);
    const audit = await (await call('GET', '/api/v1/admin/audit', launch())).text();
    expect(audit.match(/session\.refused/g)?.length).toBeGreaterThanOrEqual(10);
    expect(audit).not.toContain('wrong-');
    for (const secret of [password, 'another good one']) expect(audit).not.toContain(secret);
  });
});
