import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { DatabaseUrl } from './database-url.ts';
import { migratePostgres, openPostgres } from './open-postgres.ts';
import { PostgresDatabases } from './testing/postgres-databases.ts';
import { postgresUrl } from './testing/postgres-url.ts';

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

describe.skipIf(postgresUrl === null)('openPostgres', () => {
  let databases: PostgresDatabases;
  let url: string;
  let database: Database | undefined;
  beforeAll(() => {
    databases = new PostgresDatabases(postgresUrl ?? '');
  });
  beforeEach(async () => {
    url = await databases.create();
  });
  afterEach(async () => {
    await database?.close();
    database = undefined;
    await databases.dropAll();
  });
  afterAll(() => databases.dropAll());

  const open = async (address = url) => {
    database = await openPostgres(new DatabaseUrl(address), migrations);
    return database;
  };
  const insertInto = (into: Database, id: number, text = 'x') =>
    into.write<Tables, number>(async transaction => {
      await transaction.insertInto('notes').values({ id, text }).execute();
      return id;
    });
  const idsIn = async (of: Database) =>
    (await of.reader<Tables>().selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id);
  const raw = async (text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };

  it('keeps what was acknowledged', async () => {
    const first = await open();
    await insertInto(first, 1);
    await first.close();
    expect(await idsIn(await open())).toEqual([1]);
  });

  it('undoes one failing work alone when several share a commit', async () => {
    const opened = await open();
    const results = await Promise.allSettled([1, 1, 2].map(id => insertInto(opened, id)));
    expect(results.map(result => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await idsIn(opened)).toEqual([1, 2]);
  });

  it('refuses a database that another engine uses, and takes it once that has ended', {
    timeout: 60_000,
  }, async () => {
    const first = await open();
    await expect(openPostgres(new DatabaseUrl(url), migrations)).rejects.toMatchObject({
      code: 'storage.in-use',
    });
    await first.close();
    await open();
  });

  it('lets an engine that lost the database write nothing more', async () => {
    const first = await openPostgres(new DatabaseUrl(url), migrations);
    await insertInto(first, 1);
    await raw(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'cloudoptim owner'`);
    const second = await open();
    await insertInto(second, 2);
    await expect(insertInto(first, 3)).rejects.toMatchObject({ code: 'storage.in-use' });
    expect(await idsIn(second)).toEqual([1, 2]);
    await first.close();
  });

  it('takes the lock again when its own connection broke and nobody else came', {
    timeout: 60_000,
  }, async () => {
    const opened = await open();
    await raw(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid()`);
    await expect.poll(() => insertInto(opened, 1).catch(() => 0), { timeout: 20_000 }).toBe(1);
    await expect
      .poll(
        () =>
          raw(`select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database
        where datname = current_database())`),
        { timeout: 20_000 },
      )
      .toHaveLength(1);
  });

  it('runs a transaction again that another session undid, and gives up after a few times', async () => {
    const opened = await open();
    let tries = 0;
    const failing = (times: number) =>
      opened.write<Tables, number>(async transaction => {
        await transaction.insertInto('notes').values({ id: times, text: 'x' }).execute();
        if (++tries <= times)
          await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(transaction);
        return tries;
      });
    expect(await failing(2)).toBe(3);
    tries = 0;
    // Together with another work, which is run again, too, and done once.
    const [other, again] = await Promise.all([insertInto(opened, 7), failing(1)]);
    expect([other, again]).toEqual([7, 2]);
    tries = 0;
    await expect(failing(99)).rejects.toMatchObject({ code: '40001' });
    expect(tries).toBe(5);
    expect(await idsIn(opened)).toEqual([1, 2, 7]);
  });

  it('migrates once when several processes start at once, and leaves nothing of a migration that failed', async () => {
    await Promise.all(Array.from({ length: 4 }, () => migratePostgres(new DatabaseUrl(url), migrations)));
    expect(await raw('select name from kysely_migration')).toEqual([{ name: '2026-01-01-notes' }]);
    const broken = {
      ...migrations,
      '2026-01-02-more': {
        up: async (kysely: Kysely<unknown>) => {
          await kysely.schema.alterTable('notes').renameTo('old_notes').execute();
          throw new Error('killed');
        },
      },
    };
    await expect(migratePostgres(new DatabaseUrl(url), broken)).rejects.toThrow('killed');
    expect(await raw(`select to_regclass('notes')::text as name, to_regclass('old_notes') as old`)).toEqual([
      { name: 'notes', old: null },
    ]);
  });

  it('waits for a table that somebody holds for a moment, and migrates then', {
    timeout: 60_000,
  }, async () => {
    await migratePostgres(new DatabaseUrl(url), migrations);
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin; lock table notes in access share mode');
    const more = {
      ...migrations,
      '2026-01-02-more': {
        up: (kysely: Kysely<unknown>) =>
          kysely.schema.alterTable('notes').addColumn('more', 'text').execute(),
      },
    };
    const migrated = migratePostgres(new DatabaseUrl(url), more);
    // Longer than a migration waits for a lock at once.
    await new Promise(resolve => setTimeout(resolve, 3_500));
    await holder.query('commit');
    await holder.end();
    await migrated;
    expect(await raw('select more from notes')).toEqual([]);
  });

  it('means by column types what SQLite does', async () => {
    const opened = await open();
    const big = 2 ** 40;
    const { id } = await opened.write<Tables, { id: number }>(async transaction => {
      await transaction.insertInto('notes').values({ id: big, text: 'b' }).execute();
      return transaction
        .insertInto('notes')
        .values({ text: 'B' } as Tables['notes'])
        .returning('id')
        .executeTakeFirstOrThrow();
    });
    expect(id).toBe(1);
    const rows = await opened.reader<Tables>().selectFrom('notes').selectAll().orderBy('text').execute();
    // By bytes: capitals first, whatever the language of the database.
    expect(rows).toEqual([
      { id: 1, text: 'B' },
      { id: big, text: 'b' },
    ]);
    expect(
      await opened.reader<Tables>().selectFrom('notes').selectAll().where('id', 'in', []).execute(),
    ).toEqual([]);
  });

  it('refuses to round a whole number beyond 2^53', async () => {
    const opened = await open();
    await raw(`insert into notes values (9007199254740993, 'x')`);
    await expect(idsIn(opened)).rejects.toMatchObject({
      code: 'storage.damaged',
      message: expect.stringContaining('9007199254740993'),
    });
  });

  it('says in one sentence what is wrong with a server, and never the password', {
    timeout: 60_000,
  }, async () => {
    const to = (change: (address: URL) => void) => {
      const address = new URL('postgresql://nobody:hidden-word@127.0.0.1:1/cloudoptim');
      change(address);
      return open(address.href).then(
        () => undefined,
        (error: unknown) => error as Error & { code: string },
      );
    };
    const away = await to(() => undefined);
    expect(away).toMatchObject({ code: 'storage.away' });
    expect(away?.message).toContain('cloudoptim at 127.0.0.1:1 cannot be reached');
    const missing = new URL(url);
    missing.pathname = '/no_such_database';
    const wrong = await open(missing.href).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(wrong).toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('no_such_database'),
    });
    expect(`${away?.message} ${away?.stack} ${JSON.stringify(away)}`).not.toContain('hidden-word');
  });

  it('says that a server is away while it is, and goes on when it is back', { timeout: 60_000 }, async () => {
    const relay = await openRelay(url);
    const opened = await open(relay.url);
    await insertInto(opened, 1);
    await relay.cut();
    await expect(insertInto(opened, 2)).rejects.toMatchObject({ code: 'storage.away' });
    await expect(idsIn(opened)).rejects.toMatchObject({ code: 'storage.away' });
    await relay.mend();
    await expect.poll(() => insertInto(opened, 3).catch(() => 0), { timeout: 20_000 }).toBe(3);
    expect(await idsIn(opened)).toEqual([1, 3]);
    await opened.close();
    database = undefined;
    await relay.close();
  });

  it('says that a database is read-only', async () => {
    const opened = await open();
    const name = new URL(url).pathname.slice(1);
    await raw(`alter database ${name} set default_transaction_read_only = on`);
    await raw(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
      and application_name = 'cloudoptim writer'`);
    await expect
      .poll(() => insertInto(opened, 1).catch((error: { code: string }) => error.code), { timeout: 20_000 })
      .toBe('storage.unwritable');
  });
});

/** A port in front of a server that can be cut off. */
async function openRelay(serverAddress: string) {
  const address = new URL(serverAddress);
  const host = decodeURIComponent(address.hostname);
  const serverPort = Number(address.port || 5432);
  const sockets = new Set<Socket>();
  let port = 0;
  let server: Server;
  const listen = async () => {
    server = createServer(near => {
      const far = host.startsWith('/')
        ? connect(`${host}/.s.PGSQL.${serverPort}`)
        : connect(serverPort, host);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  };
  await listen();
  address.hostname = '127.0.0.1';
  address.port = String(port);
  const cut = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { url: address.href, cut, mend: listen, close: cut };
}
