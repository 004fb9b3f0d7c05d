import { type Generated, type Kysely, SqliteAdapter } from 'kysely';
import type { Migrations } from '../../platform/index.ts';

/** Tables of usage. */
export interface UsageTables {
  /** `workload` as `usageOwner` gives it. */
  usage_series: { id: Generated<number>; cluster_id: string; workload: string; container: string };
  /** A day of a series; `usageKey` says what the key is made of, `UsageDay` what the body is. */
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

const DAYS = 2 ** 16;

/** A series and a day as one number, so that the days of a series lie side by side. Until the year 2149. */
export function usageKey(seriesId: number, day: number): number {
  return seriesId * DAYS + day;
}

/** The series and the day of a key. */
export function partsOfUsageKey(key: number): { seriesId: number; day: number } {
  return { seriesId: Math.floor(key / DAYS), day: key % DAYS };
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
