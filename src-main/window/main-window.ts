import { BrowserWindow, type Session, session } from 'electron';
import { appOrigin } from './app-protocol.ts';

/** Opens the one window. It shows at once; the UI says itself that the engine still starts. */
export function openMainWindow(preload: string): BrowserWindow {
  denyPermissions(session.defaultSession);
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 600,
    title: 'CloudOptim',
    backgroundColor: '#10151c',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  // The window shows the UI and nothing else: no navigation elsewhere, no further windows, no embedded pages.
  window.webContents.on('will-navigate', event => {
    if (!event.url.startsWith(`${appOrigin}/`)) event.preventDefault();
  });
  window.webContents.on('will-attach-webview', event => event.preventDefault());
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  void window.loadURL(`${appOrigin}/`);
  return window;
}

function denyPermissions(target: Session): void {
  target.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  );
  target.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
}
