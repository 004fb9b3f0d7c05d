import type { Kysely } from 'kysely';
import type { FactKind } from '../../common/contracts/index.ts';
import type { Migrations } from '../platform/index.ts';

/** One row: who this engine is. */
interface IdentityRow {
  only: 1;
  engine_id: string;
  created_at: number;
}

export interface CodeRow {
  secret_hash: string;
  label: string;
  may_write: number;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

export interface GuestRow {
  id: string;
  label: string;
  engine_id: string;
  engine_name: string;
  version: string;
  may_write: number;
  key_hash: string;
  connected_at: number;
  last_seen_at: number | null;
  revoked_at: number | null;
}

/** A server; its key lies in a file of its own, not here. `problem` is JSON. */
export interface ServerRow {
  id: string;
  url: string;
  engine_id: string;
  name: string;
  may_write: number;
  mode: 'full' | 'read-only';
  connected_at: number;
  is_stopped: number;
  is_refused: number;
  last_done_at: number | null;
  last_tried_at: number | null;
  problem: string | null;
}

/** A model that was on both sides once, or that one of them refused. `model_key` as `modelKey` makes it. */
export interface MovedModelRow {
  server_id: string;
  model_key: string;
  subject: string;
  /** Why it stays apart; null of one that was on both sides. */
  refusal: string | null;
}

/** Which revisions of a policy were the same on both sides; `conflict` is the version of the server that waits for a person, as JSON. */
export interface AgreedPolicyRow {
  server_id: string;
  scope: string;
  local_revision: number;
  remote_revision: number;
  conflict: string | null;
  /** Why the other version was not taken. */
  refusal: string | null;
}

/** Something of another engine, as of its last change; `body` is JSON. */
export interface FactRow {
  kind: FactKind;
  origin: string;
  id: string;
  seq: number;
  at: number;
  body: string;
}

/** Up to which number the facts of another engine are here. */
export interface CursorRow {
  kind: FactKind;
  origin: string;
  name: string;
  seq: number;
}

export interface SyncTables {
  sync_identity: IdentityRow;
  sync_codes: CodeRow;
  sync_guests: GuestRow;
  sync_servers: ServerRow;
  sync_models: MovedModelRow;
  sync_policies: AgreedPolicyRow;
  sync_facts: FactRow;
  sync_cursors: CursorRow;
}

export const syncMigrations: Migrations = {
  '2026-11-27-sync': { up: createPairing },
  '2026-11-27-sync-policies': { up: createAgreedPolicies },
  '2026-11-27-sync-facts': { up: createFacts },
};

async function createPairing(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('sync_identity')
    .addColumn('only', 'integer', column => column.primaryKey())
    .addColumn('engine_id', 'text', column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .execute();
  await database.schema
    .createTable('sync_codes')
    .addColumn('secret_hash', 'text', column => column.primaryKey())
    .addColumn('label', 'text', column => column.notNull())
    .addColumn('may_write', 'integer', column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .addColumn('expires_at', 'bigint', column => column.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
  await database.schema
    .createTable('sync_guests')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('label', 'text', column => column.notNull())
    .addColumn('engine_id', 'text', column => column.notNull())
    .addColumn('engine_name', 'text', column => column.notNull())
    .addColumn('version', 'text', column => column.notNull())
    .addColumn('may_write', 'integer', column => column.notNull())
    .addColumn('key_hash', 'text', column => column.notNull().unique())
    .addColumn('connected_at', 'bigint', column => column.notNull())
    .addColumn('last_seen_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
  await database.schema
    .createTable('sync_servers')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('url', 'text', column => column.notNull())
    .addColumn('engine_id', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('may_write', 'integer', column => column.notNull())
    .addColumn('mode', 'text', column => column.notNull())
    .addColumn('connected_at', 'bigint', column => column.notNull())
    .addColumn('is_stopped', 'integer', column => column.notNull())
    .addColumn('is_refused', 'integer', column => column.notNull())
    .addColumn('last_done_at', 'bigint')
    .addColumn('last_tried_at', 'bigint')
    .addColumn('problem', 'text')
    .execute();
  await database.schema
    .createTable('sync_models')
    .addColumn('server_id', 'text', column => column.notNull())
    .addColumn('model_key', 'text', column => column.notNull())
    .addColumn('subject', 'text', column => column.notNull())
    .addColumn('refusal', 'text')
    .addPrimaryKeyConstraint('sync_models_key', ['server_id', 'model_key'])
    .execute();
}

async function createAgreedPolicies(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('sync_policies')
    .addColumn('server_id', 'text', column => column.notNull())
    .addColumn('scope', 'text', column => column.notNull())
    .addColumn('local_revision', 'integer', column => column.notNull())
    .addColumn('remote_revision', 'integer', column => column.notNull())
    .addColumn('conflict', 'text')
    .addColumn('refusal', 'text')
    .addPrimaryKeyConstraint('sync_policies_key', ['server_id', 'scope'])
    .execute();
}

async function createFacts(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('sync_facts')
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('origin', 'text', column => column.notNull())
    .addColumn('id', 'text', column => column.notNull())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('at', 'bigint', column => column.notNull())
    .addColumn('body', 'text', column => column.notNull())
    .addPrimaryKeyConstraint('sync_facts_key', ['kind', 'origin', 'id'])
    .execute();
  await database.schema
    .createIndex('sync_facts_by_number')
    .on('sync_facts')
    .columns(['kind', 'origin', 'seq'])
    .execute();
  await database.schema.createIndex('sync_facts_by_time').on('sync_facts').columns(['kind', 'at']).execute();
  await database.schema
    .createTable('sync_cursors')
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('origin', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('sync_cursors_key', ['kind', 'origin'])
    .execute();
}
