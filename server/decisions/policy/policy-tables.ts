import type { Kysely } from 'kysely';
import type { Migrations } from '../../platform/index.ts';

/** Tables of policies. Rows of revisions are added, never changed; `document` is JSON, null where a cluster follows the default. */
export interface PolicyTables {
  policy_revisions: {
    scope: string;
    revision: number;
    document: string | null;
    saved_at: number;
    saved_by: string;
    note: string | null;
    reverted_from: number | null;
  };
  policy_kill_switches: { scope: string; is_on: number; at: number; by: string; reason: string };
}

export const policyMigrations: Migrations = {
  '2026-11-27-policies': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('policy_revisions')
        .addColumn('scope', 'text', column => column.notNull())
        .addColumn('revision', 'integer', column => column.notNull())
        .addColumn('document', 'text')
        .addColumn('saved_at', 'bigint', column => column.notNull())
        .addColumn('saved_by', 'text', column => column.notNull())
        .addColumn('note', 'text')
        .addColumn('reverted_from', 'integer')
        .addPrimaryKeyConstraint('policy_revisions_key', ['scope', 'revision'])
        .execute();
      await database.schema
        .createTable('policy_kill_switches')
        .addColumn('scope', 'text', column => column.primaryKey())
        .addColumn('is_on', 'integer', column => column.notNull())
        .addColumn('at', 'bigint', column => column.notNull())
        .addColumn('by', 'text', column => column.notNull())
        .addColumn('reason', 'text', column => column.notNull())
        .execute();
      // A breaker keeps when plans failed, and since when it holds the cluster.
      await database.schema
        .alterTable('decision_breakers')
        .addColumn('failed_at', 'text', column => column.notNull().defaultTo('[]'))
        .execute();
      await database.schema.alterTable('decision_breakers').addColumn('paused_at', 'bigint').execute();
    },
  },
};
