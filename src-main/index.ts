import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, type IpcMainInvokeEvent, ipcMain } from 'electron';
import { desktopChannels, type EngineState } from '../common/desktop-bridge.ts';
import { EngineSupervisor } from './engine/engine-supervisor.ts';
import { appOrigin, registerAppScheme, serveApp } from './window/app-protocol.ts';
import { openMainWindow } from './window/main-window.ts';

// The build lays main, preload and renderer side by side.
const built = join(import.meta.dirname, '..');
const preload = join(built, 'preload', 'index.cjs');

registerAppScheme();

if (app.requestSingleInstanceLock()) void run();
else app.quit();

async function run(): Promise<void> {
  await app.whenReady();
  serveApp(join(built, 'renderer'));
  let lastState: EngineState = { state: 'starting' };
  const tell = (state: EngineState) => {
    lastState = state;
    for (const window of BrowserWindow.getAllWindows())
      window.webContents.send(desktopChannels.engineState, state);
  };
  const engine = new EngineSupervisor(
    join(import.meta.dirname, 'run-engine.js'),
    {
      dataFolder: join(app.getPath('userData'), 'engine'),
      resourcesFolder: join(app.getAppPath(), 'resources'),
      version: app.getVersion(),
      allowedOrigin: appOrigin,
      nodePath: findNode(),
      inferenceScript: join(import.meta.dirname, 'inference-child.js'),
      plugInScript: join(import.meta.dirname, 'plug-in-child.js'),
    },
    tell,
  );
  ipcMain.handle(desktopChannels.engine, event => {
    if (!isOwnPage(event)) throw new Error('This page may not ask for the engine.');
    return engine.address();
  });

  const open = () => {
    const window = openMainWindow(preload);
    window.webContents.on('did-finish-load', () =>
      window.webContents.send(desktopChannels.engineState, lastState),
    );
  };
  open();
  engine.start();

  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    if (window) window.focus();
    else open();
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let isEnding = false;
  app.on('before-quit', event => {
    if (isEnding) return;
    isEnding = true;
    // The engine ends its work at a safe place first.
    event.preventDefault();
    void engine.stop().finally(() => app.quit());
  });
}

/** Only the top frame of the app's own UI is answered. */
function isOwnPage({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && senderFrame.origin === appOrigin;
}

/** Node 24 for the engine's child processes: the one packaged with the app, else the one on PATH. */
function findNode(): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const packaged = join(app.getAppPath(), 'node_modules', `node-${platform}-${process.arch}`, 'bin', name);
  return existsSync(packaged) ? packaged : 'node';
}
