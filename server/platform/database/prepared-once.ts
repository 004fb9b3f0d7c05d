import type BetterSqlite3 from 'better-sqlite3';
import type { SqliteDatabase } from 'kysely';

/** Texts kept; the rooms use a few hundred, and lists of varying length add some. */
const STATEMENTS_KEPT = 300;

/**
 * A SQLite file whose statements are compiled once for each text: compiling an insert of a hundred rows costs more than
 * running it. Kysely runs a statement to its end before it asks for the next, so that one can serve again; its
 * `.stream()` does not and must not be used with this.
 */
export function preparedOnce(file: BetterSqlite3.Database): SqliteDatabase {
  const statements = new Map<string, BetterSqlite3.Statement>();
  return {
    prepare: text => {
      const known = statements.get(text);
      // Taken out and put back in, so that the first of the map is the one unused for longest.
      if (known) statements.delete(text);
      const statement = known ?? file.prepare(text);
      statements.set(text, statement);
      if (statements.size > STATEMENTS_KEPT) {
        const [oldest = ''] = statements.keys();
        statements.delete(oldest);
      }
      return statement as ReturnType<SqliteDatabase['prepare']>;
    },
    close: () => {
      statements.clear();
      file.close();
    },
  };
}
