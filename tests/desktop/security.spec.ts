import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { builtFolder, type DesktopApp, startDesktop } from './support/desktop-app.ts';
import { contentPayloads, hostileAddresses, traversals } from './support/hostile.ts';

/**
 * Electron's own checklist (docs/tutorial/security.md), item by item. The engine cannot start here, because its data folder is a file:
 * the window has to be safe, and to say what is wrong, without it.
 */
test.describe.configure({ mode: 'serial' });

const ALLOWED = 'https://kubernetes.io/docs/';
const VERBS = ['engine', 'onArrival', 'onEngineState', 'secretProtection', 'showLog', 'startEngine'];

let app: DesktopApp;
let page: Page;
let userData: string;
let stranger: Server;

interface Recorded {
  opened: string[];
}

test.beforeAll(async () => {
  userData = mkdtempSync(join(tmpdir(), 'cloudoptim-desktop-'));
  writeFileSync(join(userData, 'engine'), 'in the way');
  stranger = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<h1>Somebody else</h1>');
  });
  await new Promise<void>(resolve => stranger.listen(0, '127.0.0.1', resolve));
  app = await startDesktop({ userData });
  page = await app.firstWindow();
  await page.waitForURL(/cloudoptim/);
  await app.evaluate(({ shell }) => {
    Object.assign(globalThis, { opened: [] });
    shell.openExternal = async url => void (globalThis as unknown as Recorded).opened.push(url);
  });
});
test.afterAll(async () => {
  await app?.quit();
  stranger?.close();
  rmSync(join(builtFolder, 'renderer', 'canary.txt'), { force: true });
  rmSync(userData, { recursive: true, force: true });
});

const opened = () => app.evaluate(() => (globalThis as unknown as Recorded).opened);

test('an engine that cannot start is left alone after three times, with its reason, its log and a way on', async () => {
  await expect(page.getByText(/The engine (is starting|starts again)…/)).toBeVisible();
  await expect(page.getByText('The engine ended several times in a row.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Show log' })).toBeVisible();
  rmSync(join(userData, 'engine'));
  await page.getByRole('button', { name: 'Start the engine again' }).click();
  await expect(page.getByRole('status', { name: 'Connection: Live' })).toBeVisible({ timeout: 60_000 });
});

test('2-4, 6, 8-11: every window is sandboxed and isolated, and nothing of Node is in its world', async () => {
  const preferences = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(
      ({ webContents }) =>
        (webContents as unknown as { getLastWebPreferences(): object }).getLastWebPreferences() as Record<
          string,
          unknown
        >,
    ),
  );
  const frozen = {
    allowRunningInsecureContent: false,
    contextIsolation: true,
    experimentalFeatures: false,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    sandbox: true,
    webSecurity: true,
    webviewTag: false,
  };
  expect(preferences).toHaveLength(1);
  expect(preferences[0]).toMatchObject(frozen);
  expect(Object.keys(preferences[0] ?? {})).not.toContain('enableBlinkFeatures');
  const world = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global'].filter(name => name in window),
    verbs: Object.keys(window.cloudoptim ?? {}).sort(),
    isFrozen: Object.isFrozen(window.cloudoptim),
  }));
  expect(world).toEqual({ node: [], verbs: VERBS, isFrozen: true });
});

