import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../../../common/errors.ts';
import type { DatabasePart } from './back-up.ts';
import { type BackupStep, SQLITE_PART } from './backup-manifest.ts';
import { flush } from './copied-file.ts';

/** 4 MiB; between two of them, Ctrl-C is heard. */
const PAGES_AT_ONCE = 1_024;

/**
 * Copies the SQLite file of a data folder as it is at one moment, while an engine may write to it; then checks the copy.
 * @throws AppError `input.invalid` when there is none, `storage.damaged`
 */
export async function backUpSqlite(
  data: string,
  folder: string,
  { signal, onStep }: { signal: AbortSignal; onStep: (step: BackupStep) => void },
): Promise<DatabasePart> {
  const from = join(data, 'cloudoptim.sqlite');
  if (!existsSync(from))
    throw new AppError('input.invalid', `The folder ${data} holds no cloudoptim.sqlite.`, {
      hint: 'Give the data folder of the engine with --data, or its PostgreSQL database with --database-url.',
    });
  const path = join(folder, SQLITE_PART);
  const source = new BetterSqlite3(from, { readonly: true });
  try {
    const pageBytes = Number(source.pragma('page_size', { simple: true }));
    // An open read holds the moment: without it, every commit of the engine would make the copy begin again.
    source.exec('begin');
    source.prepare('select count(*) from sqlite_master').get();
    await source.backup(path, {
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted();
        const done = (totalPages - remainingPages) * pageBytes;
        onStep({ phase: 'database', done, of: totalPages * pageBytes, unit: 'bytes' });
        return PAGES_AT_ONCE;
      },
    });
  } finally {
    source.close();
  }
  const { migrations, rows } = checkCopy(path);
  await flush(path);
  const part = await hashOf(path, signal);
  return {
    kind: 'sqlite',
    migrations,
    rows,
    tables: [],
    sequences: [],
    parts: [{ path: SQLITE_PART, ...part }],
  };
}

function checkCopy(path: string): Pick<DatabasePart, 'migrations' | 'rows'> {
  const copy = new BetterSqlite3(path);
  try {
    // So that the copy is one file, and stays one when it is looked into.
    copy.pragma('journal_mode = delete');
    const verdict = copy.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok')
      throw new AppError('storage.damaged', `The database is damaged: ${String(verdict)}.`, {
        hint: 'No backup was made; restore the last one that was.',
      });
    const tables = copy
      .prepare(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
      )
      .pluck()
      .all() as string[];
    const countOf = (table: string) =>
      copy.prepare(`select count(*) from "${table}"`).pluck().get() as number;
    return {
      migrations: copy.prepare('select name from kysely_migration order by name').pluck().all() as string[],
      rows: Object.fromEntries(tables.filter(isOurs).map(table => [table, countOf(table)])),
    };
  } finally {
    copy.close();
  }
}

function isOurs(table: string): boolean {
  return !table.startsWith('kysely_');
}

async function hashOf(path: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      hash.update(chunk);
      done();
    },
  });
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), sink, { signal });
  return { bytes, sha256: hash.digest('hex') };
}
