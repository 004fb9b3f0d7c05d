import { type Kysely, sql } from 'kysely';
import type pg from 'pg';

/** How often within its time a lease is renewed. */
const RENEWALS = 5;

/** The session lock of the owner, as pg_locks shows it: the upper and the lower half of its number. */
export const lockIsHeldText = (
  lock: number,
) => `(select count(*) > 0 from pg_locks where locktype = 'advisory'
  and classid = ${Math.floor(lock / 2 ** 32)} and objid = ${lock % 2 ** 32} and objsubid = 1 and granted
  and database = (select oid from pg_database where datname = current_database()))`;

/**
 * The lead of one of several replicas. The session lock alone would stay with a process that stands still, since its
 * connection lives on; so the owner also renews a row in time, and whoever finds the row too old may end the owner's
 * sessions. A leader that wakes up after that is fenced off by the epoch, and hears of it here.
 */
export class PostgresLease {
  /** How long it lasts without being renewed, in ms. */
  readonly ms: number;
  readonly #onLost: () => void;
  #writer: Kysely<unknown> | undefined;
  #epoch = 0;
  #isLost = false;
  #renewing: NodeJS.Timeout | undefined;

  /** @param onLost called once, when another replica has taken the lead */
  constructor(ms: number, onLost: () => void) {
    this.ms = ms;
    this.#onLost = onLost;
  }

  /** Raises the epoch and takes the lease, in one commit; renews it over the session that holds the lock. */
  async take(writer: Kysely<unknown>, session: () => pg.Client | undefined): Promise<number> {
    await sql`create table if not exists engine_lease (
      epoch bigint not null, url text, renewed_at timestamptz, folder text)`.execute(writer);
    this.#epoch = await writer.transaction().execute(async transaction => {
      const { rows } = await sql<{ epoch: number }>`
        update engine_owner set epoch = epoch + 1 returning epoch`.execute(transaction);
      const epoch = rows[0]?.epoch ?? 0;
      await sql`insert into engine_lease (epoch) select 0 where not exists (select from engine_lease)`.execute(
        transaction,
      );
      await sql`update engine_lease set epoch = ${epoch}, url = null, renewed_at = clock_timestamp()`.execute(
        transaction,
      );
      return epoch;
    });
    this.#writer = writer;
    this.#renewing = setInterval(() => void this.renew(session()), this.ms / RENEWALS);
    return this.#epoch;
  }

  /** Tells the other replicas where this one is reached; `null` when it is about to end, or not yet there. */
  async announce(url: string | null): Promise<void> {
    if (this.#writer)
      await sql`update engine_lease set url = ${url} where epoch = ${this.#epoch}`.execute(this.#writer);
  }

  /** The id of the data folder that all replicas share; the first leader gives it. */
  async nameFolder(id: string): Promise<void> {
    if (this.#writer)
      await sql`update engine_lease set folder = ${id} where epoch = ${this.#epoch}`.execute(this.#writer);
  }

  /** Called by the owner; while the server is away, nothing is known and nothing is lost. */
  async renew(session: Pick<pg.Client, 'query'> | undefined): Promise<void> {
    const renewed = await session
      ?.query('update engine_lease set renewed_at = clock_timestamp() where epoch = $1', [this.#epoch])
      .catch(() => undefined);
    if (renewed?.rowCount === 0) this.lose();
  }

  /** Called by the owner when it could not take its lock again: whether that is for another leader's sake. */
  async check(): Promise<void> {
    if (!this.#writer) return;
    const found = await sql<{ epoch: number }>`select epoch from engine_owner`
      .execute(this.#writer)
      .catch(() => undefined);
    if (found && found.rows[0]?.epoch !== this.#epoch) this.lose();
  }

  /** Gives it up: whoever sees that need not wait. */
  async release(session: Pick<pg.Client, 'query'> | undefined): Promise<void> {
    clearInterval(this.#renewing);
    await session
      ?.query('update engine_lease set url = null, renewed_at = null where epoch = $1', [this.#epoch])
      .catch(() => undefined);
  }

  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearInterval(this.#renewing);
    this.#onLost();
  }
}

/**
 * Ends the sessions of a leader that has not renewed its lease in time: that of its lock and those that write. Does nothing
 * while the lease is good, or when an engine that is no replica owns the database.
 */
export async function endExpiredLeader(
  writer: Kysely<unknown>,
  lock: number,
  leaseMs: number,
): Promise<void> {
  const { rows } = await sql<{ expired: boolean }>`
    select to_regclass('engine_lease') is not null as expired`.execute(writer);
  if (!rows[0]?.expired) return;
  await sql`
    select pg_terminate_backend(pid) from pg_locks
    where pid <> pg_backend_pid() and granted
      and database = (select oid from pg_database where datname = current_database())
      and ((locktype = 'advisory' and classid = ${sql.lit(Math.floor(lock / 2 ** 32))}
          and objid = ${sql.lit(lock % 2 ** 32)} and objsubid = 1)
        or (locktype = 'relation' and relation = 'engine_owner'::regclass and mode = 'RowShareLock'))
      and exists (select from engine_lease join engine_owner using (epoch)
        where renewed_at < clock_timestamp() - make_interval(secs => ${leaseMs / 1000}))`.execute(writer);
}
