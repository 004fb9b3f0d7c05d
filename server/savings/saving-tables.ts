import { type Kysely, sql } from 'kysely';
import type { Migrations } from '../platform/index.ts';
import { allocationMigrations } from './allocation/allocation-tables.ts';
import { generalEntry } from './general-entry.ts';

/** Tables of this room. `body` is the ledger entry as JSON; intervals are what its money is summed from. */
export interface SavingTables {
  /** What proposed plans rest on, as JSON, until they run or are given up. */
  saving_counterfactuals: { plan_id: string; body: string };
  /** `changed`: number of its last change among those of all entries; it grows with each. */
  saving_entries: {
    id: string;
    plan_id: string;
    started_at: number;
    ended_at: number | null;
    body: string;
    changed: number;
  };
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
  '2026-11-27-savings-of-many-nodes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('saving_counterfactuals')
        .addColumn('plan_id', 'text', column => column.primaryKey())
        .addColumn('body', 'text', column => column.notNull())
        .execute();
      await database.schema
        .createIndex('saving_intervals_by_begin')
        .on('saving_intervals')
        .columns(['from_ms', 'entry_id'])
        .execute();
      const tables = database as Kysely<SavingTables>;
      for (const { id, body } of await tables.selectFrom('saving_entries').select(['id', 'body']).execute()) {
        await tables
          .updateTable('saving_entries')
          .set({ body: JSON.stringify(generalEntry(JSON.parse(body))) })
          .where('id', '=', id)
          .execute();
      }
    },
  },
  '2026-11-29-changes-of-savings': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .alterTable('saving_entries')
        .addColumn('changed', 'bigint', column => column.notNull().defaultTo(0))
        .execute();
      await sql`
        update saving_entries set changed = numbered.place
        from (select id, row_number() over (order by started_at, id) as place from saving_entries) as numbered
        where numbered.id = saving_entries.id`.execute(database);
      await database.schema
        .createIndex('saving_entries_by_change')
        .on('saving_entries')
        .columns(['changed'])
        .execute();
    },
  },
  ...allocationMigrations,
};
