import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import {
  CLIENT_ID,
  FormBrowser,
  type OpenIdProvider,
  startOpenIdProvider,
} from '../support/openid-provider.ts';

const root = join(import.meta.dirname, '..', '..');
const PATH = '/api/v1/access/single-sign-on';
const SECRET = 'a secret of the client that is long enough';

let folder: string;
let provider: OpenIdProvider;
let engine: Engine;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-sso-'));
  provider = await startOpenIdProvider({
    ada: { email: 'ada@example.com', groups: ['staff', 'platform'] },
    bob: { groups: ['staff'] },
    eve: { email: 'eve@example.com', groups: ['visitors'] },
  });
  engine = await createEngine({
    settings: loadSettings(
      {
        data: folder,
        port: 0,
        logLevel: 'fatal',
        oidcIssuer: provider.issuer,
        oidcClientId: CLIENT_ID,
        oidcClientSecret: SECRET,
        oidcRoles: 'admin=platform,viewer=staff',
      },
      {},
    ),
    version: '0.0.0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
});
afterAll(async () => {
  await engine.close();
  await provider.close();
  rmSync(folder, { recursive: true });
});

const isBack = ({ origin }: URL) => origin === engine.url;
const isCallback = (url: URL) => isBack(url) && url.pathname === `${PATH}/callback`;
const me = async (browser: FormBrowser) => {
  const answer = await browser.fetch(new URL('/api/v1/access/me', engine.url));
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
};
/** Signs in at the provider and comes back. */
async function signIn(browser: FormBrowser, login: string): Promise<string> {
  const { url } = await browser.follow(`${engine.url}${PATH}`, login, isCallback);
  return (await browser.fetch(url)).headers.get('location') ?? '';
}
const audit = async () => {
  const answer = await fetch(`${engine.url}/api/v1/admin/audit`, {
    headers: { authorization: `Bearer ${engine.launchToken}` },
  });
  return ((await answer.json()) as { entries: { action: string; actor: string; detail: unknown }[] }).entries;
};

describe('single sign-on', () => {
  it('says so while the provider does not answer, and works once it does', async () => {
    const ways = await (await fetch(`${engine.url}/api/v1/access/ways`)).json();
    expect(ways).toEqual({
      hasUsers: false,
      singleSignOn: { label: new URL(provider.issuer).host, path: PATH },
    });
    const away = await new FormBrowser().fetch(new URL(PATH, engine.url));
    expect(away.headers.get('location')).toBe('/#sign-in-problem=unreachable');
    provider.allow({ redirectUri: `${engine.url}${PATH}/callback`, secret: SECRET });
    const begun = await new FormBrowser().fetch(new URL(PATH, engine.url));
    const sent = new URL(begun.headers.get('location') ?? '');
    expect(sent.origin).toBe(provider.issuer);
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      client_id: CLIENT_ID,
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    });
    expect(begun.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/);
  });

  it('gives the highest role that the groups give, under a name that stays', async () => {
    const browser = new FormBrowser();
    expect(await signIn(browser, 'ada')).toBe('/');
    const { body } = await me(browser);
    expect(body).toMatchObject({ label: 'ada@example.com', role: 'admin' });
    expect(body.id).toMatch(/^sso-[0-9a-f]{20}$/);
    const again = new FormBrowser();
    await signIn(again, 'ada');
    expect((await me(again)).body.id).toBe(body.id);
    const bob = new FormBrowser();
    await signIn(bob, 'bob');
    expect((await me(bob)).body).toMatchObject({ label: 'bob', role: 'viewer' });
    const sessions = await (await browser.fetch(new URL('/api/v1/access/sessions', engine.url))).text();
    expect(sessions.match(/"single-sign-on"/g)).toHaveLength(3);
    expect((await audit())[0]).toMatchObject({
      action: 'session.open',
      actor: expect.stringMatching(/^bob \(sso-/),
    });
  });

  it('lets nobody in for being known alone', async () => {
    const browser = new FormBrowser();
    expect(await signIn(browser, 'eve')).toBe('/#sign-in-problem=no-role');
    expect((await me(browser)).status).toBe(401);
    expect((await audit())[0]).toMatchObject({ action: 'session.refused', detail: { problem: 'no-role' } });
  });

  it('takes an answer once, from the browser that asked, and no other', async () => {
    const browser = new FormBrowser();
    const { url } = await browser.follow(`${engine.url}${PATH}`, 'ada', isCallback);
    // Somebody else's browser is made to come back with it.
    const other = new FormBrowser();
    expect((await other.fetch(url)).headers.get('location')).toBe('/#sign-in-problem=expired');
    expect((await me(other)).status).toBe(401);
    // And whoever tried burnt it.
    expect((await browser.fetch(url)).headers.get('location')).toBe('/#sign-in-problem=expired');

    const second = await browser.follow(`${engine.url}${PATH}`, 'ada', isCallback);
    const forged = new URL(second.url);
    forged.searchParams.set('state', 'made-up');
    expect((await browser.fetch(forged)).headers.get('location')).toBe('/#sign-in-problem=expired');

    const third = await browser.follow(`${engine.url}${PATH}`, 'ada', isCallback);
    third.url.searchParams.set('code', 'made-up');
    expect((await browser.fetch(third.url)).headers.get('location')).toBe('/#sign-in-problem=refused');
    expect((await me(browser)).status).toBe(401);
  });
});

describe('settings of single sign-on', () => {
  const load = (more: Record<string, string>) => () => loadSettings(more, {});
  const issuer = { oidcIssuer: 'https://id.example' };
  it.each([
    [{ oidcIssuer: 'http://id.example' }, 'give an https address'],
    [issuer, '--oidc-issuer is given without --oidc-client-id'],
    [{ ...issuer, oidcClientId: 'x' }, 'without --oidc-roles'],
    [{ ...issuer, oidcClientId: 'x', oidcRoles: 'root=x' }, '"root=x" is not role=value'],
    [{ oidcScope: 'email' }, 'it has to name openid'],
  ])('%j are refused', (settings, sentence) => expect(load(settings)).toThrow(sentence));
});
