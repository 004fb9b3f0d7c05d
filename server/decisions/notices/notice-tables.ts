import type { Kysely } from 'kysely';
import type { Migrations } from '../../platform/index.ts';

/** Notices of Spot interruptions that a policy has answered, one for each node. */
export interface NoticeTables {
  spot_notices: {
    cluster_id: string;
    node_uid: string;
    node_name: string;
    noticed_at: number;
    /** Who answers for it: `policy 3 of shop`. */
    actor: string;
    /** Tasks have their names before they are sent, so that none is sent twice. */
    cordon_task: string;
    drain_task: string;
    /** When nothing of it was left to do; null until then. */
    closed_at: number | null;
  };
}

export const noticeMigrations: Migrations = {
  '2026-11-27-spot-notices': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('spot_notices')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('node_uid', 'text', column => column.notNull())
        .addColumn('node_name', 'text', column => column.notNull())
        .addColumn('noticed_at', 'bigint', column => column.notNull())
        .addColumn('actor', 'text', column => column.notNull())
        .addColumn('cordon_task', 'text', column => column.notNull())
        .addColumn('drain_task', 'text', column => column.notNull())
        .addColumn('closed_at', 'bigint')
        .addPrimaryKeyConstraint('spot_notices_key', ['cluster_id', 'node_uid'])
        .execute();
    },
  },
};
