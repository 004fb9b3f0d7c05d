import type { Kysely } from 'kysely';
import type { AccessToken, Actor, Role } from '../../../common/contracts/index.ts';
import type { Database, Migrations } from '../database/database.ts';

interface AccessTables {
  access_tokens: {
    id: string;
    label: string;
    role: Role;
    secret_hash: string;
    created_at: number;
    last_used_at: number | null;
    expires_at: number | null;
    revoked_at: number | null;
  };
  sessions: {
    secret_hash: string;
    actor_id: string;
    label: string;
    role: Role;
    created_at: number;
    expires_at: number;
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
};

/** Tokens and sessions; secrets are kept as hashes only. */
export class AccessStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insertToken(token: AccessToken, secretHash: string): Promise<void> {
    const { id, label, role, createdAt, lastUsedAt, expiresAt } = token;
    await this.#database.write<AccessTables, void>(async transaction => {
      await transaction
        .insertInto('access_tokens')
        .values({
          id,
          label,
          role,
          secret_hash: secretHash,
          created_at: createdAt,
          last_used_at: lastUsedAt,
          expires_at: expiresAt,
          revoked_at: null,
        })
        .execute();
    });
  }

  /** The live token with this hash. */
  async findToken(secretHash: string, nowMs: number): Promise<AccessToken | undefined> {
    const row = await this.#database
      .reader<AccessTables>()
      .selectFrom('access_tokens')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (!row || (row.expires_at !== null && row.expires_at <= nowMs)) return undefined;
    return tokenFromRow(row);
  }

  async listTokens(): Promise<AccessToken[]> {
    const rows = await this.#database
      .reader<AccessTables>()
      .selectFrom('access_tokens')
      .selectAll()
      .where('revoked_at', 'is', null)
      .orderBy('created_at', 'desc')
      .execute();
    return rows.map(tokenFromRow);
  }

  async touchToken(id: string, nowMs: number): Promise<void> {
    await this.#database.write<AccessTables, void>(async transaction => {
      await transaction
        .updateTable('access_tokens')
        .set({ last_used_at: nowMs })
        .where('id', '=', id)
        .execute();
    });
  }

  /** Revokes a token and ends the sessions it opened. `false` when there is no such token. */
  async revokeToken(id: string, nowMs: number): Promise<boolean> {
    return this.#database.write<AccessTables, boolean>(async transaction => {
      const result = await transaction
        .updateTable('access_tokens')
        .set({ revoked_at: nowMs })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      await transaction.deleteFrom('sessions').where('actor_id', '=', id).execute();
      return Number(result.numUpdatedRows) > 0;
    });
  }

  async insertSession(secretHash: string, actor: Actor, nowMs: number, expiresAt: number): Promise<void> {
    await this.#database.write<AccessTables, void>(async transaction => {
      await transaction.deleteFrom('sessions').where('expires_at', '<=', nowMs).execute();
      await transaction
        .insertInto('sessions')
        .values({
          secret_hash: secretHash,
          actor_id: actor.id,
          label: actor.label,
          role: actor.role,
          created_at: nowMs,
          expires_at: expiresAt,
        })
        .execute();
    });
  }

  async findSession(secretHash: string, nowMs: number): Promise<Actor | undefined> {
    const row = await this.#database
      .reader<AccessTables>()
      .selectFrom('sessions')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .where('expires_at', '>', nowMs)
      .executeTakeFirst();
    return row && { id: row.actor_id, label: row.label, role: row.role };
  }

  async deleteSession(secretHash: string): Promise<void> {
    await this.#database.write<AccessTables, void>(async transaction => {
      await transaction.deleteFrom('sessions').where('secret_hash', '=', secretHash).execute();
    });
  }
}

function tokenFromRow(row: AccessTables['access_tokens']): AccessToken {
  return {
    id: row.id,
    label: row.label,
    role: row.role,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}
