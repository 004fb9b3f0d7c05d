import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migrations } from './database.ts';

/**
 * Brings a database to the newest schema; each migration is a transaction of its own.
 * @throws what the failing migration threw; the ones before it stay.
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
