import type { Kysely } from 'kysely';
import type { Migrations } from '../../platform/index.ts';

/** Tables of allocation. Bodies are as `written-hour.ts` writes them. */
export interface AllocationTables {
  /** `measured` is what `shares` are computed from. */
  allocation_hours: { cluster_id: string; hour_ms: number; measured: Uint8Array; shares: Uint8Array };
  /** Sums of hours; they stay when the hours have gone. */
  allocation_days: { cluster_id: string; day_ms: number; shares: Uint8Array };
}

export const allocationMigrations: Migrations = {
  '2026-11-27-allocation': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('allocation_hours')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('hour_ms', 'bigint', column => column.notNull())
        .addColumn('measured', 'bytea', column => column.notNull())
        .addColumn('shares', 'bytea', column => column.notNull())
        .addPrimaryKeyConstraint('allocation_hours_key', ['hour_ms', 'cluster_id'])
        .execute();
      await database.schema
        .createTable('allocation_days')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('day_ms', 'bigint', column => column.notNull())
        .addColumn('shares', 'bytea', column => column.notNull())
        .addPrimaryKeyConstraint('allocation_days_key', ['day_ms', 'cluster_id'])
        .execute();
    },
  },
};
