import { existsSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { AppError } from '../../../common/errors.ts';
import type { Database } from './database.ts';
import type { DatabaseUrl } from './database-url.ts';
import { openPostgresReader } from './open-postgres.ts';
import { preparedOnce } from './prepared-once.ts';

/** A database that is only read, while an engine may work with it. */
export interface ReadOnlyDatabase extends Pick<Database, 'reader'> {
  close(): Promise<void>;
}

/**
 * Opens what an engine keeps, as it is, without a migration and without keeping an engine out.
 * @throws AppError `input.invalid` where there is no such file, `storage.away`
 */
export async function openReadOnly(place: {
  readonly data: string;
  readonly databaseUrl?: DatabaseUrl | undefined;
}): Promise<ReadOnlyDatabase> {
  const reader = place.databaseUrl ? openPostgresReader(place.databaseUrl) : openFile(place.data);
  try {
    await sql`select 1 from kysely_migration limit 1`.execute(reader);
  } catch (error) {
    await reader.destroy();
    if (error instanceof AppError && error.kind !== 'bug') throw error;
    const name = place.databaseUrl?.place ?? join(place.data, 'cloudoptim.sqlite');
    throw new AppError('input.invalid', `The database ${name} is not one of an engine.`, {
      cause: error,
      hint: 'Check --data, or the name of the database in --database-url or CLOUDOPTIM_DATABASE_URL.',
    });
  }
  return { reader: <Tables>() => reader as Kysely<Tables>, close: () => reader.destroy() };
}

function openFile(data: string): Kysely<unknown> {
  const path = join(data, 'cloudoptim.sqlite');
  if (!existsSync(path))
    throw new AppError('input.invalid', `The folder ${data} holds no cloudoptim.sqlite.`, {
      hint: 'Give the data folder of the engine with --data, or its PostgreSQL database with --database-url.',
    });
  return new Kysely<unknown>({
    dialect: new SqliteDialect({ database: preparedOnce(new BetterSqlite3(path, { readonly: true })) }),
  });
}
