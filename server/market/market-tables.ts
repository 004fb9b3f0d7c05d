import { type Kysely, sql } from 'kysely';
import type { Migrations } from '../platform/index.ts';

/** Tables of the room. */
export interface MarketTables {
  pools: { id: number; region: string; availability_zone: string; instance_type: string; product: string };
  /** Change records; `at_s` are whole seconds since 1970 UTC, as EC2 gives them. */
  spot_prices: { at_s: number; pool_id: number; price_micro_usd: number };
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
      // Time first: pages of EC2 arrive in order of time, so that inserts touch few leaves. Pool first was 9 times slower.
      await database.schema
        .createTable('spot_prices')
        .addColumn('at_s', 'integer', column => column.notNull())
        .addColumn('pool_id', 'integer', column => column.notNull())
        .addColumn('price_micro_usd', 'integer', column => column.notNull())
        .addPrimaryKeyConstraint('spot_prices_key', ['at_s', 'pool_id'])
        .modifyEnd(sql`without rowid`)
        .execute();
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
