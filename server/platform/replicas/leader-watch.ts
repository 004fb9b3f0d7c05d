import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../../../common/errors.ts';
import type { DatabaseUrl } from '../database/database-url.ts';
import { lockIsHeldText } from '../database/postgres-lease.ts';
import { OWNER_LOCK } from '../database/postgres-owner.ts';
import { clientOptions } from '../database/postgres-pool.ts';
import type { Logger } from '../log.ts';

const LOOK_EVERY_MS = 1_000;
/** A leader whose connection broke, as when PostgreSQL is started anew, has this long to take its lock again. */
const GRACE_MS = 3_000;
/** How long a request waits for a leader before it is told that there is none. */
const WAIT_MS = 20_000;

/** The replica that leads, and where it is reached. */
export interface Leader {
  readonly epoch: number;
  readonly url: string;
}

interface LeaseRow {
  readonly epoch: number;
  readonly url: string | null;
  readonly folder: string | null;
  readonly is_released: boolean;
  readonly age_ms: number;
  readonly is_locked: boolean;
  /** Whether the owner of the lock is the one who wrote the row. */
  readonly is_owners: boolean;
}

/** Reads who leads, once a second, and says when nobody does any more. */
export class LeaderWatch {
  readonly #url: DatabaseUrl;
  readonly #leaseMs: number;
  readonly #log: Logger;
  readonly #listeners = new Set<() => void>();
  #client: pg.Client | undefined;
  #leader: Leader | undefined;
  #freeSince: number | undefined;
  #isVacant = false;
  #isForeign = false;
  #isClosed = false;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(url: DatabaseUrl, leaseMs: number, log: Logger) {
    this.#url = url;
    this.#leaseMs = leaseMs;
    this.#log = log;
  }

  /** Who led when it looked last; while PostgreSQL does not answer, that stays. */
  get leader(): Leader | undefined {
    return this.#leader;
  }

  /** Looks from now on. */
  start(): void {
    this.#looking = this.#look();
    void this.#looking.then(() => {
      if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), LOOK_EVERY_MS);
    });
  }

  /** Hears of each other leader, also of none. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The leader, which is waited for. @throws AppError `replica.no-leader` */
  async demand(waitMs = WAIT_MS): Promise<Leader> {
    const deadline = performance.now() + waitMs;
    while (!this.#leader && performance.now() < deadline && !this.#isClosed) await delay(50);
    if (this.#leader) return this.#leader;
    throw new AppError(
      'replica.no-leader',
      this.#isForeign
        ? 'The database is owned by an engine that is no replica.'
        : 'No replica leads at present.',
      this.#isForeign ? { hint: 'Stop that engine, or give it CLOUDOPTIM_REDIS_URL, too.' } : {},
    );
  }

  /** Resolves once nobody leads and this replica may try to; `false` when the signal came first. */
  async vacancy(signal: AbortSignal): Promise<boolean> {
    while (!this.#isVacant && !signal.aborted) await delay(50);
    this.#isVacant = false;
    return !signal.aborted;
  }

  /** The id of the folder that the replicas share, where one led already. @throws as the driver does */
  async folder(): Promise<string | null> {
    return (await this.#read())?.folder ?? null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#client?.end().catch(() => undefined);
  }

  async #look(): Promise<void> {
    const row = await this.#read().catch(() => 'unknown' as const);
    if (row === 'unknown') return;
    const now = performance.now();
    const isLocked = row?.is_locked ?? false;
    this.#isForeign = isLocked && row?.is_owners === false;
    this.#freeSince = isLocked ? undefined : (this.#freeSince ?? now);
    this.#isVacant =
      this.#freeSince === undefined
        ? row?.is_owners === true && !row.is_released && row.age_ms > this.#leaseMs
        : row === undefined || row.is_released || now - this.#freeSince >= GRACE_MS;
    const { epoch = 0, url = null } = row ?? {};
    const isLed = !this.#isVacant && !this.#isForeign && url !== null;
    this.#enter(isLed ? { epoch, url: url ?? '' } : undefined);
  }

  #enter(leader: Leader | undefined): void {
    if (leader?.epoch === this.#leader?.epoch && leader?.url === this.#leader?.url) return;
    this.#leader = leader;
    if (leader) this.#log.info({ leader: leader.url, epoch: leader.epoch }, 'a replica leads');
    else this.#log.warn('no replica leads at present');
    for (const listener of this.#listeners) listener();
  }

  async #read(): Promise<LeaseRow | undefined> {
    const client = await this.#connect();
    try {
      const { rows } = await client.query<LeaseRow>(
        `select lease.epoch::float8 as epoch, url, folder, renewed_at is null as is_released,
          coalesce(extract(epoch from clock_timestamp() - renewed_at) * 1000, 0)::float8 as age_ms,
          ${lockIsHeldText(OWNER_LOCK)} as is_locked,
          exists (select from engine_owner where engine_owner.epoch = lease.epoch) as is_owners
        from engine_lease lease`,
      );
      return rows[0];
    } catch (error) {
      // No replica ever led.
      if ((error as { code?: string }).code === '42P01') return await this.#readLock(client);
      this.#client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async #readLock(client: pg.Client): Promise<LeaseRow | undefined> {
    const { rows } = await client.query<{ is_locked: boolean }>(
      `select ${lockIsHeldText(OWNER_LOCK)} as is_locked`,
    );
    if (!rows[0]?.is_locked) return undefined;
    return {
      ...{ epoch: 0, url: null, folder: null, is_released: false, age_ms: 0 },
      ...{ is_locked: true, is_owners: false },
    };
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      ...clientOptions(this.#url, 'follower'),
      connectionTimeoutMillis: 10_000,
      statement_timeout: 10_000,
      query_timeout: 15_000,
    });
    client.on('error', () => undefined);
    client.once('end', () => {
      if (this.#client === client) this.#client = undefined;
    });
    await client.connect();
    this.#client = client;
    return client;
  }
}
