import { join } from 'node:path';
import type { Command } from 'commander';
import { createEngine } from '../engine.ts';
import { loadSettings, type SettingName, settingDefinitions, settingFlag } from '../platform/index.ts';
import { version } from '../version.ts';

const root = join(import.meta.dirname, '..', '..');

/** `cloudoptim server`: the engine without a window, until Ctrl-C. */
export function addServerCommand(program: Command): void {
  const command = program
    .command('server')
    .description('Run the engine and serve the user interface, until Ctrl-C');
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    const flag = settingFlag(name as SettingName);
    const { sentence, environment } = definition;
    if ('value' in definition) command.option(`${flag} ${definition.value}`, `${sentence} (${environment})`);
    else command.option(flag, `Turn off: ${sentence} (${environment}=false)`);
  }
  command.option('--until-stdin-closes', 'End when standard input closes, as well as on a signal');
  command.action(async (options: Partial<Record<SettingName, unknown>> & { untilStdinCloses?: boolean }) => {
    // Commander sets the default of a --no-… flag; only a given one may override the environment.
    const { untilStdinCloses = false, openSignIn, ...flags } = options;
    const settings = loadSettings({ ...flags, ...(openSignIn === false ? { openSignIn } : {}) }, process.env);
    const engine = await createEngine({
      settings,
      version,
      resourcesFolder: join(root, 'resources'),
      uiFolder: join(root, 'out', 'renderer'),
    });
    process.stdout.write(`CloudOptim listens on ${engine.url}\n`);
    if (settings.openSignIn) process.stdout.write(`Sign in: ${engine.url}/#token=${engine.launchToken}\n`);
    await untilAskedToEnd(untilStdinCloses);
    await engine.close();
    // An open standard input would keep this process alive.
    process.stdin.destroy();
  });
}

function untilAskedToEnd(untilStdinCloses: boolean): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (untilStdinCloses) process.stdin.on('end', () => resolve()).resume();
  });
}
