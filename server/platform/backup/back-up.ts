import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DatabaseUrl } from '../database/database-url.ts';
import { backUpSqlite } from './back-up-sqlite.ts';
import { type BackupManifest, type BackupPart, type BackupStep, MANIFEST_FILE } from './backup-manifest.ts';
import { copyFileHashed, filesBelow, flush } from './copied-file.ts';

/** What to back up and where to. */
export interface BackupOptions {
  /** Data folder of the engine, which may run. */
  readonly data: string;
  /** Its database, where that is not the file in the data folder. */
  readonly databaseUrl?: DatabaseUrl | undefined;
  /** Folders of the data folder whose files the database names. */
  readonly fileFolders: readonly string[];
  /** A new folder. */
  readonly to: string;
  readonly version: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly onStep: (step: BackupStep) => void;
}

/** The part of a manifest that is about the database. */
export type DatabasePart = Pick<
  BackupManifest,
  'kind' | 'migrations' | 'rows' | 'tables' | 'sequences' | 'parts'
>;

/**
 * Writes a backup into a new folder: the database as it was at one moment, and the files that it names. The engine may go on
 * working. The folder gets its name once everything is on disk; until then it is called `<name>.partial-…`.
 * @throws AppError `resource.conflict` when the folder exists, `input.invalid` when there is nothing to back up, and as databases do
 */
export async function backUp(options: BackupOptions): Promise<BackupManifest> {
  const to = resolve(options.to);
  if (existsSync(to))
    throw new AppError('resource.conflict', `${options.to} exists already.`, {
      hint: 'Name a folder that does not exist yet.',
    });
  const folder = await partialFolder(to);
  try {
    const manifest = await backUpInto(folder, options);
    await rename(folder, to);
    await flush(dirname(to));
    return manifest;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw (error as Error).name === 'AbortError' ? options.signal.reason : error;
  }
}

async function partialFolder(to: string): Promise<string> {
  try {
    await mkdir(dirname(to), { recursive: true });
    return await mkdtemp(`${to}.partial-`);
  } catch (cause) {
    throw new AppError('storage.unwritable', `The folder ${dirname(to)} cannot be written.`, { cause });
  }
}

async function backUpInto(folder: string, options: BackupOptions): Promise<BackupManifest> {
  const { databaseUrl, data, signal, onStep } = options;
  const files = new Map<string, BackupPart>();
  // Files that are removed while the database is read are named by it still, and those that come then may be, too: so files
  // are copied before and after. They are named by their content and never change.
  await copyNew(files, folder, options);
  const database = await (databaseUrl
    ? (await import('./back-up-postgres.ts')).backUpPostgres(databaseUrl, folder, { signal, onStep })
    : backUpSqlite(data, folder, { signal, onStep }));
  await copyNew(files, folder, options);
  const manifest: BackupManifest = {
    format: 1,
    madeBy: options.version,
    madeAt: new Date(options.nowMs).toISOString(),
    ...database,
    parts: [...database.parts, ...files.values()],
  };
  const path = join(folder, MANIFEST_FILE);
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  await flush(path);
  await flush(folder);
  return manifest;
}

async function copyNew(
  files: Map<string, BackupPart>,
  folder: string,
  { data, fileFolders, signal, onStep }: BackupOptions,
): Promise<void> {
  const paths = (await filesBelow(data, fileFolders)).filter(path => !files.has(path));
  const sizes = await Promise.all(
    paths.map(async path => (await stat(join(data, path)).catch(() => null))?.size ?? 0),
  );
  const of = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  for (const path of paths) {
    const part = await copyFileHashed(join(data, path), join(folder, 'files', path), `files/${path}`, {
      signal,
      onChunk: ({ length }) => {
        done += length;
        onStep({ phase: 'files', done, of, unit: 'bytes' });
      },
    });
    if (part) files.set(path, part);
  }
}
