import { type Kysely, SqliteAdapter, sql } from 'kysely';
import type { Migrations } from '../platform/index.ts';

/** Tables of the room. */
export interface MarketTables {
  pools: { id: number; region: string; availability_zone: string; instance_type: string; product: string };
  /** Change records; `at_s` are whole seconds since 1970 UTC, as EC2 gives them; `day` are whole days of it. */
  spot_prices: { day: number; pool_id: number; at_s: number; price_micro_usd: number };
  /** Time that is wholly on disk. `types_key` is '' for all instance types, else `,a,b,` in order. */
  price_coverage: { region: string; product: string; types_key: string; from_ms: number; to_ms: number };
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
      const isSqlite = database.getExecutor().adapter instanceof SqliteAdapter;
      await (isSqlite ? prices.modifyEnd(sql`without rowid`) : prices).execute();
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
};
