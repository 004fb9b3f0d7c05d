import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from '@playwright/test';
import { strictBrowserLaunchOptions } from '../../support/browser.ts';
import type { DesktopApp, DesktopStart } from '../support/desktop-app.ts';
import { fromBrowser, toBrowser } from './app-address.ts';
import type { Frame as SenderFrame } from './ipc-main.ts';
import { Link } from './link.ts';
import { pageScript } from './page-part.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const QUIT_LIMIT_MS = 20_000;

interface Opening {
  readonly id: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly preload: string | undefined;
  readonly inSubFrames: boolean;
}

/** The app in the stand-in: main in a Node of its own, its windows as pages of the test's browser. */
export async function startStandIn(start: DesktopStart): Promise<DesktopApp> {
  const child = startMain(start, start.args);
  const link = new Link(child);
  const ended = once(child, 'exit').then(() => link.end('The main process has ended.'));
  const windows = new Map<number, Promise<Page>>();
  const outside: string[] = [];
  let firstOpened: (page: Promise<Page>) => void = () => undefined;
  const first = new Promise<Page>(resolve => {
    firstOpened = resolve;
  });
  let browser: Browser | undefined;
  let context: BrowserContext | undefined;

  link.handle('outside', (url: string) => void outside.push(url));
  link.handle('proxy', async (port: number) => {
    browser = await chromium.launch({
      ...(await strictBrowserLaunchOptions()),
      proxy: { server: `http://127.0.0.1:${port}`, bypass: '<-loopback>' },
    });
    context = await browser.newContext({ viewport: null });
  });
  link.handle('openWindow', async (opening: Opening) => {
    if (!context) throw new Error('There is no browser yet.');
    const opened = openPage(context, link, opening);
    windows.set(opening.id, opened);
    firstOpened(opened);
    const page = await opened;
    page.on('close', () => {
      windows.delete(opening.id);
      void link.ask('closed', opening.id).catch(() => undefined);
    });
  });
  link.handle('loadUrl', async (id: number, url: string) => {
    await (await windows.get(id))?.goto(url, { waitUntil: 'commit' });
  });
  link.handle('send', async (id: number, channel: string, args: unknown[]) => {
    const page = await windows.get(id);
    await page?.evaluate(([name, values]) => window.__standInPage?.deliver(name, values), [
      channel,
      args,
    ] as const);
  });
  link.handle('closeWindow', async (id: number) => {
    const page = await windows.get(id);
    if (page && !page.isClosed()) await page.close();
  });

  await Promise.race([link.ask('evaluate', '() => 1').catch(() => undefined), ended]);
  return {
    home: 'stand-in',
    pid: child.pid ?? 0,
    firstWindow: () => first,
    windows: () => context?.pages() ?? [],
    evaluate: (run, argument) => link.ask('evaluate', run.toString(), argument),
    askedOutside: () => outside,
    startAgain: async args => {
      const second = startMain(start, args);
      new Link(second).handle('proxy', () => undefined);
      await once(second, 'exit');
    },
    quit: async () => {
      await endProcess(child, link, ended);
      await browser?.close();
    },
  };
}

function startMain({ userData, environment }: DesktopStart, args: readonly string[] = []): ChildProcess {
  const register = new URL('./register.ts', import.meta.url).href;
  return spawn(process.execPath, ['--import', register, join(root, 'out/desktop/main/index.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, ...environment, STAND_IN_USER_DATA: userData },
  });
}

async function endProcess(child: ChildProcess, link: Link, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const limit = setTimeout(() => child.kill('SIGKILL'), QUIT_LIMIT_MS);
  void link.ask('quit').catch(() => undefined);
  await ended;
  clearTimeout(limit);
}

async function openPage(
  context: BrowserContext,
  link: Link,
  { id, size, preload, inSubFrames }: Opening,
): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize(size);
  await page.exposeBinding('__standInCall', async ({ frame }, call: string, ...args: unknown[]) => {
    if (call === 'invoke') return link.ask('invoke', id, senderOf(frame), ...args);
    const given = args.map(asInElectron);
    const answer = await link.ask(call, id, ...given);
    // Where the page may go, as the browser can load it.
    return call === 'willNavigate' && answer === true ? toBrowser(String(given[0])) : answer;
  });
  await page.addInitScript({ content: pageScript(preload, inSubFrames) });
  page.on('load', () => void link.ask('loaded', id).catch(() => undefined));
  return page;
}

const asInElectron = (value: unknown) => (typeof value === 'string' ? fromBrowser(value) : value);

function senderOf(frame: Frame): SenderFrame {
  const parentFrame = frame.parentFrame();
  const parent = parentFrame === null ? null : senderOf(parentFrame);
  const url = fromBrowser(frame.url());
  return { url, parent, origin: originOf(url, parent) };
}

/** Documents without an address of their own have the origin of the page that they are in, or none. */
function originOf(url: string, parent: SenderFrame | null): string {
  if (/^about:(blank|srcdoc)/.test(url)) return parent?.origin ?? 'null';
  const { protocol, host } = new URL(url);
  return /^(app|https?):$/.test(protocol) ? `${protocol}//${host}` : 'null';
}