test('5: no permission is granted but to copy text', async () => {
  const asked = [
    'media',
    'geolocation',
    'notifications',
    'midi',
    'midiSysex',
    'pointerLock',
    'fullscreen',
    'openExternal',
  ];
  const more = [
    'clipboard-read',
    'display-capture',
    'mediaKeySystem',
    'idle-detection',
    'hid',
    'serial',
    'usb',
  ];
  const others = [
    'storage-access',
    'top-level-storage-access',
    'window-management',
    'keyboardLock',
    'unknown',
  ];
  if (app.home === 'stand-in') {
    const granted = await app.evaluate(
      ({ session }, names) => {
        type Askable = { waysToGrant(name: string): string[] };
        const { waysToGrant } = session.defaultSession as unknown as Askable;
        return names.filter(name => waysToGrant.call(session.defaultSession, name).length > 0);
      },
      [...asked, ...more, ...others, 'clipboard-sanitized-write'],
    );
    expect(granted).toEqual(['clipboard-sanitized-write']);
    return;
  }
  const states = await page.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
    const answers = names.map(name => navigator.permissions.query({ name: name as PermissionName }));
    return (await Promise.all(answers)).map(({ state }) => state);
  });
  expect(states.filter(state => state === 'granted')).toEqual([]);
});

test('7: the policy of the page blocks every way to bring in foreign code or content', async () => {
  const results: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(contentPayloads)) {
    const violation = page.evaluate(
      () =>
        new Promise<string>(resolve => {
          const limit = setTimeout(() => resolve('not blocked'), 3_000);
          document.addEventListener(
            'securitypolicyviolation',
            ({ effectiveDirective }) => {
              clearTimeout(limit);
              resolve(effectiveDirective);
            },
            { once: true },
          );
        }),
    );
    await page.evaluate(attempt).catch(() => undefined);
    results[name] = await violation;
  }
  expect(Object.keys(results).length).toBeGreaterThanOrEqual(15);
  expect(Object.entries(results).filter(([, directive]) => directive === 'not blocked')).toEqual([]);
  expect(await page.evaluate(() => 'wasHit' in window)).toBe(false);
});

test('13-15: no hostile address is gone to, opened in a window, or given to the system', async () => {
  const before = page.url();
  for (const address of hostileAddresses) {
    await page.evaluate(url => {
      window.open(url);
      window.location.href = url;
    }, address);
    await clickLink(address);
  }
  await expect.poll(opened).toEqual([]);
  expect(app.windows()).toHaveLength(1);
  expect(page.url()).toBe(before);
});

test('15: an allowed address is opened in the browser after a click, and by no script', async () => {
  // A press counts for a second.
  await page.waitForTimeout(1_200);
  await page.evaluate(url => void window.open(url), ALLOWED);
  await page.waitForTimeout(200);
  expect(await opened()).toEqual([]);
  await clickLink(ALLOWED);
  await expect.poll(opened).toEqual([ALLOWED]);
  expect(app.windows()).toHaveLength(1);
});

test('17: nobody but the own page is answered on any channel', async () => {
  const { port } = stranger.address() as AddressInfo;
  const strangers = [
    'about:blank',
    'data:text/html,<h1>x</h1>',
    `http://127.0.0.1:${port}/`,
    'app://other/x.html',
  ];
  for (const url of strangers) {
    const known = new Set(app.windows());
    await app.evaluate(
      async ({ BrowserWindow }, { address, preload }) => {
        const window = new BrowserWindow({
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        });
        await window.loadURL(address).catch(() => undefined);
      },
      { address: url, preload: join(builtFolder, 'preload/index.cjs') },
    );
    await expect.poll(() => app.windows().filter(one => !known.has(one))).toHaveLength(1);
    const [other] = app.windows().filter(one => !known.has(one));
    if (!other) throw new Error('There is no other window.');
    await other.waitForFunction(() => window.cloudoptim !== undefined);
    expect(await other.evaluate(tryAllVerbs), url).toEqual({ answers: [], refusals: 3 });
    await other.close();
  }
});

