import type { Kysely, Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * One database for all rooms. Rooms name their own tables by the type argument and see no others.
 * Reads go through `reader`; writes through `write`, which acknowledges only after the commit is on disk.
 */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';

  /** Queries that change nothing. They see every acknowledged write. */
  reader<Tables>(): Kysely<Tables>;

  /**
   * Runs `work` in a transaction, after all earlier ones and before all later ones. Several works that wait at the same
   * time share one commit; each has its own savepoint, so that one that throws undoes itself alone. Resolves after the
   * commit. A work may be run again from its beginning when another session undid its transaction: what it remembers
   * outside of the transaction must not add up.
   */
  write<Tables, Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result>;

  /** The schema as SQL text, in a fixed order; for the written-out copy that CI compares. */
  describeSchema(): Promise<string>;

  /** Bytes on disk. */
  sizeBytes(): Promise<number>;

  close(): Promise<void>;
}

/** Migrations of a room by name: `2026-11-23-market-prices`. Names are never changed once released. */
export type Migrations = Readonly<Record<string, Migration>>;
