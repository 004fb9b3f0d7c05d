import type { Kysely } from 'kysely';
import type { Role, SignInWay } from '../../../common/contracts/index.ts';
import type { Migrations } from '../database/database.ts';

export interface AccessTables {
  access_tokens: {
    id: string;
    label: string;
    role: Role;
    secret_hash: string;
    created_at: number;
    last_used_at: number | null;
    expires_at: number | null;
    revoked_at: number | null;
    /** JSON list; `null` for all of the API. */
    scopes: string | null;
  };
  sessions: {
    secret_hash: string;
    actor_id: string;
    label: string;
    role: Role;
    created_at: number;
    expires_at: number;
    /** `null` in those that were opened before it was kept, like the next three. */
    way: SignInWay | null;
    last_used_at: number | null;
    address: string | null;
    program: string | null;
  };
  users: {
    id: string;
    name: string;
    /** What makes two names the same. */
    folded_name: string;
    role: Role;
    password_hash: string;
    created_at: number;
    last_sign_in_at: number | null;
  };
}

export const accessMigrations: Migrations = {
  '2026-11-23-access': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('access_tokens')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('label', 'text', column => column.notNull())
        .addColumn('role', 'text', column => column.notNull())
        .addColumn('secret_hash', 'text', column => column.notNull().unique())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .addColumn('expires_at', 'bigint')
        .addColumn('revoked_at', 'bigint')
        .execute();
      await database.schema
        .createTable('sessions')
        .addColumn('secret_hash', 'text', column => column.primaryKey())
        .addColumn('actor_id', 'text', column => column.notNull())
        .addColumn('label', 'text', column => column.notNull())
        .addColumn('role', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .execute();
    },
  },
  '2026-11-27-access-users': {
    up: async (database: Kysely<unknown>) => {
      await database.schema.alterTable('access_tokens').addColumn('scopes', 'text').execute();
      for (const name of ['way', 'address', 'program'])
        await database.schema.alterTable('sessions').addColumn(name, 'text').execute();
      await database.schema.alterTable('sessions').addColumn('last_used_at', 'bigint').execute();
      await database.schema
        .createTable('users')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('name', 'text', column => column.notNull())
        .addColumn('folded_name', 'text', column => column.notNull().unique())
        .addColumn('role', 'text', column => column.notNull())
        .addColumn('password_hash', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('last_sign_in_at', 'bigint')
        .execute();
    },
  },
};
