import { type Kysely, sql, type Transaction } from 'kysely';

type Work = (transaction: Transaction<unknown>) => Promise<unknown>;

interface Waiting {
  readonly work: Work;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** At most this many works share a commit, so that the first one does not wait long. */
const MAX_WORKS_PER_COMMIT = 500;

/**
 * Group commit: works that arrive while a commit is under way share the next one, and so share its fsync.
 * Each work runs in a savepoint. No work is acknowledged before the commit it is part of.
 */
export class GroupCommit {
  readonly #database: Kysely<unknown>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(database: Kysely<unknown>) {
    this.#database = database;
  }

  /** Queues `work`; resolves with its result after the commit, rejects when it or the commit fails. */
  run<Result>(work: (transaction: Transaction<unknown>) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
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
    const acknowledge: (() => void)[] = [];
    const [alone] = batch.length === 1 ? batch : [];
    if (alone) {
      // The transaction is its savepoint.
      await this.#database.transaction().execute(alone.work).then(alone.resolve, alone.reject);
      return;
    }
    try {
      await this.#database.transaction().execute(async transaction => {
        for (const { work, resolve, reject } of batch) {
          await sql`savepoint work`.execute(transaction);
          try {
            const value = await work(transaction);
            await sql`release savepoint work`.execute(transaction);
            acknowledge.push(() => resolve(value));
          } catch (error) {
            await sql`rollback to savepoint work`.execute(transaction);
            await sql`release savepoint work`.execute(transaction);
            acknowledge.push(() => reject(error));
          }
        }
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const tell of acknowledge) tell();
  }
}
