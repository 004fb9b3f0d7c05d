import { type Kysely, sql } from 'kysely';
import type { Migrations } from './database.ts';

/**
 * Brings a database to the newest schema in one transaction; one that is there already costs a query.
 * @throws what the failing migration threw; the schema is then as it was.
 */
export async function migrate(database: Kysely<unknown>, migrations: Migrations): Promise<void> {
  if (await isNewest(database, migrations)) return;
  const { Migrator } = await import('kysely/migration');
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

/** Anything but exactly these migrations is for the migrator to judge, a database without its table, too. */
async function isNewest(database: Kysely<unknown>, migrations: Migrations): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database);
    return rows.length === Object.keys(migrations).length && rows.every(({ name }) => name in migrations);
  } catch {
    return false;
  }
}
