import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { _electron } from '@playwright/test';
import type { DesktopApp, DesktopStart } from './desktop-app.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The app in a real Electron. @param executablePath the program */
export async function startElectron(executablePath: string, start: DesktopStart): Promise<DesktopApp> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = [...sandbox, `--user-data-dir=${start.userData}`, root];
  const env = { ...(process.env as Record<string, string>), ...start.environment };
  const app = await _electron.launch({
    executablePath,
    args: [...flags, ...(start.args ?? [])],
    cwd: root,
    env,
  });
  return {
    home: 'Electron',
    pid: app.process().pid ?? 0,
    firstWindow: () => app.firstWindow(),
    windows: () => app.windows(),
    evaluate: (run, argument) => app.evaluate(run as never, argument as never),
    askedOutside: () => undefined,
    startAgain: async args => {
      const second = spawn(executablePath, [...flags, ...args], { cwd: root, env, stdio: 'ignore' });
      await once(second, 'exit');
    },
    quit: () => app.close(),
  };
}
