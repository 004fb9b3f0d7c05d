import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units/index.ts';
import { allMigrations } from '../engine.ts';
import { openPartitionsOf } from '../market/index.ts';
import {
  type BackupStep,
  backUp,
  DatabaseUrl,
  loadSettings,
  moveDatabase,
  openPostgres,
  openSqlite,
  restore,
} from '../platform/index.ts';
import { version } from '../version.ts';
import { ProgressLine } from './progress-line.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** Folders of a data folder whose files rows of the database name. */
const FILE_FOLDERS = ['models', 'engines', 'imports', 'catalog'];

const dataOption = ['--data <folder>', 'Data folder of the engine (CLOUDOPTIM_DATA)'] as const;
const databaseOption = [
  '--database-url <url>',
  'PostgreSQL database instead of the one in the data folder (CLOUDOPTIM_DATABASE_URL)',
] as const;

/** `cloudoptim database backup|restore|move`. */
export function addDatabaseCommand(program: Command): void {
  const database = program.command('database').description('Back up, restore or move what an engine keeps');
  database
    .command('backup <folder>')
    .description('Write database and files of an engine, which may run, into a new folder')
    .option(...dataOption)
    .option(...databaseOption)
    .action(backUpInto);
  database
    .command('restore <folder>')
    .description('Check a backup and put it into an empty data folder or database; the engine must not run')
    .option(...dataOption)
    .option(...databaseOption)
    .option('--replace', 'Put files that are there aside, and drop tables of an engine that are there')
    .action(restoreFrom);
  database
    .command('move')
    .description(
      'Copy a SQLite database into an empty PostgreSQL one and compare both; run it again to go on',
    )
    .requiredOption(
      '--from-sqlite <folder>',
      'Data folder of the engine, which must not run; it stays as it is',
    )
    .option('--to <url>', 'postgresql://user@host:5432/name (CLOUDOPTIM_DATABASE_URL)')
    .action(move);
}

interface PlaceFlags {
  readonly data?: string;
  readonly databaseUrl?: string;
}

async function backUpInto(folder: string, flags: PlaceFlags): Promise<void> {
  const { data, databaseUrl } = loadSettings(flags, process.env);
  await showing(async (signal, line) => {
    const { rows, parts } = await backUp({
      data,
      databaseUrl,
      fileFolders: FILE_FOLDERS,
      to: folder,
      version,
      nowMs: Date.now(),
      signal,
      onStep: step => line.show(stepText(step)),
    });
    line.end();
    writeRows(Object.entries(rows));
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const files = parts.filter(({ path }) => path.startsWith('files/')).length;
    process.stdout.write(
      `Backed up to ${folder}: ${databaseUrl?.place ?? 'SQLite'} and ${files} files, ${formatBytes(bytes)}.\n`,
    );
  }, 'Nothing was written.');
}

async function restoreFrom(folder: string, flags: PlaceFlags & { replace?: true }): Promise<void> {
  const { replace = false, ...place } = flags;
  const { data, databaseUrl } = loadSettings(place, process.env);
  await showing(async (signal, line) => {
    const { manifest, putAside } = await restore({
      from: folder,
      data,
      databaseUrl,
      fileFolders: FILE_FOLDERS,
      replace,
      migrations: allMigrations,
      nowMs: Date.now(),
      signal,
      onStep: step => line.show(stepText(step)),
      prepareIn,
    });
    line.end();
    writeRows(Object.entries(manifest.rows));
    if (putAside !== undefined) process.stdout.write(`What was there lies in ${putAside} now.\n`);
    process.stdout.write(
      `Restored ${folder} of ${manifest.madeAt} into ${databaseUrl?.place ?? data}; everything is as it was backed up. Start the engine with --data ${data}${databaseUrl ? ' and this database' : ''}.\n`,
    );
  }, 'Run it again, with --replace if it says that a restore is unfinished.');
}

async function move(options: { fromSqlite: string; to?: string }): Promise<void> {
  const url =
    options.to === undefined ? loadSettings({}, process.env).databaseUrl : new DatabaseUrl(options.to);
  if (!url)
    throw new AppError('input.invalid', 'It is not said where to move the database to.', {
      hint: 'Give --to or CLOUDOPTIM_DATABASE_URL.',
    });
  if (!existsSync(join(options.fromSqlite, 'cloudoptim.sqlite')))
    throw new AppError('input.invalid', `The folder ${options.fromSqlite} holds no cloudoptim.sqlite.`);
  await showing(async (signal, line) => {
    const source = await openSqlite(options.fromSqlite, allMigrations);
    try {
      const target = await openPostgres(url, allMigrations);
      try {
        const counts = await moveDatabase(source, target, {
          signal,
          onStep: ({ phase, table, rows, ofRows }) =>
            line.show(`${phase} ${table}: ${rows} of ${ofRows} rows (${percent(rows, ofRows)})`),
          prepareIn,
        });
        line.end();
        writeRows(counts);
        process.stdout.write(
          `Moved to ${url.place}; counts and checksums are the same. Start the engine with the same --data and this database.\n`,
        );
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  });
}

/** Prices are partitioned in PostgreSQL; the partitions come before the rows. */
async function prepareIn(
  transaction: unknown,
  table: string,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  if (table !== 'spot_prices') return;
  await openPartitionsOf(
    transaction as never,
    rows.map(row => Number(row.key)),
  );
}

async function showing(
  work: (signal: AbortSignal, line: ProgressLine) => Promise<void>,
  hint?: string,
): Promise<void> {
  const { signal, end } = untilInterrupted(hint);
  const line = new ProgressLine();
  try {
    await work(signal, line);
  } finally {
    line.end();
    end();
  }
}

function stepText({ phase, done, of, unit }: BackupStep): string {
  const amount = unit === 'rows' ? `${done} of ${of} rows` : `${formatBytes(done)} of ${formatBytes(of)}`;
  return `${phase}: ${amount} (${percent(done, of)})`;
}

function percent(done: number, of: number): string {
  return `${of === 0 ? 100 : Math.min(100, Math.floor((100 * done) / of))} %`;
}

function writeRows(counts: Iterable<readonly [string, number]>): void {
  for (const [table, rows] of counts) if (rows > 0) process.stdout.write(`${table}: ${rows} rows\n`);
}
