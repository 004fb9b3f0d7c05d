import { join } from 'node:path';
import type { Command } from 'commander';
import { createEngine } from '../engine.ts';
import { loadSettings, type SettingName, settingDefinitions } from '../platform/index.ts';
import { version } from '../version.ts';

const root = join(import.meta.dirname, '..', '..');

/** Settings that are flags of `cloudoptim server`, with what stands for their value in the help. */
const serverFlags: readonly (readonly [flag: string, name: SettingName])[] = [
  ['--host <address>', 'host'],
  ['--port <number>', 'port'],
  ['--data <folder>', 'data'],
  ['--database-url <url>', 'databaseUrl'],
  ['--log-level <level>', 'logLevel'],
  ['--allowed-hosts <names>', 'allowedHosts'],
  ['--allowed-origins <origins>', 'allowedOrigins'],
  ['--ec2-endpoint <url>', 'ec2Endpoint'],
  ['--auto-scaling-endpoint <url>', 'autoScalingEndpoint'],
  ['--price-list-url <url>', 'priceListUrl'],
  ['--spot-advisor-url <url>', 'spotAdvisorUrl'],
  ['--model-max-mib <number>', 'modelMaxMib'],
  ['--model-quota-mib <number>', 'modelQuotaMib'],
];

/** `cloudoptim server`: the engine without a window, until Ctrl-C. */
export function addServerCommand(program: Command): void {
  const command = program
    .command('server')
    .description('Run the engine and serve the user interface, until Ctrl-C');
  for (const [flag, name] of serverFlags) {
    const { sentence, environment } = settingDefinitions[name];
    command.option(flag, `${sentence} (${environment})`);
  }
  command.option(
    '--no-open-sign-in',
    `Print no sign-in link (${settingDefinitions.openSignIn.environment}=false)`,
  );
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
