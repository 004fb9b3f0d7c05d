import type { Database, Migrations } from './database.ts';
import type { DatabaseUrl } from './database-url.ts';
import { openPostgres } from './open-postgres.ts';
import { openSqlite } from './open-sqlite.ts';

/** Opens the PostgreSQL database of the settings, or the SQLite file of the data folder. @throws as the two do */
export function openDatabase(
  settings: { readonly data: string; readonly databaseUrl?: DatabaseUrl | undefined },
  migrations: Migrations,
): Promise<Database> {
  return settings.databaseUrl
    ? openPostgres(settings.databaseUrl, migrations)
    : openSqlite(settings.data, migrations);
}
