import { EventEmitter } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrowserWindow } from './browser-window.ts';
import { utilityMetrics } from './utility-process.ts';

const ready = Promise.withResolvers<void>();
const root = join(import.meta.dirname, '..', '..', '..');
const userData = process.env.STAND_IN_USER_DATA ?? '';
const lockFile = join(userData, 'stand-in.lock');
const MESSAGE = /^second-instance-\d+\.json$/;

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly name = 'CloudOptim';
  #isReady = false;
  #isQuitting = false;

  whenReady(): Promise<void> {
    return ready.promise;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  becomeReady(): void {
    this.#isReady = true;
    ready.resolve();
    this.emit('ready');
  }

  getPath(name: string): string {
    return name === 'userData' ? userData : join(userData, name);
  }

  getAppPath(): string {
    return root;
  }

  getVersion(): string {
    return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
  }

  getAppMetrics(): ReturnType<typeof utilityMetrics> {
    return utilityMetrics();
  }

  setAsDefaultProtocolClient(): boolean {
    return true;
  }

  /** The first process of a folder holds the lock; a later one leaves its arguments there and is refused. */
  requestSingleInstanceLock(): boolean {
    mkdirSync(userData, { recursive: true });
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    } catch {
      const message = JSON.stringify({ argv: process.argv, cwd: process.cwd() });
      writeFileSync(join(userData, `second-instance-${process.pid}.json`), message);
      return false;
    }
    const watching = watch(userData, () => this.#readMessages());
    watching.unref();
    process.once('exit', () => rmSync(lockFile, { force: true }));
    return true;
  }

  quit(): void {
    if (this.#isQuitting) return;
    let isPrevented = false;
    this.emit('before-quit', {
      preventDefault: () => {
        isPrevented = true;
      },
    });
    if (isPrevented) return;
    this.#isQuitting = true;
    for (const window of BrowserWindow.getAllWindows()) window.close();
    this.emit('will-quit', {});
    process.exit(0);
  }

  #readMessages(): void {
    for (const name of readdirSync(userData).filter(each => MESSAGE.test(each))) {
      try {
        const path = join(userData, name);
        const { argv, cwd } = JSON.parse(readFileSync(path, 'utf8')) as { argv: string[]; cwd: string };
        rmSync(path);
        this.emit('second-instance', {}, argv, cwd);
      } catch {
        // Half written: the next event finds it whole.
      }
    }
  }
}

export const app = new App();

/** The browser is there: windows may open. */
export function applicationIsReady(): void {
  app.becomeReady();
}

/** What Electron does when the last window is gone. */
export function quitAfterLastWindow(): void {
  if (!app.emit('window-all-closed')) app.quit();
}
