import { setTimeout as delay } from 'node:timers/promises';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import type { DatabaseUrl } from './database-url.ts';
import { isAway, postgresError } from './postgres-errors.ts';
import { postgresValues } from './postgres-values.ts';

/** Waits between tries to connect: a server that is started anew is there again in a second or two. */
const RETRY_DELAYS_MS = [100, 400, 1_000, 2_000];
const CONNECT_TIMEOUT_MS = 30_000;

export interface PoolLimits {
  readonly connections: number;
  /** A statement that takes longer is ended; 0 for no limit. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly name: string;
}

/** The driver's own options for a database. */
export function clientOptions(url: DatabaseUrl, name: string): pg.ClientConfig {
  return {
    connectionString: url.reveal(),
    fallback_application_name: `cloudoptim ${name}`,
    keepAlive: true,
    types: postgresValues,
  };
}

/**
 * Connections that try again while the server is away for a moment, and whose errors are for people. Only connecting is
 * tried again: whether a statement that got no answer was carried out is not known.
 */
export function openPool(url: DatabaseUrl, limits: PoolLimits): PostgresPool {
  const pool = new pg.Pool({
    ...clientOptions(url, limits.name),
    max: limits.connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 60_000,
  });
  // An idle connection that breaks is taken out of the pool; the next query makes a new one.
  pool.on('error', () => undefined);
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await connect(pool, url.place);
      const known = clients.get(client);
      if (known) return known;
      try {
        await client.query(sessionText(limits));
      } catch (error) {
        client.release(true);
        throw postgresError(error, url.place);
      }
      // One that breaks between two statements of a transaction fails the next; without a listener it would end the process.
      client.on('error', () => undefined);
      const told: PostgresPoolClient = translated(client, url.place);
      clients.set(client, told);
      return told;
    },
    end: () => pool.end(),
  } as PostgresPool;
}

async function connect(pool: pg.Pool, place: string): Promise<pg.PoolClient> {
  for (const delayMs of [...RETRY_DELAYS_MS, null]) {
    try {
      return await pool.connect();
    } catch (error) {
      if (delayMs === null || !isAway(error)) throw postgresError(error, place);
      await delay(delayMs);
    }
  }
  throw new Error('unreachable');
}

function translated(client: pg.PoolClient, place: string): PostgresPoolClient {
  return {
    query: async (text: string, values?: readonly unknown[]) => {
      try {
        return await client.query(text, values as unknown[]);
      } catch (error) {
        throw postgresError(error, place);
      }
    },
    release: (destroy?: boolean) => client.release(destroy),
  } as unknown as PostgresPoolClient;
}

/**
 * What a session is set to, whatever the server, the role or the address say: a transaction that is left open ends, an
 * acknowledged commit is on disk, and compiling queries that run for a millisecond is not worth it.
 */
function sessionText({ statementTimeoutMs, lockTimeoutMs }: PoolLimits): string {
  return `select set_config('statement_timeout', '${statementTimeoutMs}', false),
    set_config('lock_timeout', '${lockTimeoutMs}', false),
    set_config('idle_in_transaction_session_timeout', '60000', false),
    set_config('jit', 'off', false),
    set_config('bytea_output', 'hex', false),
    set_config('synchronous_commit', case current_setting('synchronous_commit')
      when 'off' then 'on' else current_setting('synchronous_commit') end, false)`;
}
