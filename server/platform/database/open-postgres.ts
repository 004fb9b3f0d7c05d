import { setTimeout as delay } from 'node:timers/promises';
import {
  HandleEmptyInListsPlugin,
  Kysely,
  PostgresDialect,
  replaceWithNoncontingentExpression,
  sql,
  type Transaction,
} from 'kysely';
import { AppError } from '../../../common/errors.ts';
import type { Database, Migrations } from './database.ts';
import type { DatabaseUrl } from './database-url.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { PostgresColumns } from './postgres-columns.ts';
import { isLocked, isTransient } from './postgres-errors.ts';
import type { PostgresLease } from './postgres-lease.ts';
import { ownPostgres } from './postgres-owner.ts';
import { openPool, type PoolLimits } from './postgres-pool.ts';
import { describePostgres } from './postgres-schema.ts';

const OLDEST_VERSION = 15;
const READING: PoolLimits = {
  name: 'reader',
  connections: 8,
  statementTimeoutMs: 60_000,
  lockTimeoutMs: 30_000,
};
/** One connection, because writes follow each other. */
const WRITING: PoolLimits = { ...READING, name: 'writer', connections: 1 };
/** A migration may rewrite a table; waiting for a lock, it holds up everybody who comes after it. */
const MIGRATING: PoolLimits = {
  name: 'migration',
  connections: 1,
  statementTimeoutMs: 0,
  lockTimeoutMs: 2_000,
};

/** Half a minute for whoever holds a table to let it go; a dump takes longer and makes the start fail. */
const MIGRATION_TRIES = 10;
const MIGRATION_RETRY_MS = 1_000;

/**
 * Opens a PostgreSQL database for this engine alone, migrated to the newest schema. Writes follow each other as on SQLite:
 * a work sees everything that was acknowledged and nothing changes under it. Acknowledged means committed.
 * @param lease with which it is owned as one of several replicas
 * @throws AppError `storage.away` when it cannot be reached, `storage.in-use` while another engine uses it,
 *   `storage.unwritable` where a right or room is missing, `config.invalid` for a wrong address, version or encoding
 */
export async function openPostgres(
  url: DatabaseUrl,
  migrations: Migrations,
  lease?: PostgresLease,
): Promise<Database> {
  const writer = openKysely(url, WRITING);
  const reader = openKysely(url, READING);
  let release = async () => {};
  const close = async () => {
    await release();
    await reader.destroy();
    await writer.destroy();
  };
  try {
    await checkServer(writer, url.place);
    const owner = await ownPostgres(url, writer, lease);
    release = owner.release;
    await migratePostgres(url, migrations);
    const commits = new GroupCommit(writer, { begin: owner.enterIn, isTransient });
    return {
      kind: 'postgres',
      reader: <Tables>() => reader as Kysely<Tables>,
      write: <Tables, Result>(work: (transaction: Transaction<Tables>) => Promise<Result>) =>
        commits.run(transaction => work(transaction as Transaction<Tables>)),
      describeSchema: () => describePostgres(reader),
      sizeBytes: async () => {
        const { rows } = await sql<{ bytes: number }>`
          select pg_database_size(current_database()) as bytes`.execute(reader);
        return rows[0]?.bytes ?? 0;
      },
      close: async () => {
        await commits.settled();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Connections that only read, beside whichever engine has the database. */
export function openPostgresReader(url: DatabaseUrl): Kysely<unknown> {
  return openKysely(url, { ...READING, connections: 1 });
}

/**
 * All migrations that are missing, in one transaction, under a lock that others wait for: several processes that start at
 * once migrate once, and a kill leaves the schema as it was.
 */
export async function migratePostgres(url: DatabaseUrl, migrations: Migrations): Promise<void> {
  const database = openKysely(url, MIGRATING).withPlugin(new PostgresColumns());
  try {
    for (let left = MIGRATION_TRIES; ; left--) {
      try {
        await migrate(database, migrations);
        return;
      } catch (error) {
        if (left === 1 || !isLocked(error)) throw error;
        await delay(MIGRATION_RETRY_MS);
      }
    }
  } finally {
    await database.destroy();
  }
}

function openKysely(url: DatabaseUrl, limits: PoolLimits): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: openPool(url, limits) }),
    // SQLite takes `in ()` as it is.
    plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })],
  });
}

async function checkServer(writer: Kysely<unknown>, place: string): Promise<void> {
  const { rows } = await sql<{ version: string; number: string; encoding: string; standby: boolean }>`
    select current_setting('server_version') as version, current_setting('server_version_num') as number,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby`.execute(writer);
  const [server] = rows;
  if (Number(server?.number) < OLDEST_VERSION * 10_000)
    throw new AppError('config.invalid', `The database ${place} is PostgreSQL ${server?.version}.`, {
      hint: `Use PostgreSQL ${OLDEST_VERSION} or newer.`,
    });
  if (server?.encoding !== 'UTF8')
    throw new AppError('config.invalid', `The database ${place} has the encoding ${server?.encoding}.`, {
      hint: "Create it with: create database … encoding 'UTF8' template template0.",
    });
  if (server.standby)
    throw new AppError('storage.unwritable', `The database ${place} is a standby and read-only.`, {
      hint: 'Give the address of the primary server.',
    });
}
