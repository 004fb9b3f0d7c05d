import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Transaction } from 'kysely';
import { AppError } from '../../../common/errors.ts';
import type { Migrations } from '../database/database.ts';
import type { DatabaseUrl } from '../database/database-url.ts';
import { moveDatabase } from '../database/move-database.ts';
import { openPostgres, RESTORING_FILE } from '../database/open-database.ts';
import { lockFolder, openSqlite, prepareFolder } from '../database/open-sqlite.ts';
import {
  type BackupManifest,
  type BackupPart,
  type BackupStep,
  checkParts,
  readManifest,
  SQLITE_PART,
} from './backup-manifest.ts';
import { copyFileHashed, filesBelow, flush } from './copied-file.ts';

/** Loaded with its driver where there is such a database. */
const postgres = () => import('./restore-postgres.ts');

/** Which backup to restore and where. */
export interface RestoreOptions {
  /** A folder that `backUp` made. */
  readonly from: string;
  /** Data folder of an engine that does not run. */
  readonly data: string;
  readonly databaseUrl?: DatabaseUrl | undefined;
  readonly fileFolders: readonly string[];
  /** Whether what is there may be put aside (files, SQLite) or dropped (tables of an engine in PostgreSQL). */
  readonly replace: boolean;
  readonly migrations: Migrations;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly onStep: (step: BackupStep) => void;
  /** As `MoveOptions.prepareIn`, for a backup of SQLite that goes into PostgreSQL. */
  readonly prepareIn: (
    transaction: Transaction<unknown>,
    table: string,
    rows: readonly Record<string, unknown>[],
  ) => Promise<void>;
}

/** What was restored, and where the files went that lay there before. */
export interface Restored {
  readonly manifest: BackupManifest;
  readonly putAside: string | undefined;
}

const DATABASE_FILES = ['cloudoptim.sqlite', 'cloudoptim.sqlite-wal', 'cloudoptim.sqlite-shm'];

/**
 * Checks every part of a backup, then puts it into an empty place: one of SQLite into a data folder or PostgreSQL, one of
 * PostgreSQL into PostgreSQL. The schema is that of the backup; the next start of an engine brings it up to date. When it is
 * killed, no engine starts there until it was run again.
 * @throws AppError `resource.conflict` where the place is not empty, `storage.damaged` for a damaged backup,
 *   `input.invalid` for what is no backup, `storage.in-use` while an engine runs there
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { from, data, databaseUrl, signal } = options;
  const manifest = await readManifest(from, Object.keys(options.migrations));
  if (manifest.kind === 'postgres' && !databaseUrl)
    throw new AppError('input.invalid', `The backup ${from} is one of PostgreSQL.`, {
      hint: 'Give an empty PostgreSQL database with --database-url or CLOUDOPTIM_DATABASE_URL.',
    });
  prepareFolder(data);
  const lock = lockFolder(data);
  try {
    const isUnfinished = existsSync(join(data, RESTORING_FILE));
    await demandEmpty(options, isUnfinished);
    if (databaseUrl) await (await postgres()).demandClearable(databaseUrl, options.replace);
    await checkParts(from, manifest.parts, signal, options.onStep);
    const staged = await stage(manifest, options);
    try {
      await writeFile(join(data, RESTORING_FILE), `${from}\n`);
      await flush(data);
      if (databaseUrl) await (await postgres()).clearPostgres(databaseUrl);
      const putAside = await putFilesAside(options);
      await moveIn(staged, manifest, options);
      await rm(join(data, RESTORING_FILE));
      await flush(data);
      return { manifest, putAside };
    } finally {
      await rm(staged, { recursive: true, force: true });
    }
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? signal.reason : error;
  } finally {
    lock.close();
  }
}

async function demandEmpty(options: RestoreOptions, isUnfinished: boolean): Promise<void> {
  const { data, databaseUrl, fileFolders, replace } = options;
  if (replace) return;
  const found = [
    ...(databaseUrl ? [] : DATABASE_FILES).filter(name => existsSync(join(data, name))),
    ...(await filesBelow(data, fileFolders)),
  ][0];
  if (found === undefined && !isUnfinished) return;
  throw new AppError(
    'resource.conflict',
    `The data folder ${data} is not empty: it holds ${found ?? 'an unfinished restore'}.`,
    {
      hint: 'Restore into an empty folder, or give --replace to put what is there aside.',
    },
  );
}

/** Copies everything beside its place, so that what takes long changes nothing yet. */
async function stage(manifest: BackupManifest, options: RestoreOptions): Promise<string> {
  const { from, data, databaseUrl, signal, onStep } = options;
  const staged = await mkdtemp(join(data, 'restoring-'));
  try {
    const parts = manifest.parts.filter(({ path }) => path.startsWith('files/') || path === SQLITE_PART);
    const of = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const part of parts)
      await copyPart(from, staged, part, signal, bytes => {
        done += bytes;
        onStep({ phase: 'restoring', done, of, unit: 'bytes' });
      });
    if (databaseUrl && manifest.kind === 'sqlite')
      await rename(join(staged, SQLITE_PART), join(staged, 'cloudoptim.sqlite'));
    return staged;
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    throw error;
  }
}

async function copyPart(
  from: string,
  staged: string,
  { path, sha256 }: BackupPart,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const onChunk = ({ length }: Buffer) => onBytes(length);
  const copied = await copyFileHashed(join(from, path), join(staged, path), path, { signal, onChunk });
  if (copied?.sha256 !== sha256)
    throw new AppError('storage.damaged', `The file ${join(from, path)} changed while it was restored.`);
}

async function putFilesAside({
  data,
  databaseUrl,
  fileFolders,
  nowMs,
}: RestoreOptions): Promise<string | undefined> {
  const names = [...fileFolders, ...(databaseUrl ? [] : DATABASE_FILES)].filter(name =>
    existsSync(join(data, name)),
  );
  if (names.length === 0) return undefined;
  const aside = join(data, `replaced-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  for (const name of names) await rename(join(data, name), join(aside, name));
  return aside;
}

async function moveIn(staged: string, manifest: BackupManifest, options: RestoreOptions): Promise<void> {
  const { data, databaseUrl, migrations, signal, onStep, prepareIn } = options;
  for (const { path } of manifest.parts) {
    if (!path.startsWith('files/')) continue;
    const to = join(data, path.slice('files/'.length));
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(join(staged, path), to);
  }
  if (!databaseUrl) {
    await rename(join(staged, SQLITE_PART), join(data, 'cloudoptim.sqlite'));
    return;
  }
  if (manifest.kind === 'postgres') {
    const { restorePostgres } = await postgres();
    await restorePostgres(databaseUrl, manifest, { from: options.from, migrations, signal, onStep });
    return;
  }
  const source = await openSqlite(staged, migrations);
  const target = await openPostgres(databaseUrl, migrations);
  try {
    await moveDatabase(source, target, {
      signal,
      onStep: ({ phase, rows, ofRows }) =>
        onStep({
          phase: phase === 'copying' ? 'restoring' : 'comparing',
          done: rows,
          of: ofRows,
          unit: 'rows',
        }),
      prepareIn,
    });
  } finally {
    await target.close();
    await source.close();
  }
}
