import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { AppError } from '../../../common/errors.ts';
import type { DatabaseUrl } from './database-url.ts';
import { postgresError } from './postgres-errors.ts';
import { endExpiredLeader, type PostgresLease } from './postgres-lease.ts';
import { clientOptions } from './postgres-pool.ts';

/** The number of a session lock that lasts as long as the engine's connection; any number, but always the same. */
export const OWNER_LOCK = 4_713_205_118;
const RETAKE_EVERY_MS = 5_000;
/** Well before other replicas believe that nobody leads. */
const RETAKE_LEAD_EVERY_MS = 300;
/** The server may take a moment to see that an engine that was killed is gone. */
const TRIES = 10;
const TRY_EVERY_MS = 500;

/** The right of one engine to write to a database. */
export interface PostgresOwner {
  /**
   * Waits until no other transaction of an engine is open, so that writes follow each other as on SQLite.
   * @throws AppError `storage.in-use` once another engine has taken the database over
   */
  enterIn(transaction: Transaction<unknown>): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes a database for this engine. Two things keep a second one out: a session lock, which the server lifts when the
 * engine's connection ends however that comes about, and a number that goes up with each owner. An engine whose connection
 * broke may so lose the database to another one, and finds out with its next write, which changes nothing then.
 * @param lease of a replica, which does not wait for the lock of one that leads
 * @throws AppError `storage.in-use` while another engine owns it
 */
export async function ownPostgres(
  url: DatabaseUrl,
  writer: Kysely<unknown>,
  lease?: PostgresLease,
): Promise<PostgresOwner> {
  let session = await lockPostgres(url, lease ? 1 : TRIES);
  if (!session && lease) {
    await endExpiredLeader(writer, OWNER_LOCK, lease.ms);
    session = await lockPostgres(url, 2);
  }
  if (!session) throw inUse(url);
  let retaking: NodeJS.Timeout | undefined;
  let isReleased = false;
  const epoch = await raiseEpoch(writer, lease, () => session).catch(async (error: unknown) => {
    await session?.end();
    throw error;
  });
  const retakeSoon = () => {
    if (!isReleased)
      retaking = setTimeout(() => void retake(), lease ? RETAKE_LEAD_EVERY_MS : RETAKE_EVERY_MS);
  };
  const watch = (client: pg.Client) => {
    client.once('error', () => undefined);
    client.once('end', () => {
      session = undefined;
      retakeSoon();
    });
  };
  const retake = async () => {
    session = await lockPostgres(url, 1).catch(() => undefined);
    if (session && isReleased) await session.end();
    else if (session) {
      watch(session);
      await lease?.renew(session);
    } else {
      await lease?.check();
      retakeSoon();
    }
  };
  watch(session);
  return {
    enterIn: async transaction => {
      // A row lock, because a transaction that waited for it sees the row as its predecessor left it.
      const { rows } = await sql<{ epoch: number }>`select epoch from engine_owner for update`.execute(
        transaction,
      );
      if (rows[0]?.epoch !== epoch) throw inUse(url);
    },
    release: async () => {
      isReleased = true;
      clearTimeout(retaking);
      await lease?.release(session);
      await session?.end();
    },
  };
}

/** The session that keeps other engines out, until it ends; `undefined` while another one has it. */
export async function lockPostgres(url: DatabaseUrl, tries: number): Promise<pg.Client | undefined> {
  const client = new pg.Client({ ...clientOptions(url, 'owner'), connectionTimeoutMillis: 30_000 });
  // Until it is watched: an error without a listener would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A machine that lost its power says no goodbye: the server asks for a sign of life within half a minute.
    await client.query(`select set_config('tcp_keepalives_idle', '10', false),
      set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)`);
    for (let left = tries; left > 0; left--) {
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
        OWNER_LOCK,
      ]);
      if (rows[0]?.taken) return client;
      if (left > 1) await delay(TRY_EVERY_MS);
    }
    await client.end();
    return undefined;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw postgresError(error, url.place);
  }
}

async function raiseEpoch(
  writer: Kysely<unknown>,
  lease: PostgresLease | undefined,
  session: () => pg.Client | undefined,
): Promise<number> {
  await sql`create table if not exists engine_owner (epoch bigint not null)`.execute(writer);
  await sql`insert into engine_owner select 0 where not exists (select from engine_owner)`.execute(writer);
  if (lease) return lease.take(writer, session);
  const { rows } = await sql<{
    epoch: number;
  }>`update engine_owner set epoch = epoch + 1 returning epoch`.execute(writer);
  return rows[0]?.epoch ?? 0;
}

export function inUse(url: DatabaseUrl): AppError {
  return new AppError('storage.in-use', `The database ${url.place} is in use by another engine.`, {
    hint: 'Stop that engine, or give this one a database of its own.',
  });
}
