import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../common/errors.ts';
import { formatDuration, formatUsdPerHour } from '../../common/units/index.ts';
import { openCatalogFiles } from '../market/index.ts';
import { createLog, loadSettings, systemClock } from '../platform/index.ts';

const snapshotFile = join(import.meta.dirname, '..', '..', 'resources', 'catalog', 'snapshot.json');

/** `cloudoptim market catalog …`: the instance catalog of a data folder, without an engine or a network. */
export function addCatalogCommand(program: Command): void {
  // Other verbs of `market` may have made it already.
  const market =
    program.commands.find(command => command.name() === 'market') ??
    program.command('market').description('Prices and instance types of a data folder, without an engine');
  const catalog = market
    .command('catalog')
    .description('Instance types, list prices, Spot advisor, commitments');
  catalog
    .command('import <files...>')
    .description(
      'Take in price lists of EC2, the Spot advisor feed, or what "aws ec2 describe-instance-types" prints; gzip too',
    )
    .option('--data <folder>', 'Folder of the engine; a running one sees the new figures at its next start')
    .action(async (files: string[], options: { data?: string }) => {
      const { keeper } = await open(options.data);
      for (const file of files) {
        process.stderr.write(`Reading ${file} …\n`);
        const { message } = await keeper.importFile(await bytesOf(file)).catch((error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          throw new AppError(error.code, `${file}: ${error.message}`, { hint: error.hint, cause: error });
        });
        process.stdout.write(`${file}: ${message}\n`);
      }
    });
  catalog
    .command('show [instanceType]')
    .description('Say which figures are known, from where and how old they are')
    .option('--data <folder>', 'Folder of the engine')
    .option('--region <region>', 'Region of prices, zones and advice', 'us-east-1')
    .option('--json', 'Print JSON')
    .action(
      async (
        instanceType: string | undefined,
        options: { data?: string; region: string; json?: boolean },
      ) => {
        const { catalog: known } = await open(options.data);
        const entries = known
          .entries(options.region)
          .filter(entry => instanceType === undefined || entry.instanceType === instanceType);
        if (entries.length === 0) {
          throw new AppError('input.invalid', `The catalog has no instance type "${instanceType}".`, {
            hint: 'Types are written like m5.large; "market catalog import" takes newer ones in.',
          });
        }
        const layers = known.layers();
        if (options.json) {
          process.stdout.write(
            `${JSON.stringify({ region: options.region, layers, types: entries }, null, 2)}\n`,
          );
          return;
        }
        for (const { kind, region, source, ageMs } of layers) {
          process.stdout.write(
            `${kind.padEnd(12)} ${(region ?? '').padEnd(14)} ${source}, ${formatDuration(ageMs)} old\n`,
          );
        }
        if (instanceType === undefined) {
          const priced = entries.filter(entry => entry.onDemandMicroUsdPerHour !== null).length;
          process.stdout.write(`${entries.length} types, ${priced} with a list price in ${options.region}\n`);
          return;
        }
        for (const { vcpu, memoryMib, onDemandMicroUsdPerHour: price, interruptionBand } of entries) {
          const cost = price === null ? 'list price unknown' : `${formatUsdPerHour(price)} on demand`;
          const risk =
            interruptionBand === null
              ? 'interruptions unknown'
              : `interrupted ${interruptionBand.label} a month`;
          process.stdout.write(`${instanceType}: ${vcpu} vCPU, ${memoryMib} MiB, ${cost}, ${risk}\n`);
        }
      },
    );
}

function open(data: string | undefined) {
  const settings = loadSettings(data === undefined ? {} : { data }, process.env);
  return openCatalogFiles({
    snapshotFile,
    folder: join(settings.data, 'catalog'),
    clock: systemClock,
    log: createLog('warn'),
  });
}

async function bytesOf(path: string): Promise<AsyncIterable<Uint8Array>> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    throw new AppError('input.invalid', `The file ${path} cannot be read.`, { hint: 'Check the path.' });
  }
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}
