import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { importSpotPrices } from '../support/import-spot-prices.ts';
import { type DesktopApp, desktopHome, startDesktop } from './support/desktop-app.ts';
import { type EnrolledCluster, enrolCluster } from './support/pretend-cluster.ts';

/** Main, preload and renderer together, as an operator uses them. */
test.describe.configure({ mode: 'serial' });

const MODEL_FILE = join(import.meta.dirname, '../../resources/models/spot-price-ridge.onnx');

let app: DesktopApp;
let page: Page;
let userData: string;
let cluster: EnrolledCluster | undefined;
/** What the page's own policy has refused of the page itself. */
const refused: string[] = [];

/** What the tests keep in the main process: what the system would have shown or opened. */
interface Recorded {
  recorded: { opened: string[]; notified: Electron.Notification[]; tips: string[]; menus: Electron.Menu[] };
}

test.beforeAll(async () => {
  test.setTimeout(120_000);
  process.stdout.write(`the desktop tests run in: ${desktopHome}\n`);
  userData = mkdtempSync(join(tmpdir(), 'cloudoptim-desktop-'));
  mkdirSync(join(userData, 'world'));
  importSpotPrices(join(userData, 'world'), join(userData, 'engine'));
  app = await startDesktop({ userData, args: ['cloudoptim://cluster/cluster-0a'] });
  page = await app.firstWindow();
  page.on('console', message => {
    if (/Content Security Policy/.test(message.text())) refused.push(message.text());
  });
  await app.evaluate(({ shell, Notification, Tray }) => {
    const recorded: Recorded['recorded'] = { opened: [], notified: [], tips: [], menus: [] };
    Object.assign(globalThis, { recorded });
    shell.showItemInFolder = path => void recorded.opened.push(path);
    shell.openExternal = async url => void recorded.opened.push(url);
    Notification.prototype.show = function (this: Electron.Notification) {
      recorded.notified.push(this);
    };
    const { setToolTip, setContextMenu } = Tray.prototype;
    Tray.prototype.setToolTip = function (this: Electron.Tray, text: string) {
      recorded.tips.push(text);
      setToolTip.call(this, text);
    };
    Tray.prototype.setContextMenu = function (this: Electron.Tray, menu: Electron.Menu | null) {
      if (menu) recorded.menus.push(menu);
      setContextMenu.call(this, menu);
    };
  });
});
test.afterAll(async () => {
  await cluster?.close();
  await app?.quit();
  rmSync(userData, { recursive: true, force: true });
});

const heading = (name: string) => page.getByRole('heading', { level: 1, name });
const clickMenu = (id: string) =>
  app.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id);
/** Names of the models that the engine has. */
const modelNames = () =>
  page.evaluate(async () => {
    const engine = await window.cloudoptim?.engine?.();
    const headers = { authorization: `Bearer ${engine?.token}` };
    const answer = await fetch(`${engine?.baseUrl}/api/v1/ml/models/list`, { headers });
    const { models } = (await answer.json()) as { models: { manifest: { name: string } }[] };
    return models.map(({ manifest }) => manifest.name);
  });
const opened = () => app.evaluate(() => (globalThis as unknown as Recorded).recorded.opened);

test('the window opens on the page of the link that the app was started with, once the engine is there', async () => {
  await expect(page.getByRole('status', { name: 'Connection: Live' })).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => new URL(page.url()).pathname).toBe('/clusters/cluster-0a');
});

test('the menu goes to every page', async () => {
  for (const [path, name] of [
    ['/', 'Overview'],
    ['/models', 'Models'],
    ['/settings', 'Settings'],
  ] as const) {
    await clickMenu(`page ${path}`);
    await expect(heading(name)).toBeVisible();
  }
  const accelerators = await app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()
      ?.items.flatMap(({ submenu }) => submenu?.items ?? [])
      .flatMap(({ id, accelerator }) => (accelerator && id ? [`${id} ${accelerator}`] : [])),
  );
  expect(accelerators).toEqual(expect.arrayContaining(['page / CmdOrCtrl+1', 'open-model CmdOrCtrl+O']));
});

test('a second start shows the same window, on the page of its link', async () => {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
  await app.startAgain(['cloudoptim://plan/plan-00ff']);
  await expect.poll(() => new URL(page.url()).pathname).toBe('/decisions/plan-00ff');
  expect(app.windows()).toHaveLength(1);
  expect(
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map(one => one.isMinimized())),
  ).toEqual([false]);
});

test('a link that does anything but lead to a page is told, and does nothing', async () => {
  const before = page.url();
  await app.startAgain(['cloudoptim://plan/plan-00ff/approve?now=1']);
  await expect(page.getByText('leads nowhere in CloudOptim')).toBeVisible();
  expect(page.url()).toBe(before);
});

test('a model that the system hands over is uploaded; what is no model is told', async () => {
  await app.startAgain([MODEL_FILE]);
  await expect(heading('Models')).toBeVisible();
  await expect.poll(modelNames, { timeout: 30_000 }).toEqual(['Spot price, ridge']);
  await app.evaluate(
    ({ dialog }, path) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
    },
    join(userData, 'world', 'prices.txt'),
  );
  await clickMenu('open-model');
  await expect(page.getByText('"prices.txt" is no model file.')).toBeVisible();
});

