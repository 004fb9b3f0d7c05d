import { afterAll } from 'vitest';
import type { Database, Migrations } from '../database.ts';
import { DatabaseUrl } from '../database-url.ts';
import { openPostgres } from '../open-postgres.ts';
import { openSqlite } from '../open-sqlite.ts';
import { emptyDatabase, PostgresDatabases } from './postgres-databases.ts';
import { postgresUrl } from './postgres-url.ts';

/** A PostgreSQL database that stands for a folder, until it is closed and another folder needs one. */
interface Place {
  readonly url: string;
  readonly schema: string;
  folder: string;
  isOpen: boolean;
}

const databases = postgresUrl === null ? undefined : new PostgresDatabases(postgresUrl);
const places: Place[] = [];
const seen = new Set<string>();

if (databases) afterAll(() => databases.dropAll());

/**
 * The database that belongs to a folder of a test, migrated: a file in it, or a PostgreSQL database of its own. The project
 * `unit` runs each test of a store on SQLite, `unit-postgres` runs the same test once more on PostgreSQL.
 */
export async function openTestDatabase(folder: string, migrations: Migrations): Promise<Database> {
  if (!databases) return openSqlite(folder, migrations);
  const place = await placeOf(databases, folder, Object.keys(migrations).sort().join());
  place.isOpen = true;
  const database = await openPostgres(new DatabaseUrl(place.url), migrations);
  return {
    ...database,
    close: async () => {
      await database.close();
      place.isOpen = false;
    },
  };
}

async function placeOf(databases: PostgresDatabases, folder: string, schema: string): Promise<Place> {
  const own = places.find(place => place.folder === folder);
  if (own) return own;
  if (seen.has(folder)) throw new Error(`The database of ${folder} was given to another folder meanwhile.`);
  seen.add(folder);
  const free = places.find(place => !place.isOpen && place.schema === schema);
  if (free) {
    free.folder = folder;
    free.isOpen = true;
    await emptyDatabase(free.url);
    return free;
  }
  const place = { url: await databases.create(), schema, folder, isOpen: true };
  places.push(place);
  return place;
}
