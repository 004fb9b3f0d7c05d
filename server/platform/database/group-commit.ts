import { AsyncResource } from 'node:async_hooks';
import { type Kysely, sql, type Transaction } from 'kysely';

type Work = (transaction: Transaction<unknown>) => Promise<unknown>;

interface Waiting {
  readonly work: Work;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a database with several sessions needs. */
export interface CommitOptions {
  /** Runs first in each transaction. */
  readonly begin?: (transaction: Transaction<unknown>) => Promise<void>;
  /** Whether a transaction failed only because of another one, and is worth being run again. */
  readonly isTransient?: (error: unknown) => boolean;
}

/** At most this many works share a commit, so that the first one does not wait long. */
const MAX_WORKS_PER_COMMIT = 500;
const MOST_TRIES = 5;

/**
 * Group commit: works that arrive while a commit is under way share the next one, and so share its fsync.
 * Each work runs in a savepoint. No work is acknowledged before the commit it is part of.
 */
export class GroupCommit {
  readonly #database: Kysely<unknown>;
  readonly #options: CommitOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(database: Kysely<unknown>, options: CommitOptions = {}) {
    this.#database = database;
    this.#options = options;
  }

  /** Queues `work`; resolves with its result after the commit, rejects when it or the commit fails. */
  run<Result>(work: (transaction: Transaction<unknown>) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      // In the context of who asked, not of whose write began the commit.
      const own = AsyncResource.bind(work);
      this.#waiting.push({ work: own, resolve: resolve as (value: unknown) => void, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #drain(): Promise<void> {
    // One turn of the event loop lets works of the same moment join.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_WORKS_PER_COMMIT));
    this.#running = null;
  }

  async #commit(batch: Waiting[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const [alone] = batch.length === 1 ? batch : [];
        // A transaction of one work is its savepoint.
        const acknowledge = await (alone ? this.#runAlone(alone) : this.#runTogether(batch));
        for (const tell of acknowledge) tell();
        return;
      } catch (error) {
        if (tries < MOST_TRIES && this.#isTransient(error)) continue;
        for (const { reject } of batch) reject(error);
        return;
      }
    }
  }

  async #runAlone({ work, resolve }: Waiting): Promise<(() => void)[]> {
    const value = await this.#transaction(work);
    return [() => resolve(value)];
  }

  #runTogether(batch: readonly Waiting[]): Promise<(() => void)[]> {
    return this.#transaction(async transaction => {
      const acknowledge: (() => void)[] = [];
      for (const { work, resolve, reject } of batch) {
        await sql`savepoint work`.execute(transaction);
        try {
          const value = await work(transaction);
          await sql`release savepoint work`.execute(transaction);
          acknowledge.push(() => resolve(value));
        } catch (error) {
          if (this.#isTransient(error)) throw error;
          try {
            await sql`rollback to savepoint work`.execute(transaction);
            await sql`release savepoint work`.execute(transaction);
          } catch {
            // The whole transaction is gone, with the savepoint: a full disk does that. Why is what the work met.
            throw error;
          }
          acknowledge.push(() => reject(error));
        }
      }
      return acknowledge;
    });
  }

  #transaction<Result>(work: (transaction: Transaction<unknown>) => Promise<Result>): Promise<Result> {
    const { begin } = this.#options;
    if (!begin) return this.#database.transaction().execute(work);
    return this.#database
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async transaction => {
        await begin(transaction);
        return work(transaction);
      });
  }

  #isTransient(error: unknown): boolean {
    return this.#options.isTransient?.(error) ?? false;
  }
}
