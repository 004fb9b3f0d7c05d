import type { Kysely } from 'kysely';
import type { Migrations } from '../platform/index.ts';

/** Tables of this room. `body` is the ledger entry as JSON; intervals are what its money is summed from. */
export interface SavingTables {
  saving_entries: { id: string; plan_id: string; started_at: number; ended_at: number | null; body: string };
  saving_intervals: {
    entry_id: string;
    from_ms: number;
    to_ms: number;
    counterfactual: number;
    actual: number | null;
  };
}

export const savingMigrations: Migrations = {
  '2026-11-23-savings': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('saving_entries')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('plan_id', 'text', column => column.notNull().unique())
        .addColumn('started_at', 'bigint', column => column.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('body', 'text', column => column.notNull())
        .execute();
      await database.schema
        .createTable('saving_intervals')
        .addColumn('entry_id', 'text', column => column.notNull())
        .addColumn('from_ms', 'bigint', column => column.notNull())
        .addColumn('to_ms', 'bigint', column => column.notNull())
        .addColumn('counterfactual', 'bigint', column => column.notNull())
        .addColumn('actual', 'bigint')
        .addPrimaryKeyConstraint('saving_intervals_key', ['entry_id', 'from_ms'])
        .execute();
      await database.schema
        .createIndex('saving_intervals_by_end')
        .on('saving_intervals')
        .columns(['to_ms'])
        .execute();
    },
  },
};
