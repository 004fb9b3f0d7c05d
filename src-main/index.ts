import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, dialog, Menu, Notification, safeStorage, session, shell } from 'electron';
import { desktopChannels } from '../common/desktop-bridge.ts';
import { type Alert, WaitingAlerts } from './alerts/waiting-alerts.ts';
import { type EngineNews, watchEngine } from './alerts/watch-engine.ts';
import { handedOver } from './arrivals/arguments.ts';
import { Arrivals } from './arrivals/arrivals.ts';
import { HandedFiles, isModelFile } from './arrivals/handed-files.ts';
import { pageOfLink } from './arrivals/page-of-link.ts';
import { EngineSupervisor } from './engine/engine-supervisor.ts';
import { nodePackage } from './engine/node-package.ts';
import { RotatedLog } from './engine/rotated-log.ts';
import { answerOwnPage } from './ipc/answer-own-page.ts';
import { appMenu } from './menu/app-menu.ts';
import { AppTray } from './menu/app-tray.ts';
import { KubeconfigFolder } from './menu/kubeconfig-folder.ts';
import { externalAddress } from './menu/open-external.ts';
import { trayText } from './menu/tray-text.ts';
import { SecretStore } from './secrets/secret-store.ts';
import { startUpdates } from './updates/auto-update.ts';
import { appOrigin, registerAppScheme, serveApp } from './window/app-protocol.ts';
import { denyPermissions } from './window/guard-contents.ts';
import { openMainWindow } from './window/main-window.ts';

// The build lays main, preload and renderer side by side.
const built = join(import.meta.dirname, '..');
const icons = join(app.getAppPath(), 'resources', 'icons');

registerAppScheme();

const arrivals = new Arrivals(() => tellWindows(desktopChannels.arrivals));
const handedFiles = new HandedFiles(() => randomBytes(32).toString('base64url'));

// macOS hands links and files over by events, the first ones before the app is ready.
app.on('open-url', (event, url) => {
  event.preventDefault();
  takeIn({ links: [url], files: [] });
});
app.on('open-file', (event, path) => {
  event.preventDefault();
  takeIn({ links: [], files: [path] });
});

if (app.requestSingleInstanceLock()) void run();
else app.quit();

async function run(): Promise<void> {
  await app.whenReady();
  if (app.isPackaged) app.setAsDefaultProtocolClient('cloudoptim');
  // Windows shows notifications of known programs only; the id is that of electron-builder.yml.
  if (process.platform === 'win32') app.setAppUserModelId('io.cloudoptim.desktop');
  serveApp(join(built, 'renderer'), token => handedFiles.answer(token));
  denyPermissions(session.defaultSession);
  const log = new RotatedLog(join(app.getPath('userData'), 'logs'), 'engine');
  const kubeconfigs = new KubeconfigFolder(join(app.getPath('userData'), 'kubeconfigs.json'));
  const engine = createEngineSupervisor(log, kubeconfigs.read());
  const readKubeconfigsIn = (folder: string | undefined) => {
    kubeconfigs.keep(folder);
    engine.readKubeconfigsIn(folder);
    openPage('/clusters/kubeconfig');
  };
  answerOwnPage(desktopChannels.engine, () => engine.address());
  answerOwnPage(desktopChannels.engineState, () => engine.state);
  answerOwnPage(desktopChannels.startEngine, () => engine.start());
  answerOwnPage(desktopChannels.showLog, () => shell.showItemInFolder(log.file));
  const secrets = new SecretStore(
    join(app.getPath('userData'), 'secrets.json'),
    safeStorage,
    process.platform,
  );
  answerOwnPage(desktopChannels.secretProtection, () => secrets.protection());
  answerOwnPage(desktopChannels.arrivals, () => arrivals.take());

  takeIn(handedOver(process.argv, process.cwd()));
  showWindow();
  engine.start();

  app.on('second-instance', (_event, argv, folder) => {
    takeIn(handedOver(argv, folder));
    showWindow();
  });
  app.on('activate', showWindow);
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

  const updates = await startUpdates({
    feedFile: join(process.resourcesPath, 'app-update.yml'),
    platform: process.platform,
    note: text => log.note(Date.now(), text),
  });
  const actions = {
    openPage,
    openModel,
    chooseKubeconfigFolder: async () => {
      const { filePaths } = await dialog.showOpenDialog({
        title: 'Folder of kubeconfigs',
        properties: ['openDirectory', 'showHiddenFiles'],
      });
      if (filePaths[0] !== undefined) readKubeconfigsIn(filePaths[0]);
    },
    forgetKubeconfigFolder: () => readKubeconfigsIn(undefined),
    showLog: () => shell.showItemInFolder(log.file),
    openExternal,
  };
  const { platform } = process;
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(appMenu(actions, { platform, isPackaged: app.isPackaged, updates })),
  );
}

