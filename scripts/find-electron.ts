import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the package that downloads Electron. */
export const electronFolder = join(import.meta.dirname, '..', 'node_modules', 'electron');

/** The Electron program of this machine: that of `ELECTRON_OVERRIDE_DIST_PATH`, else the one that was downloaded. */
export function findElectron(): string | undefined {
  const name = process.platform === 'win32' ? 'electron.exe' : 'electron';
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (given !== undefined) return existsSync(join(given, name)) ? join(given, name) : undefined;
  const pathFile = join(electronFolder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const program = join(electronFolder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(program) ? program : undefined;
}
