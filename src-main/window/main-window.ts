import { BrowserWindow, screen } from 'electron';
import { appOrigin } from './app-protocol.ts';
import { guardContents } from './guard-contents.ts';
import { readWindowMemory, rememberWindow } from './remember-window.ts';
import { boundsFor, MIN_SIZE } from './window-bounds.ts';

/**
 * Opens the one window, where it was the last time. It shows at once; the UI says itself that the engine still starts.
 * @param parts `memoryFile` is where the window's place is kept; `openExternal` opens an address outside the app, or refuses
 */
export function openMainWindow(parts: {
  readonly preload: string;
  readonly icon: string;
  readonly memoryFile: string;
  readonly openExternal: (url: string) => void;
}): BrowserWindow {
  const memory = readWindowMemory(parts.memoryFile);
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const window = new BrowserWindow({
    ...boundsFor(memory, [primary.workArea, ...others.map(({ workArea }) => workArea)]),
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'CloudOptim',
    icon: parts.icon,
    backgroundColor: '#10151c',
    webPreferences: {
      preload: parts.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  if (memory?.isMaximized) window.maximize();
  rememberWindow(window, parts.memoryFile);
  guardContents(window.webContents, parts.openExternal, Date.now);
  void window.loadURL(`${appOrigin}/`);
  return window;
}
