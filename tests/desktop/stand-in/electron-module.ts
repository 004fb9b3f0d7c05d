/**
 * Stands in for the module `electron` where there is no Electron: main runs in Node, windows are pages of a Chromium that the test
 * holds. Only what the main process uses is here; what this cannot show is listed in docs/guides/desktop.md.
 */
import { join } from 'node:path';
import { app, applicationIsReady, quitAfterLastWindow } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import * as electron from './electron-api.ts';
import { host } from './host.ts';
import { type Frame, ipcMain } from './ipc-main.ts';
import { startProxy } from './proxy.ts';
import { answerScheme } from './sessions.ts';

export * from './electron-api.ts';

Object.assign(process, { resourcesPath: join(app.getAppPath(), 'resources') });
BrowserWindow.onAllClosed = quitAfterLastWindow;

host.handle('evaluate', async (source: string, argument: unknown) => {
  const run = new Function(`return (${source})`)() as (api: unknown, argument: unknown) => unknown;
  return await run(electron, argument);
});
host.handle('invoke', async (id: number, frame: Frame, channel: string, args: unknown[]) => {
  const contents = BrowserWindow.fromId(id)?.webContents;
  if (!contents) throw new Error('The window is gone.');
  return await ipcMain.invoked(contents, frame, channel, args);
});
host.handle('willNavigate', (id: number, url: string) =>
  BrowserWindow.fromId(id)?.webContents.willNavigate(url),
);
host.handle('wantsWindow', (id: number, url: string) =>
  BrowserWindow.fromId(id)?.webContents.wantsWindow(url),
);
host.handle('input', (id: number, type: string) =>
  BrowserWindow.fromId(id)?.webContents.emit('input-event', {}, { type }),
);
host.handle('loaded', (id: number) => BrowserWindow.fromId(id)?.webContents.emit('did-finish-load'));
host.handle('closed', (id: number) => BrowserWindow.fromId(id)?.destroy());
host.handle('quit', () => app.quit());

const port = await startProxy(answerScheme, url => void host.ask('outside', url).catch(() => undefined));
await host.ask('proxy', port);
// As in Electron, what main does while it is loaded comes first.
setImmediate(applicationIsReady);
