import { type Generated, type Kysely, SqliteAdapter, sql } from 'kysely';
import type { Migrations } from '../platform/index.ts';
import { createPartitionedPrices } from './price-partitions.ts';

/** Tables of the room. */
export interface MarketTables {
  /** `records` and `last_s` sum up the stretches that are counted. */
  pools: {
    id: number;
    region: string;
    availability_zone: string;
    instance_type: string;
    product: string;
    records: Generated<number>;
    last_s: Generated<number>;
  };
  /** Change records; `price-key.ts` says what a key is made of. */
  spot_prices: { key: number; price_micro_usd: number };
  /** How many records lie in a stretch, and whether the totals of their pools hold them. */
  price_stretches: { stretch: number; records: number; is_counted: number };
  /** Time that is wholly on disk. `types_key` is '' for all instance types, else `,a,b,` in order. */
  price_coverage: { region: string; product: string; types_key: string; from_ms: number; to_ms: number };
  /** `scope` is JSON of a scope, or '' for the scopes of all models. */
  price_collections: {
    id: string;
    scope: string;
    added_at: number;
    is_paused: number;
    last_run_at: number | null;
    next_run_at: number;
    new_rows: number;
    failures: number;
    message: string | null;
  };
}

export const marketMigrations: Migrations = {
  '2026-11-23-market': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('pools')
        .addColumn('id', 'integer', column => column.primaryKey())
        .addColumn('region', 'text', column => column.notNull())
        .addColumn('availability_zone', 'text', column => column.notNull())
        .addColumn('instance_type', 'text', column => column.notNull())
        .addColumn('product', 'text', column => column.notNull())
        .addUniqueConstraint('pools_unique', ['region', 'product', 'instance_type', 'availability_zone'])
        .execute();
      // The key begins with the day: a page of EC2 is a stretch of time and so touches the leaves of a day only (6 times
      // the rows a second of a key by pool), and yet the records of one pool and day lie side by side, so that a pool is
      // read by one seek for each day. A key by time alone is 1.5 times as large and has to be read whole for one pool.
      const prices = database.schema
        .createTable('spot_prices')
        .addColumn('day', 'integer', column => column.notNull())
        .addColumn('pool_id', 'integer', column => column.notNull())
        .addColumn('at_s', 'integer', column => column.notNull())
        .addColumn('price_micro_usd', 'integer', column => column.notNull())
        .addPrimaryKeyConstraint('spot_prices_key', ['day', 'pool_id', 'at_s']);
      await (isSqlite(database) ? prices.modifyEnd(sql`without rowid`) : prices).execute();
      await database.schema
        .createTable('price_coverage')
        .addColumn('region', 'text', column => column.notNull())
        .addColumn('product', 'text', column => column.notNull())
        .addColumn('types_key', 'text', column => column.notNull())
        .addColumn('from_ms', 'bigint', column => column.notNull())
        .addColumn('to_ms', 'bigint', column => column.notNull())
        .addPrimaryKeyConstraint('price_coverage_key', ['region', 'product', 'types_key', 'from_ms'])
        .execute();
    },
  },
  '2026-11-25-market-packed-keys': {
    up: async (database: Kysely<unknown>) => {
      if (isSqlite(database)) await packKeys(database);
      else {
        // No version that ran on PostgreSQL kept prices by day.
        await database.schema.dropTable('spot_prices').execute();
        await createPartitionedPrices(database);
      }
      for (const column of ['records', 'last_s'])
        await database.schema
          .alterTable('pools')
          .addColumn(column, 'bigint', definition => definition.notNull().defaultTo(0))
          .execute();
      await database.schema
        .createTable('price_stretches')
        .addColumn('stretch', 'integer', column => column.primaryKey())
        .addColumn('records', 'integer', column => column.notNull())
        .addColumn('is_counted', 'integer', column => column.notNull())
        .execute();
      await sql`
        insert into price_stretches (stretch, records, is_counted)
        select key / 34359738368, count(*), 0 from spot_prices group by 1`.execute(database);
    },
  },
  '2026-11-25-market-collections': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('price_collections')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('scope', 'text', column => column.notNull().unique())
        .addColumn('added_at', 'bigint', column => column.notNull())
        .addColumn('is_paused', 'integer', column => column.notNull())
        .addColumn('last_run_at', 'bigint')
        .addColumn('next_run_at', 'bigint', column => column.notNull())
        .addColumn('new_rows', 'bigint', column => column.notNull())
        .addColumn('failures', 'integer', column => column.notNull())
        .addColumn('message', 'text')
        .execute();
    },
  },
};

function isSqlite(database: Kysely<unknown>): boolean {
  return database.getExecutor().adapter instanceof SqliteAdapter;
}

async function packKeys(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('spot_prices').renameTo('spot_prices_by_day').execute();
  await database.schema
    .createTable('spot_prices')
    .addColumn('key', 'integer', column => column.primaryKey())
    .addColumn('price_micro_usd', 'integer', column => column.notNull())
    .execute();
  // What `priceKey` does: stretches of 32,768 s, 1,048,576 pools.
  await sql`
    insert into spot_prices (key, price_micro_usd)
    select ((at_s / 32768) * 1048576 + pool_id) * 32768 + at_s % 32768, price_micro_usd
    from spot_prices_by_day order by 1`.execute(database);
  await database.schema.dropTable('spot_prices_by_day').execute();
}
