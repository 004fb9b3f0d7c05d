/** `npm run desktop`: builds main, preload and renderer, then opens the Electron app. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { electronFolder, findElectron } from './find-electron.ts';

const root = join(import.meta.dirname, '..');

const build = spawnSync(
  process.execPath,
  [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (build.status !== 0) process.exit(build.status ?? 1);

const electron = findElectron() ?? downloadElectron();
if (electron === undefined) {
  process.stderr.write(
    'The desktop app is built, but the Electron program itself could not be downloaded: allow access to github.com, or set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds Electron, then run "npm run desktop" again; "npm start" shows the same UI in a browser.\n',
  );
  process.exit(2);
}
const child = spawn(electron, [root], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', code => process.exit(code ?? 1));

function downloadElectron(): string | undefined {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH !== undefined) return undefined;
  process.stderr.write('Downloading Electron (once) …\n');
  spawnSync(process.execPath, [join(electronFolder, 'install.js')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 300_000,
  });
  return findElectron();
}
