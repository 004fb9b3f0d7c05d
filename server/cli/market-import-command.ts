import type { Command } from 'commander';
import type { ImportSummary } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units/index.ts';
import { type ImportStep, type Market, parseZones } from '../market/index.ts';
import { openMarket } from './open-market.ts';
import { ProgressLine } from './progress-line.ts';
import { untilInterrupted } from './until-interrupted.ts';

const EXIT_BAD_INPUT = 2;
/** A damaged file that is refused is an answer, not a fault. */
const EXIT_VERDICT_NO = 3;

interface ImportFlags {
  readonly data?: string;
  readonly region?: string;
  readonly product?: string;
  readonly zones?: string;
  readonly upToDamage?: boolean;
  readonly allTypes?: boolean;
  readonly json?: boolean;
}

/** `cloudoptim market import FILE…`. A file that cannot be used does not keep the others from being imported. */
export function addImportCommand(market: Command): void {
  market
    .command('import <files...>')
    .description('Import files of Spot prices: what aws prints, CSV, TSV or JSON; plain, gz, xz or zst')
    .option('--data <folder>', 'The data folder')
    .option('--region <name>', 'Region of zones that do not tell theirs')
    .option('--product <name>', 'Product of rows that name none, e.g. Linux/UNIX')
    .option('--zones <pairs>', 'Names of zone ids in this account: eu-west-1a=euw1-az1,eu-west-1b=euw1-az2')
    .option('--up-to-damage', 'Take what comes before a damage, instead of refusing the file')
    .option('--all-types', 'The files hold every instance type of their regions')
    .option('--json', 'Print JSON')
    .action(async (files: string[], { data, zones, json, ...options }: ImportFlags) => {
      const zoneNames = zones === undefined ? {} : { zones: parseZones(zones) };
      const { market: room, close } = await openMarket(data === undefined ? {} : { data });
      try {
        const summaries = await importFiles(room, files, { ...options, ...zoneNames }, !json);
        if (json) process.stdout.write(`${JSON.stringify(summaries, null, 2)}\n`);
        const isRefused = summaries.some(({ outcome }) => outcome === 'refused');
        if (summaries.length < files.length) process.exitCode = EXIT_BAD_INPUT;
        else if (isRefused) process.exitCode = EXIT_VERDICT_NO;
      } finally {
        await close();
      }
    });
}

/** The summaries of all files that could be read; the others are named on standard error. */
async function importFiles(
  market: Market,
  files: readonly string[],
  options: Parameters<Market['imports']['importFile']>[1],
  isText: boolean,
): Promise<ImportSummary[]> {
  const summaries: ImportSummary[] = [];
  const line = new ProgressLine();
  const interrupted = untilInterrupted();
  try {
    for (const file of files) {
      const startedAtMs = performance.now();
      const tell = (step: ImportStep) => line.show(describeStep(file, step, performance.now() - startedAtMs));
      try {
        const summary = await market.imports.importFile(file, options, interrupted.signal, tell);
        line.end();
        summaries.push(summary);
        if (isText) process.stdout.write(describe(summary));
        if (summary.damagedAt) process.stderr.write(describeDamage(summary, summary.damagedAt));
      } catch (error) {
        line.end();
        interrupted.signal.throwIfAborted();
        if (!(error instanceof AppError)) throw error;
        process.stderr.write(`${error.message} ${error.hint}\n`);
      }
    }
  } finally {
    interrupted.end();
  }
  return summaries;
}

function describeStep(
  file: string,
  { phase, rows, readBytes, totalBytes }: ImportStep,
  elapsedMs: number,
): string {
  const rate = `${count(Math.round((1_000 * rows) / Math.max(1, elapsedMs)))} rows/s`;
  return `${file}  ${phase}  ${formatBytes(readBytes)} of ${formatBytes(totalBytes)}  ${count(rows)} rows  ${rate}`;
}

function describe(summary: ImportSummary): string {
  const { file, format, compression, outcome, rows, pools, fromMs, toMs } = summary;
  const iso = (ms: number | null) => (ms === null ? '-' : new Date(ms).toISOString());
  const { firstConflict: conflict, leftOut, covered, notes } = summary;
  const lines = [
    `${file}: ${outcome.replaceAll('-', ' ')}`,
    `  ${format}, ${compression === 'none' ? 'not packed' : compression}; ${count(rows)} rows of ${count(pools)} pools, ${iso(fromMs)} … ${iso(toMs)}`,
    ...(outcome === 'refused'
      ? []
      : [
          `  ${count(summary.newRows)} new, ${count(summary.duplicates)} on disk already, ${count(summary.conflicts)} with another price on disk, which stays`,
        ]),
    ...(conflict
      ? [
          `  first of those: ${conflict.pool} at ${iso(conflict.atMs)}: ${conflict.heldMicroUsdPerHour} micro-USD on disk, ${conflict.fileMicroUsdPerHour} in the file`,
        ]
      : []),
    ...leftOut.map(
      ({ reason, count: rowsOf, firstLine }) =>
        `  ${count(rowsOf)} rows left out, first in line ${firstLine}: ${reason}`,
    ),
    ...covered.map(
      part => `  covers ${part.region} ${part.product}: ${iso(part.fromMs)} … ${iso(part.toMs)}`,
    ),
    ...notes.map(note => `  ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

function describeDamage(
  { file, outcome }: ImportSummary,
  { line, reason }: { line: number; reason: string },
): string {
  const end =
    outcome === 'refused'
      ? 'Nothing of it was imported; --up-to-damage takes what comes before that.'
      : 'What comes before that was imported.';
  return `"${file}" is damaged in line ${line}: ${reason}. ${end}\n`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
