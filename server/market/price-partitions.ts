import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import { keysOf, secondOfKey, stretchOf } from './price-key.ts';

/**
 * Stretches of a partition of `spot_prices`, about twelve days. A query that may touch any of them opens all, which a few
 * hundred (ten years) bear; what retention keeps too long is one of them.
 */
const STRETCHES = 32;

/**
 * On PostgreSQL, prices lie in partitions by time, since the key begins with it. A partition is made by the transaction
 * that needs it, and dropped whole: no row of old prices is ever deleted one by one there. SQLite has none of this.
 */
export class PricePartitions {
  readonly #known = new Set<number>();
  readonly #isPartitioned: boolean;

  constructor({ kind }: Pick<Database, 'kind'>) {
    this.#isPartitioned = kind === 'postgres';
  }

  /**
   * Makes those that some stretches lie in, where they are missing. Give what it returns to `remember` after the commit.
   */
  async openIn(transaction: Transaction<MarketTables>, stretches: Iterable<number>): Promise<Set<number>> {
    const opened = new Set<number>();
    if (!this.#isPartitioned) return opened;
    for (const stretch of stretches) {
      const partition = partitionOf(stretch);
      if (this.#known.has(partition) || opened.has(partition)) continue;
      if (!(await exists(transaction, partition))) await create(transaction, partition);
      opened.add(partition);
    }
    return opened;
  }

  /** Keeps in memory what is on disk now. */
  remember(opened: Iterable<number>): void {
    for (const partition of opened) this.#known.add(partition);
  }

  /** The first stretch that may not be dropped when those before `end` may. */
  endOfDroppable(end: number): number {
    return this.#isPartitioned ? firstOf(partitionOf(end)) : end;
  }

  /** Stretches in groups that are dropped together, in the same order. */
  groupsOf(stretches: readonly number[]): number[][] {
    const groups = new Map<number, number[]>();
    for (const stretch of stretches) {
      const group = this.#isPartitioned ? partitionOf(stretch) : stretch;
      groups.set(group, [...(groups.get(group) ?? []), stretch]);
    }
    return [...groups.values()];
  }

  /** Drops the partition of a stretch; nothing where there is none. */
  async dropIn(transaction: Transaction<MarketTables>, stretch: number): Promise<void> {
    await sql`drop table if exists ${nameOf(partitionOf(stretch))}`.execute(transaction);
  }

  /** Forgets the partition of a stretch, once it is dropped for good. */
  forget(stretch: number): void {
    this.#known.delete(partitionOf(stretch));
  }
}

/** Makes the partitions for keys of records that are about to be inserted as they are. */
export async function openPartitionsOf(
  transaction: Transaction<MarketTables>,
  keys: readonly number[],
): Promise<void> {
  const stretches = new Set(keys.map(key => stretchOf(secondOfKey(key))));
  await new PricePartitions({ kind: 'postgres' }).openIn(transaction, stretches);
}

/** The table that partitions belong to; for a migration. */
export async function createPartitionedPrices(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table spot_prices (
      key bigint not null,
      price_micro_usd integer not null,
      constraint spot_prices_key primary key (key)
    ) partition by range (key)`.execute(database);
}

function partitionOf(stretch: number): number {
  return Math.floor(stretch / STRETCHES);
}

function firstOf(partition: number): number {
  return partition * STRETCHES;
}

function nameOf(partition: number) {
  return sql.table(`spot_prices_${partition}`);
}

async function exists(transaction: Transaction<MarketTables>, partition: number): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass(${`spot_prices_${partition}`}) is not null as found`.execute(transaction);
  return rows[0]?.found ?? false;
}

/** Made beside the table and then attached: readers of the table need not end for that, as they must for `partition of`. */
async function create(transaction: Transaction<MarketTables>, partition: number): Promise<void> {
  const { low } = keysOf(firstOf(partition));
  const { low: high } = keysOf(firstOf(partition + 1));
  await sql`create table ${nameOf(partition)} (like spot_prices including all)`.execute(transaction);
  await sql`
    alter table spot_prices attach partition ${nameOf(partition)}
    for values from (${sql.lit(low)}) to (${sql.lit(high)})`.execute(transaction);
}