/** The engine, with what the tray and the notifications tell of it. */
function createEngineSupervisor(log: RotatedLog, kubeconfigFolder: string | undefined): EngineSupervisor {
  const tray = new AppTray(join(icons, 'tray.png'), {
    openPage,
    openWindow: showWindow,
    quit: () => app.quit(),
  });
  const alerts = new WaitingAlerts(showNotification);
  let news: EngineNews | undefined;
  let stopWatching: (() => void) | undefined;
  const watch = async () => {
    stopWatching?.();
    const address = await engine.address();
    stopWatching = await watchEngine(address, next => {
      news = next;
      alerts.hear(next.waiting);
      tray.show(trayText(news, engine.state));
    });
  };
  const engine: EngineSupervisor = new EngineSupervisor({
    script: join(import.meta.dirname, 'run-engine.js'),
    start: {
      dataFolder: join(app.getPath('userData'), 'engine'),
      resourcesFolder: join(app.getAppPath(), 'resources'),
      version: app.getVersion(),
      allowedOrigin: appOrigin,
      nodePath: findNode(),
      inferenceScript: outsideArchive(join(import.meta.dirname, 'inference-child.js')),
      plugInScript: outsideArchive(join(import.meta.dirname, 'plug-in-child.js')),
      kubeconfigFolder,
    },
    log,
    now: Date.now,
    onState: state => {
      tellWindows(desktopChannels.engineState, state);
      tray.show(trayText(news, state));
      if (state.state === 'ready') void watch();
    },
  });
  return engine;
}

function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window?.isMinimized()) window.restore();
  if (window) {
    window.show();
    window.focus();
    return;
  }
  openMainWindow({
    preload: join(built, 'preload', 'index.cjs'),
    icon: join(icons, 'icon.png'),
    memoryFile: join(app.getPath('userData'), 'window.json'),
    openExternal,
  });
}

function tellWindows(channel: string, ...values: readonly unknown[]): void {
  for (const window of BrowserWindow.getAllWindows()) window.webContents.send(channel, ...values);
}

function openPage(path: string): void {
  arrivals.add({ kind: 'page', path });
  if (app.isReady()) showWindow();
}

/** Links lead to pages, files wait for the window; neither does anything else. */
function takeIn({ links, files }: ReturnType<typeof handedOver>): void {
  for (const link of links) {
    const target = pageOfLink(link);
    if ('path' in target) openPage(target.path);
    else arrivals.add({ kind: 'refused', message: target.refusal, hint: 'Copy the link once more.' });
  }
  for (const file of files) void handedFiles.offer(file).then(arrival => arrivals.add(arrival));
}

async function openModel(): Promise<void> {
  const { filePaths } = await dialog.showOpenDialog({
    title: 'Open a model',
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: 'Models', extensions: ['onnx', 'pkl', 'pickle', 'joblib', 'ubj', 'gz', 'z'] },
      { name: 'All files', extensions: ['*'] },
    ],
  });
  takeIn({ links: [], files: filePaths });
  if (filePaths.some(isModelFile)) showWindow();
}

function openExternal(address: string): void {
  const url = externalAddress(address);
  if (url !== undefined) void shell.openExternal(url);
}

/** Kept until they are clicked or gone: a notification that is collected does not hear its click. */
const notifications = new Set<Notification>();

function showNotification({ title, body, path }: Alert): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  notifications.add(notification);
  notification.on('click', () => {
    notifications.delete(notification);
    openPage(path);
  });
  notification.on('close', () => notifications.delete(notification));
  notification.show();
}

/** What a process of plain Node starts or loads lies beside the archive, which only Electron can read. */
function outsideArchive(path: string): string {
  return path.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');
}

/** Node 24 or newer for the engine's child processes: the one packaged with the app, else the one on PATH. */
function findNode(): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folder = join(app.getAppPath(), 'node_modules', nodePackage(process.platform, process.arch), 'bin');
  const packaged = outsideArchive(join(folder, name));
  return existsSync(packaged) ? packaged : 'node';
}
