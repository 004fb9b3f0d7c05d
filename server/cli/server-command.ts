import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../common/errors.ts';
import { createEngine } from '../engine.ts';
import { loadSettings, type SettingName, settingDefinitions, settingFlag } from '../platform/index.ts';
import { serveReplica } from '../serve-replica.ts';
import { version } from '../version.ts';

const EXIT_BUG = 1;
const EXIT_BAD_INPUT = 2;

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
    const parts = {
      settings,
      version,
      resourcesFolder: join(root, 'resources'),
      uiFolder: join(root, 'out', 'renderer'),
    };
    const showLink = ({ url, launchToken }: { url: string; launchToken: string }) => {
      if (settings.openSignIn) process.stdout.write(`Sign in: ${url}/#token=${launchToken}\n`);
    };
    const asked = untilAskedToEnd(untilStdinCloses);
    if (settings.redisUrl === undefined) {
      const engine = await createEngine(parts);
      process.stdout.write(`CloudOptim listens on ${engine.url}\n`);
      showLink(engine);
      await asked;
      await engine.close();
    } else {
      const replica = await serveReplica(parts, leader => {
        process.stdout.write(`CloudOptim leads on ${leader.url}\n`);
        showLink(leader);
      });
      process.stdout.write(`CloudOptim listens on ${replica.url}\n`);
      // What it still does in the database is refused; it has to begin anew.
      await Promise.race([asked, replica.failed.catch(endAtOnce)]);
      await replica.close();
    }
    // An open standard input would keep this process alive.
    process.stdin.destroy();
  });
}

function endAtOnce(error: unknown): never {
  process.stderr.write(error instanceof AppError ? `${error.message} ${error.hint}\n` : `${String(error)}\n`);
  process.exit(error instanceof AppError && error.kind !== 'bug' ? EXIT_BAD_INPUT : EXIT_BUG);
}

function untilAskedToEnd(untilStdinCloses: boolean): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (untilStdinCloses) process.stdin.on('end', () => resolve()).resume();
  });
}