test('17: nor is a frame inside the own page', async () => {
  const known = new Set(app.windows());
  await app.evaluate(
    async ({ BrowserWindow }, preload) => {
      const webPreferences = {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegrationInSubFrames: true,
      };
      const window = new BrowserWindow({ webPreferences });
      await window.loadURL('app://cloudoptim/');
    },
    join(builtFolder, 'preload/index.cjs'),
  );
  await expect.poll(() => app.windows().filter(one => !known.has(one))).toHaveLength(1);
  const [host] = app.windows().filter(one => !known.has(one));
  if (!host) throw new Error('There is no other window.');
  await host.waitForFunction(() => window.cloudoptim !== undefined);
  // The page itself is answered, so that a refusal of the frame means something.
  const answered = host.evaluate(
    () => new Promise(resolve => window.cloudoptim?.onEngineState?.(state => resolve(state))),
  );
  expect(await answered).toMatchObject({ state: expect.any(String) });
  await host.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.name = 'inside';
    document.body.append(frame);
  });
  await expect.poll(() => host.frame('inside')).not.toBeNull();
  const inside = host.frame('inside');
  await inside?.waitForFunction(() => window.cloudoptim !== undefined);
  expect(await inside?.evaluate(tryAllVerbs)).toEqual({ answers: [], refusals: 3 });
  await host.close();
});

test('17: what a page sends along changes nothing in main', async () => {
  await page.evaluate(async () => {
    const evil = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const verbs = window.cloudoptim as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const args of [[evil], [evil, evil], [null], [[]], ['x'.repeat(1_000_000)]])
      for (const verb of ['showLog', 'startEngine']) await verbs[verb]?.(...args);
  });
  const polluted = await app.evaluate(() => (({}) as { polluted?: number }).polluted ?? null);
  expect(polluted).toBeNull();
});

test('18: the own protocol gives the files of the UI, and no other', async () => {
  symlinkSync(join(builtFolder, '../../package.json'), join(builtFolder, 'renderer', 'canary.txt'));
  const own = await page.evaluate(async () => (await fetch('/index.html')).status);
  expect(own).toBe(200);
  const byPage = await page.evaluate(
    paths =>
      Promise.all(
        paths.map(async path => [path, (await fetch(window.location.origin + path)).status] as const),
      ),
    traversals,
  );
  expect(traversals.length).toBeGreaterThanOrEqual(30);
  expect(byPage.filter(([, status]) => status !== 404)).toEqual([]);
  const byMain = await app.evaluate(
    ({ net }, paths) =>
      Promise.all(
        paths.map(async path => [path, (await net.fetch(`app://cloudoptim${path}`)).status] as const),
      ),
    traversals,
  );
  expect(byMain.filter(([, status]) => status !== 404)).toEqual([]);
  const others = await app.evaluate(({ net }) =>
    Promise.all(
      ['app://other/index.html', 'app://cloudoptim.x/index.html'].map(
        async url => (await net.fetch(url)).status,
      ),
    ),
  );
  expect(others).toEqual([404, 404]);
});

/** A real click on a link that asks for a window of its own. */
async function clickLink(href: string): Promise<void> {
  await page.evaluate(address => {
    const link = document.createElement('a');
    link.id = 'outward';
    link.target = '_blank';
    link.textContent = 'outward';
    link.style.cssText = 'position:fixed;top:0;left:0;z-index:9999;padding:8px';
    link.setAttribute('href', address);
    document.body.append(link);
  }, href);
  await page.mouse.click(8, 8);
  await page.evaluate(() => document.querySelector('#outward')?.remove());
}

/** Which verbs answer, and how many say that they may not. Sent to the page as text. */
async function tryAllVerbs(): Promise<{ answers: string[]; refusals: number }> {
  const bridge = window.cloudoptim ?? {};
  const answers: string[] = [];
  let refusals = 0;
  bridge.onEngineState?.(() => answers.push('onEngineState'));
  bridge.onArrival?.(() => answers.push('onArrival'));
  for (const name of ['engine', 'showLog', 'startEngine'] as const) {
    await bridge[name]?.().then(
      () => answers.push(name),
      (error: Error) => {
        if (error.message.includes('may not use')) refusals++;
      },
    );
  }
  await new Promise(resolve => setTimeout(resolve, 200));
  return { answers, refusals };
}