test('contexts of a folder that a person chooses are offered, also after a restart, and no page names a path', async () => {
  const folder = join(userData, 'kubeconfigs');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'laptop'),
    JSON.stringify({
      clusters: [{ name: 'laptop', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'laptop', context: { cluster: 'laptop' } }],
    }),
  );
  const choose = (paths: string[]) =>
    app.evaluate(({ dialog }, filePaths) => {
      dialog.showOpenDialog = async () => ({ canceled: filePaths.length === 0, filePaths });
    }, paths);
  await choose([folder]);
  await clickMenu('kubeconfig-folder');
  await expect(heading('Plan from a kubeconfig')).toBeVisible();
  const row = page.getByRole('table', { name: 'Contexts' }).getByRole('row', { name: /laptop/ });
  await expect(row).toBeVisible();
  await page.getByRole('button', { name: 'Read and plan for laptop' }).click();
  await expect(page.getByText('127.0.0.1:1 cannot be reached: it refuses connections.')).toBeVisible();
  process.kill(await enginePid(), 'SIGKILL');
  await expect(page.getByText(/was started again/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Put away' }).click();
  await page.getByRole('link', { name: 'Choose a context' }).click();
  await expect(row).toBeVisible();
  await clickMenu('no-kubeconfig-folder');
  await expect(row).toBeHidden();
});

test('how well the computer keeps secrets is told', async () => {
  await clickMenu('page /settings');
  const card = page.getByRole('region', { name: 'Secrets on this computer' });
  await expect(card).toContainText(/Not protected|Protected|None are kept/);
  if (app.home === 'stand-in') await expect(card).toContainText('has no keychain');
  await expect(page.getByText('The secrets of this app are not protected')).toBeHidden();
  const secrets = join(userData, 'secrets.json');
  writeFileSync(secrets, JSON.stringify({ token: 'eA==' }));
  await page.reload();
  if (app.home === 'stand-in')
    await expect(page.getByText('The secrets of this app are not protected')).toBeVisible();
  rmSync(secrets);
});

test('plans that wait are told once, by the tray and by a notification that leads to them', async () => {
  test.setTimeout(180_000);
  const address = await page.evaluate(() => window.cloudoptim?.engine?.());
  if (!address) throw new Error('The window has no engine.');
  cluster = await enrolCluster(address, join(userData, 'world'));
  await cluster.findSavings();
  const told = () =>
    app.evaluate(() => {
      const { notified, tips } = (globalThis as unknown as Recorded).recorded;
      return { titles: notified.map(({ title }) => title), tip: tips.at(-1) };
    });
  await expect.poll(async () => (await told()).titles, { timeout: 30_000 }).toHaveLength(1);
  const { titles, tip } = await told();
  expect(titles[0]).toMatch(/plans? waits? for your approval/);
  expect(tip).toMatch(/\d+ plans? waits? for approval\nSaved this month: \$/);

  await page.getByRole('link', { name: 'Savings' }).click();
  await app.evaluate(() => void (globalThis as unknown as Recorded).recorded.notified[0]?.emit('click'));
  await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/decisions/);
  await app.evaluate(() =>
    (globalThis as unknown as Recorded).recorded.menus.at(-1)?.getMenuItemById('savings')?.click(),
  );
  await expect(heading('Savings')).toBeVisible();
});

test('an engine that dies is started again, with its reason on the page that stays', async () => {
  await clickMenu('page /models');
  await expect(heading('Models')).toBeVisible();
  const pid = await enginePid();
  process.kill(pid, 'SIGKILL');
  await expect(page.getByText(/The engine (starts|was started) again/).first()).toBeVisible();
  // The page may still say so of an earlier start.
  await expect.poll(() => enginePid().catch(() => pid), { timeout: 60_000 }).not.toBe(pid);
  await expect(page.getByText(/was started again/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('The engine ended unexpectedly')).toBeVisible();
  await expect(heading('Models')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Connection: Live' })).toBeVisible({ timeout: 30_000 });

  await page.getByRole('button', { name: 'Show log' }).click();
  const log = join(userData, 'logs', 'engine.log');
  await expect.poll(opened).toContain(log);
  expect(readFileSync(log, 'utf8')).toMatch(
    /The engine starts\.[\s\S]*ended unexpectedly[\s\S]*The engine starts\./,
  );
  await page.getByRole('button', { name: 'Put away' }).click();
  await expect(page.getByText(/was started again/)).toBeHidden();
  await page.reload();
  await expect(heading('Models')).toBeVisible();
  await expect(page.getByText(/was started again/)).toBeHidden();
});

test('nothing of all that was refused by the policy of the page', () => expect(refused).toEqual([]));

test('the window asks for nothing outside this machine', () => {
  test.skip(app.home === 'Electron', 'nobody counts there');
  expect(app.askedOutside()).toEqual([]);
});

test('the place of the window is remembered', async () => {
  await app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 101, y: 52, width: 1100, height: 700 });
  });
  await app.quit();
  expect(JSON.parse(readFileSync(join(userData, 'window.json'), 'utf8'))).toEqual({
    x: 101,
    y: 52,
    width: 1100,
    height: 700,
    isMaximized: false,
  });
  app = await startDesktop({ userData });
  page = await app.firstWindow();
  expect(
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds()),
  ).toEqual({ x: 101, y: 52, width: 1100, height: 700 });
});

async function enginePid(): Promise<number> {
  const pid = await app.evaluate(
    ({ app: electronApp }) =>
      electronApp.getAppMetrics().find(({ name }) => name === 'CloudOptim engine')?.pid,
  );
  if (pid === undefined) throw new Error('There is no engine process.');
  return pid;
}
