import { type Generated, type Kysely, SqliteAdapter } from 'kysely';
import type { Migrations } from '../../platform/index.ts';

/** Tables of usage. */
export interface UsageTables {
  /** `workload` as `usageOwner` gives it. */
  usage_series: { id: Generated<number>; cluster_id: string; workload: string; container: string };
  /** Days of a series; `blockKey` says what the key is made of, `writeBlock` what the body is. */
  usage_days: { key: number; body: Uint8Array };
  /** Reports that are not counted in days yet; `lines` is JSON. Ids only grow, also when it was empty. */
  usage_journal: { id: Generated<number>; cluster_id: string; at_ms: number; lines: string };
  oom_kills: {
    cluster_id: string;
    workload: string;
    container: string;
    pod_uid: string;
    at_ms: number;
    memory_bytes: number | null;
  };
}

export const usageMigrations: Migrations = {
  '2026-11-26-usage': {
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      const isSqlite = database.getExecutor().adapter instanceof SqliteAdapter;
      const serial = isSqlite ? 'integer' : 'bigserial';
      await schema
        .createTable('usage_series')
        .addColumn('id', serial, column => column.primaryKey())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('workload', 'text', column => column.notNull())
        .addColumn('container', 'text', column => column.notNull())
        .addUniqueConstraint('usage_series_unique', ['cluster_id', 'workload', 'container'])
        .execute();
      await schema
        .createTable('usage_days')
        .addColumn('key', isSqlite ? 'integer' : 'bigint', column => column.primaryKey())
        // SQLite keeps bytes as they are under any type name; this one is PostgreSQL's.
        .addColumn('body', 'bytea', column => column.notNull())
        .execute();
      await schema
        .createTable('usage_journal')
        .addColumn('id', serial, column =>
          isSqlite ? column.primaryKey().autoIncrement() : column.primaryKey(),
        )
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('at_ms', 'bigint', column => column.notNull())
        .addColumn('lines', 'text', column => column.notNull())
        .execute();
      await schema
        .createTable('oom_kills')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('workload', 'text', column => column.notNull())
        .addColumn('container', 'text', column => column.notNull())
        .addColumn('pod_uid', 'text', column => column.notNull())
        .addColumn('at_ms', 'bigint', column => column.notNull())
        .addColumn('memory_bytes', 'bigint')
        .addPrimaryKeyConstraint('oom_kills_key', ['cluster_id', 'workload', 'container', 'pod_uid', 'at_ms'])
        .execute();
    },
  },
};
