import type { Kysely } from 'kysely';
import type { Migrations } from '../platform/index.ts';
import { type UsageTables, usageMigrations } from './usage/usage-tables.ts';

/** Tables of this room. Booleans are 0 or 1, times are ms. */
export interface ClusterTables extends UsageTables {
  clusters: {
    id: string;
    name: string;
    enrolled_at: number;
    last_seen_at: number | null;
    agent_version: string | null;
    revoked_at: number | null;
    /** Epoch of the newest task; grows by one with each. */
    task_epoch: number;
    /** When inventory was last committed; null until the first. */
    inventory_at: number | null;
    kubernetes_version: string | null;
    /** Of the newest leader of the agent's replicas; 0 where an agent is alone. */
    leader_epoch: number;
    /** The replica that leads; null until one did. */
    leader_agent_id: string | null;
    /** Grows each time that the cluster goes to another engine. */
    home_epoch: number;
    /** The engine that acts on it now, as JSON (`HomeEngine`); null where that is this one. */
    moved_to: string | null;
    /** Id of the engine that brought it here last; null of one that was enrolled here. */
    came_from: string | null;
  };
  /** A replica of an agent has a row of its own. */
  agents: {
    id: string;
    cluster_id: string;
    key_hash: string;
    /** A key that was offered to the agent and not used yet; both work until it is. */
    next_key_hash: string | null;
    /** When the key was first used, 0 when it is to be replaced as soon as possible; null for keys of older engines. */
    key_set_at: number | null;
    instance_id: string;
    enrolled_at: number;
    revoked_at: number | null;
    /** Highest start of this agent that was seen; what an older one says is refused. */
    boot_epoch: number;
    /** Last `seq` of this start that was committed. */
    acked_seq: number;
    /** 1 while inventory was missed and no snapshot has come since. */
    needs_snapshot: number;
    /** That it last came with; null until it has connected. */
    protocol: number | null;
    /** Messages that never came, by the holes in their numbers. */
    missed_messages: number;
    /** Hash of the join token that enrolled it: replicas have the same. Null before replicas were known. */
    join_hash: string | null;
  };
  join_tokens: {
    secret_hash: string;
    cluster_name: string;
    created_at: number;
    expires_at: number;
    /** Of the last use. */
    used_at: number | null;
    /** How many replicas it may enrol, and has. */
    replicas: number;
    uses: number;
  };
  cluster_objects: { cluster_id: string; key: string; body: string };
  agent_tasks: {
    id: string;
    cluster_id: string;
    epoch: number;
    action: string;
    dry_run: number;
    deadline_at: number;
    actor: string;
    created_at: number;
    offered_at: number | null;
    cancel_requested_at: number | null;
    state: 'queued' | 'running' | 'done' | 'failed' | 'refused' | 'cancelled';
    /** Last result as JSON; null until the first. */
    result: string | null;
    reported_at: number | null;
  };
  /** What was reported of a task, `step` by `step` from one. */
  agent_task_steps: {
    task_id: string;
    step: number;
    at_ms: number;
    state: ClusterTables['agent_tasks']['state'];
    detail: string;
  };
  cluster_events: {
    cluster_id: string;
    seq: number;
    at_ms: number;
    reason: string;
    object: string;
    message: string;
    severity: 'info' | 'warning';
  };
  cost_samples: {
    at_ms: number;
    cluster_id: string;
    cost_micro_usd_per_hour: number | null;
    nodes_with_unknown_price: number;
  };
}

