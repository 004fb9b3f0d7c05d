import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { Database, Migrations } from './database.ts';
import type { DatabaseUrl } from './database-url.ts';
import { openSqlite } from './open-sqlite.ts';

/** Lies in a data folder while a backup is being restored there. */
export const RESTORING_FILE = 'restore-unfinished';

/**
 * Opens the PostgreSQL database of the settings, or the SQLite file of the data folder.
 * @throws as the two do, and AppError `storage.damaged` where a restore broke off
 */
export async function openDatabase(
  settings: { readonly data: string; readonly databaseUrl?: DatabaseUrl | undefined },
  migrations: Migrations,
): Promise<Database> {
  if (existsSync(join(settings.data, RESTORING_FILE)))
    throw new AppError('storage.damaged', `A backup was not restored to its end in ${settings.data}.`, {
      hint: 'Run "cloudoptim database restore" once more, with --replace.',
    });
  return settings.databaseUrl
    ? openPostgres(settings.databaseUrl, migrations)
    : openSqlite(settings.data, migrations);
}

/** A PostgreSQL database, as `open-postgres.ts` opens it: that is loaded with its driver here, because most engines never need it. */
export async function openPostgres(url: DatabaseUrl, migrations: Migrations): Promise<Database> {
  return (await import('./open-postgres.ts')).openPostgres(url, migrations);
}
