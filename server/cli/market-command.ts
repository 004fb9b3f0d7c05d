import type { Command } from 'commander';
import type { FillProgress, GapAnalysis, MarketScope } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatDuration } from '../../common/units/index.ts';
import type { Market } from '../market/index.ts';
import { addImportCommand } from './market-import-command.ts';
import { openMarket } from './open-market.ts';
import { timeOf } from './parse-values.ts';
import { ProgressLine } from './progress-line.ts';
import { untilInterrupted } from './until-interrupted.ts';

const POLL_MS = 200;
const EXIT_FAILED = 2;

interface ScopeOptions {
  readonly data?: string;
  readonly region?: string[];
  readonly type?: string[];
  readonly product?: string[];
  readonly json?: boolean;
}

/** `cloudoptim market …`: prices of a data folder, without an engine. */
export function addMarketCommand(program: Command): void {
  const market = program.command('market').description('Spot prices of a data folder, without an engine');
  addImportCommand(market);
  withScope(market.command('gaps').description('Say which prices are missing since a time'))
    .requiredOption(
      '--trained-until <time>',
      'From when prices are needed, e.g. when a model was trained: ISO 8601',
    )
    .action(async (options: ScopeOptions & { trainedUntil: string }) => {
      const fromMs = timeOf('--trained-until', options.trainedUntil);
      const { market: room, close } = await openMarket(dataOf(options));
      try {
        const gap = await room.analyzeGap({ scope: await scopeOf(room, options), fromMs });
        process.stdout.write(options.json ? `${JSON.stringify(gap, null, 2)}\n` : describeGap(gap));
      } finally {
        await close();
      }
    });
  withScope(market.command('fill').description('Fetch missing prices from EC2, which keeps 90 days'))
    .requiredOption('--from <time>', 'From when prices are needed: ISO 8601')
    .option('--to <time>', 'Until when; now when left out')
    .option('--endpoint <url>', 'Address of the EC2 API, when it is not the one of AWS')
    .action(async (options: ScopeOptions & { from: string; to?: string; endpoint?: string }) => {
      const fromMs = timeOf('--from', options.from);
      const toMs = options.to === undefined ? undefined : timeOf('--to', options.to);
      const { endpoint } = options;
      const flags = { ...dataOf(options), ...(endpoint === undefined ? {} : { ec2Endpoint: endpoint }) };
      const { market: room, startJobs, close } = await openMarket(flags);
      try {
        const scope = await scopeOf(room, options);
        await startJobs();
        const ended = await watchFill(room, await room.fill({ scope, fromMs, toMs }));
        process.stdout.write(options.json ? `${JSON.stringify(ended, null, 2)}\n` : describeFill(ended));
        if (ended.state !== 'succeeded') process.exitCode = EXIT_FAILED;
      } finally {
        await close();
      }
    });
}

function withScope(command: Command): Command {
  return command
    .option('--region <name...>', 'Regions; those on disk when left out')
    .option('--type <name...>', 'Instance types; all when left out')
    .option('--product <name...>', 'Products; Linux/UNIX when left out')
    .option('--data <folder>', 'The data folder')
    .option('--json', 'Print JSON');
}

function dataOf({ data }: ScopeOptions): { data?: string } {
  return data === undefined ? {} : { data };
}

async function scopeOf(market: Market, options: ScopeOptions): Promise<MarketScope> {
  const { region, type = [], product = ['Linux/UNIX'] } = options;
  const regions = region ?? [...new Set((await market.coverage.all()).map(each => each.region))];
  if (regions.length === 0) {
    throw new AppError('input.invalid', 'No region is named, and none is on disk.', {
      hint: 'Add --region eu-west-1.',
    });
  }
  return { regions, instanceTypes: type, products: product };
}

async function watchFill(market: Market, started: FillProgress): Promise<FillProgress> {
  const line = new ProgressLine();
  const interrupted = untilInterrupted();
  try {
    for (;;) {
      const fill = await market.getFill(started.jobId);
      if (!['queued', 'running'].includes(fill.state)) return fill;
      const rate = `${Math.round(fill.rowsPerSecond).toLocaleString('en-US')} rows/s`;
      const left = fill.etaMs === null ? '' : `, ${formatDuration(fill.etaMs)} left`;
      line.show(`${fill.percent.toFixed(1)} %  ${fill.rows.toLocaleString('en-US')} rows  ${rate}${left}`);
      if (interrupted.signal.aborted) return await market.cancelFill(started.jobId);
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  } finally {
    line.end();
    interrupted.end();
  }
}

function describeGap({ slices, fillableMs, archiveMs, estimatedRows }: GapAnalysis): string {
  const iso = (ms: number) => new Date(ms).toISOString();
  const lines = slices.map(
    ({ region, product, fromMs, toMs, fillable }) =>
      `${region}  ${product}  ${iso(fromMs)} … ${iso(toMs)}  ${fillable ? 'EC2 has it' : 'needs an archive'}`,
  );
  if (lines.length === 0) return 'Nothing is missing.\n';
  const sum = `${formatDuration(fillableMs)} from EC2, about ${estimatedRows.toLocaleString('en-US')} rows; ${formatDuration(archiveMs)} need an archive`;
  return `${[...lines, sum].join('\n')}\n`;
}

function describeFill({ state, rows, newRows, message }: FillProgress): string {
  const count = (value: number) => value.toLocaleString('en-US');
  return `${state}: ${count(rows)} rows, ${count(newRows)} of them new.${message === null ? '' : ` ${message}`}\n`;
}