export const clusterMigrations: Migrations = {
  ...usageMigrations,
  '2026-11-23-clusters': {
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      await schema
        .createTable('clusters')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('name', 'text', column => column.notNull().unique())
        .addColumn('enrolled_at', 'bigint', column => column.notNull())
        .addColumn('last_seen_at', 'bigint')
        .addColumn('agent_version', 'text')
        .addColumn('revoked_at', 'bigint')
        .addColumn('task_epoch', 'bigint', column => column.notNull())
        .addColumn('inventory_at', 'bigint')
        .addColumn('kubernetes_version', 'text')
        .execute();
      await schema
        .createTable('agents')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('key_hash', 'text', column => column.notNull())
        .addColumn('instance_id', 'text', column => column.notNull())
        .addColumn('enrolled_at', 'bigint', column => column.notNull())
        .addColumn('revoked_at', 'bigint')
        .addColumn('boot_epoch', 'bigint', column => column.notNull())
        .addColumn('acked_seq', 'bigint', column => column.notNull())
        .addColumn('needs_snapshot', 'integer', column => column.notNull())
        .execute();
      await schema.createIndex('agents_by_cluster').on('agents').column('cluster_id').execute();
      await schema
        .createTable('join_tokens')
        .addColumn('secret_hash', 'text', column => column.primaryKey())
        .addColumn('cluster_name', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .addColumn('used_at', 'bigint')
        .execute();
      await schema
        .createTable('cluster_objects')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('key', 'text', column => column.notNull())
        .addColumn('body', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('cluster_objects_key', ['cluster_id', 'key'])
        .execute();
      await schema
        .createTable('agent_tasks')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('epoch', 'bigint', column => column.notNull())
        .addColumn('action', 'text', column => column.notNull())
        .addColumn('dry_run', 'integer', column => column.notNull())
        .addColumn('deadline_at', 'bigint', column => column.notNull())
        .addColumn('actor', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('offered_at', 'bigint')
        .addColumn('cancel_requested_at', 'bigint')
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('result', 'text')
        .addColumn('reported_at', 'bigint')
        .execute();
      await schema
        .createIndex('agent_tasks_by_state')
        .on('agent_tasks')
        .columns(['state', 'cluster_id'])
        .execute();
      await schema
        .createTable('cost_samples')
        .addColumn('at_ms', 'bigint', column => column.notNull())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('cost_micro_usd_per_hour', 'bigint')
        .addColumn('nodes_with_unknown_price', 'integer', column => column.notNull())
        .addPrimaryKeyConstraint('cost_samples_key', ['at_ms', 'cluster_id'])
        .execute();
    },
  },
  '2026-11-27-cluster-parts': {
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      await schema.alterTable('agents').addColumn('protocol', 'integer').execute();
      await schema
        .alterTable('agents')
        .addColumn('missed_messages', 'bigint', column => column.notNull().defaultTo(0))
        .execute();
      await schema
        .createTable('agent_task_steps')
        .addColumn('task_id', 'text', column => column.notNull())
        .addColumn('step', 'integer', column => column.notNull())
        .addColumn('at_ms', 'bigint', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('detail', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('agent_task_steps_key', ['task_id', 'step'])
        .execute();
      await schema
        .createIndex('agent_tasks_by_epoch')
        .on('agent_tasks')
        .columns(['cluster_id', 'epoch'])
        .execute();
      await schema
        .createTable('cluster_events')
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('seq', 'bigint', column => column.notNull())
        .addColumn('at_ms', 'bigint', column => column.notNull())
        .addColumn('reason', 'text', column => column.notNull())
        .addColumn('object', 'text', column => column.notNull())
        .addColumn('message', 'text', column => column.notNull())
        .addColumn('severity', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('cluster_events_key', ['cluster_id', 'seq'])
        .execute();
    },
  },
  '2026-11-28-agent-keys': {
    up: async (database: Kysely<unknown>) => {
      await database.schema.alterTable('agents').addColumn('next_key_hash', 'text').execute();
      await database.schema.alterTable('agents').addColumn('key_set_at', 'bigint').execute();
    },
  },
  '2026-11-27-agent-replicas': {
    up: async (database: Kysely<unknown>) => {
      const { schema } = database;
      // A migration later than some rows: each column has a default for them.
      await schema
        .alterTable('clusters')
        .addColumn('leader_epoch', 'bigint', column => column.notNull().defaultTo(0))
        .execute();
      await schema.alterTable('clusters').addColumn('leader_agent_id', 'text').execute();
      await schema.alterTable('agents').addColumn('join_hash', 'text').execute();
      await schema
        .alterTable('join_tokens')
        .addColumn('replicas', 'integer', column => column.notNull().defaultTo(1))
        .execute();
      await schema
        .alterTable('join_tokens')
        .addColumn('uses', 'integer', column => column.notNull().defaultTo(0))
        .execute();
      await (database as Kysely<ClusterTables>)
        .updateTable('join_tokens')
        .set({ uses: 1 })
        .where('used_at', 'is not', null)
        .execute();
    },
  },
  '2026-11-29-cluster-homes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .alterTable('clusters')
        .addColumn('home_epoch', 'bigint', column => column.notNull().defaultTo(1))
        .execute();
      await database.schema.alterTable('clusters').addColumn('moved_to', 'text').execute();
      await database.schema.alterTable('clusters').addColumn('came_from', 'text').execute();
    },
  },
};
