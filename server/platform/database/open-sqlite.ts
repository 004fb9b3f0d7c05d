import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  sql,
  type Transaction,
} from 'kysely';
import { AppError } from '../../../common/errors.ts';
import type { Database, Migrations } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { preparedOnce } from './prepared-once.ts';
import { sqliteError } from './sqlite-errors.ts';

/** A whole check of a larger file would delay the start for too long. */
const FULL_CHECK_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Opens (and creates) `cloudoptim.sqlite` in a folder, migrated to the newest schema.
 * WAL with `synchronous=FULL`: what is acknowledged survives a power cut.
 * @throws AppError `storage.unwritable`, `storage.in-use` or `storage.damaged`; the file is then as it was.
 */
export async function openSqlite(folder: string, migrations: Migrations): Promise<Database> {
  prepareFolder(folder);
  const lock = lockFolder(folder);
  const path = join(folder, 'cloudoptim.sqlite');
  try {
    const writerFile = openChecked(path);
    const writer = new Kysely<unknown>({ dialect: new WritingSqlite(writerFile) });
    await migrateSqlite(writerFile, migrations);
    const readerFile = new BetterSqlite3(path, { readonly: true });
    const reader = new Kysely<unknown>({
      dialect: new SqliteDialect({ database: preparedOnce(readerFile) }),
    });
    const commits = new GroupCommit(writer);
    return {
      kind: 'sqlite',
      reader: <Tables>() => reader as Kysely<Tables>,
      write: <Tables, Result>(work: (transaction: Transaction<Tables>) => Promise<Result>) =>
        commits
          .run(transaction => work(transaction as Transaction<Tables>))
          .catch((error: unknown) => {
            throw sqliteError(error, folder);
          }),
      describeSchema: () => describeSchema(reader),
      sizeBytes: async () =>
        [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0),
      close: async () => {
        await commits.settled();
        await reader.destroy();
        await writer.destroy();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** All migrations that are missing, in one transaction: a kill leaves the schema as it was. */
async function migrateSqlite(file: BetterSqlite3.Database, migrations: Migrations): Promise<void> {
  // Not closed: it does not own the file.
  await migrate(
    new Kysely<unknown>({ dialect: new TransactionalSqlite({ database: preparedOnce(file) }) }),
    migrations,
  );
}

/** A full disk or a failed write makes SQLite take the whole transaction back by itself; asking for it once more is an error. */
class WritingSqlite extends SqliteDialect {
  readonly #file: BetterSqlite3.Database;

  constructor(file: BetterSqlite3.Database) {
    super({ database: preparedOnce(file) });
    this.#file = file;
  }

  override createDriver(): Driver {
    return new WritingDriver(this.#file);
  }
}

class WritingDriver extends SqliteDriver {
  readonly #file: BetterSqlite3.Database;

  constructor(file: BetterSqlite3.Database) {
    super({ database: preparedOnce(file) });
    this.#file = file;
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#file.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite can take changes of tables back, which the adapter denies. */
class TransactionalSqlite extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Makes a data folder. @throws AppError `storage.unwritable` */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new AppError('storage.unwritable', `The data folder ${folder} cannot be written.`, { cause });
  }
}

/**
 * Keeps other engines out of a data folder until it is closed. The lock is a transaction that the operating system ends with the
 * process, however it dies.
 * @throws AppError `storage.in-use`
 */
export function lockFolder(folder: string): BetterSqlite3.Database {
  const lock = openFile(join(folder, 'engine.lock'), folder);
  try {
    lock.pragma('busy_timeout = 0');
    lock.exec('begin exclusive');
    return lock;
  } catch (cause) {
    lock.close();
    throw new AppError('storage.in-use', `The data folder ${folder} is in use by another engine.`, { cause });
  }
}

function openFile(path: string, folder: string): BetterSqlite3.Database {
  try {
    return new BetterSqlite3(path);
  } catch (cause) {
    throw new AppError('storage.unwritable', `The data folder ${folder} cannot be written.`, { cause });
  }
}

function openChecked(path: string): BetterSqlite3.Database {
  const database = openFile(path, path);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('busy_timeout = 5000');
    database.pragma('cache_size = -65536');
    // What a savepoint would bring back stays in memory: on disk it takes longer than the rows themselves.
    database.pragma('temp_store = memory');
    if (statSync(path).size <= FULL_CHECK_LIMIT_BYTES) {
      const verdict = database.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new Error(String(verdict));
    }
    return database;
  } catch (cause) {
    database.close();
    const code = (cause as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
      throw new AppError('storage.unwritable', `The database ${path} cannot be written.`, { cause });
    }
    throw new AppError('storage.damaged', `The database ${path} is damaged or no database.`, { cause });
  }
}

async function describeSchema(reader: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master
    where sql is not null and name not like 'sqlite_%' and name not like 'kysely_%'
    order by type desc, name`.execute(reader);
  return `${rows.map(row => `${row.sql};`).join('\n\n')}\n`;
}
