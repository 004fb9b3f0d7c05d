import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Databases that a test creates on a server and drops again. */
export class PostgresDatabases {
  readonly #serverUrl: string;
  readonly #urls: string[] = [];

  /** @param serverUrl of any database of the server, as `findPostgres` gives it */
  constructor(serverUrl: string) {
    this.#serverUrl = serverUrl;
  }

  /** Creates an empty one; returns its address. */
  async create(): Promise<string> {
    const url = new URL(this.#serverUrl);
    const name = `cloudoptim_test_${process.pid}_${randomBytes(4).toString('hex')}`;
    url.pathname = `/${name}`;
    await runOn(this.#serverUrl, `create database ${name}`);
    this.#urls.push(url.href);
    return url.href;
  }

  /** Drops all of them, whoever is connected. */
  async dropAll(): Promise<void> {
    for (const url of this.#urls.splice(0))
      await runOn(this.#serverUrl, `drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
  }
}

/** Takes every row out of a database and starts its numbers anew: faster than another database. */
export function emptyDatabase(url: string): Promise<void> {
  return runOn(
    url,
    `do $$
    declare
      name text;
      is_used boolean;
    begin
      for name in select relid::regclass::text from pg_partition_tree(to_regclass('spot_prices')) where level = 1
      loop
        execute 'drop table ' || name;
      end loop;
      for name in select quote_ident(tablename) from pg_tables
        where schemaname = 'public' and tablename not like 'kysely%' and tablename not in ('engine_owner', 'engine_lease')
      loop
        execute 'select exists (select from ' || name || ')' into is_used;
        if is_used then execute 'truncate ' || name || ' cascade'; end if;
      end loop;
      for name in select quote_ident(sequencename) from pg_sequences where schemaname = 'public' and last_value is not null
      loop
        execute 'alter sequence ' || name || ' restart';
      end loop;
    end $$`,
  );
}

async function runOn(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
