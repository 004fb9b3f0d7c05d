import { readFile } from 'node:fs/promises';
import { updateFeed } from './update-feed.ts';

const EVERY_MS = 6 * 3_600_000;

/**
 * Looks for updates now and every six hours, where the app carries a feed that may be trusted; an update that was checked is installed when
 * the app is quit. Returns how it stands, in words.
 * @param options `feedFile` is the feed of the packaged app; `note` is told what goes wrong
 */
export async function startUpdates(options: {
  readonly feedFile: string;
  readonly platform: NodeJS.Platform;
  readonly note: (text: string) => void;
}): Promise<string> {
  const text = await readFile(options.feedFile, 'utf8').catch(() => undefined);
  const feed = updateFeed(text, options.platform);
  if (!feed.isOn) return `Updates are off: ${feed.reason}`;
  const {
    default: { autoUpdater },
  } = await import('electron-updater');
  // None of these is left to a default that a later version may change.
  autoUpdater.allowDowngrade = false;
  autoUpdater.allowPrerelease = false;
  autoUpdater.disableWebInstaller = true;
  autoUpdater.autoDownload = true;
  autoUpdater.autoInstallOnAppQuit = true;
  autoUpdater.on('error', error => options.note(`The update failed: ${error.message}`));
  autoUpdater.on('update-downloaded', ({ version }) =>
    options.note(`Version ${version} is installed when the app is quit.`),
  );
  const check = () => void autoUpdater.checkForUpdates().catch(() => undefined);
  check();
  setInterval(check, EVERY_MS);
  return 'Updates are looked for by themselves';
}
