import { userInfo } from 'node:os';
import pg from 'pg';

/** Somewhere a test may create databases, and what it is; or why there is none. */
export type FoundPostgres =
  | { readonly url: string; readonly version: string }
  | { readonly url: null; readonly reason: string };

/**
 * The server of `DATABASE_URL`, else the one on this machine: its socket, then its port.
 * @throws when there is none and `CI_REQUIRE_POSTGRES` is set
 */
export async function findPostgres(environment: NodeJS.ProcessEnv = process.env): Promise<FoundPostgres> {
  const { DATABASE_URL: given, CI_REQUIRE_POSTGRES: required = '' } = environment;
  const user = encodeURIComponent(environment.PGUSER ?? userInfo().username);
  const here = [
    `postgresql://${user}@${encodeURIComponent('/var/run/postgresql')}/postgres`,
    `postgresql://${user}@127.0.0.1:5432/postgres`,
  ];
  let reason = '';
  for (const url of given ? [given] : here) {
    const found = await ask(url);
    if (found.url !== null) return found;
    reason = found.reason;
  }
  if (required !== '')
    throw new Error(`CI_REQUIRE_POSTGRES is set, but no PostgreSQL can be used: ${reason}`);
  return { url: null, reason };
}

async function ask(url: string): Promise<FoundPostgres> {
  try {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    // The driver tells of a lost connection here, too.
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ version: string; number: number; allowed: boolean }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
        rolcreatedb or rolsuper as allowed from pg_roles where rolname = current_user`,
    );
    await client.end();
    const { version = '', number = 0, allowed = false } = rows[0] ?? {};
    if (number < 150_000) return { url: null, reason: `PostgreSQL ${version} is older than 15` };
    if (!allowed) return { url: null, reason: 'its user may not create databases' };
    return { url, version };
  } catch (error) {
    return { url: null, reason: (error as { message?: string; code?: string }).message || String(error) };
  }
}
