import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite } from './open-sqlite.ts';

interface Tables {
  notes: { id: number; text: string };
}

const migrations = {
  '2026-01-01-notes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('notes')
        .addColumn('id', 'integer', column => column.primaryKey())
        .addColumn('text', 'text', column => column.notNull())
        .execute();
    },
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-db-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe('openSqlite', () => {
  it('keeps what was acknowledged', async () => {
    const first = await openSqlite(folder, migrations);
    await first.write<Tables, void>(async transaction => {
      await transaction.insertInto('notes').values({ id: 1, text: 'kept' }).execute();
    });
    await first.close();
    const second = await openSqlite(folder, migrations);
    expect(await second.reader<Tables>().selectFrom('notes').selectAll().execute()).toEqual([
      { id: 1, text: 'kept' },
    ]);
    await second.close();
  });

  it('undoes one failing work alone when several share a commit', async () => {
    const database = await openSqlite(folder, migrations);
    const insert = (id: number) =>
      database.write<Tables, number>(async transaction => {
        await transaction.insertInto('notes').values({ id, text: 'x' }).execute();
        return id;
      });
    const results = await Promise.allSettled([insert(1), insert(1), insert(2)]);
    expect(results.map(result => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const rows = await database.reader<Tables>().selectFrom('notes').select('id').orderBy('id').execute();
    expect(rows.map(row => row.id)).toEqual([1, 2]);
    await database.close();
  });

  it('refuses a folder that another engine uses, and takes it once that has ended', async () => {
    const first = await openSqlite(folder, migrations);
    await expect(openSqlite(folder, migrations)).rejects.toMatchObject({ code: 'storage.in-use' });
    await first.close();
    await (await openSqlite(folder, migrations)).close();
  });

  it('says that a file is damaged and leaves it as it was', async () => {
    const path = join(folder, 'cloudoptim.sqlite');
    writeFileSync(
      path,
      'this is no database, but it is longer than a header of one would be, so that it is read at all',
    );
    await expect(openSqlite(folder, migrations)).rejects.toMatchObject({
      code: 'storage.damaged',
      message: expect.stringContaining(path),
    });
  });

  it('says that a folder cannot be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(openSqlite(join(file, 'data'), migrations)).rejects.toMatchObject({
      code: 'storage.unwritable',
    });
  });

  it('runs a SQLite without the WAL-reset race (3.51.3 or newer, not 3.52.0)', async () => {
    const { default: BetterSqlite3 } = await import('better-sqlite3');
    const database = new BetterSqlite3(':memory:');
    const version = String(database.prepare('select sqlite_version()').pluck().get());
    database.close();
    const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(3_051_003);
    expect(version).not.toBe('3.52.0');
  });
});
