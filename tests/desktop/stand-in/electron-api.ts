/** What the main process of CloudOptim uses of Electron. */
export { app } from './app.ts';
export { BrowserWindow, WebContents } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export {
  dialog,
  Menu,
  MenuItem,
  Notification,
  nativeImage,
  safeStorage,
  screen,
  shell,
  Tray,
} from './native-parts.ts';
export { net, protocol, session } from './sessions.ts';
export { utilityProcess } from './utility-process.ts';
