import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migrations } from './database.ts';

/**
 * Brings a database to the newest schema in one transaction.
 * @throws what the failing migration threw; the schema is then as it was.
 */
export async function migrate(database: Kysely<unknown>, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
