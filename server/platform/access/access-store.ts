import type { AccessToken } from '../../../common/contracts/index.ts';
import type { Database } from '../database/database.ts';
import type { AccessTables } from './access-tables.ts';

/** Tokens of people and programs; secrets are kept as hashes only. */
export class AccessStore {
  readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async insertToken(token: AccessToken, secretHash: string): Promise<void> {
    const { id, label, role, scopes, createdAt, lastUsedAt, expiresAt } = token;
    await this.database.write<AccessTables, void>(async transaction => {
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
          scopes: scopes === null ? null : JSON.stringify(scopes),
        })
        .execute();
    });
  }

  /** The live token with this hash. */
  async findToken(secretHash: string, nowMs: number): Promise<AccessToken | undefined> {
    const row = await this.database
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
    const rows = await this.database
      .reader<AccessTables>()
      .selectFrom('access_tokens')
      .selectAll()
      .where('revoked_at', 'is', null)
      .orderBy('created_at', 'desc')
      .execute();
    return rows.map(tokenFromRow);
  }

  async touchToken(id: string, nowMs: number): Promise<void> {
    await this.database.write<AccessTables, void>(async transaction => {
      await transaction
        .updateTable('access_tokens')
        .set({ last_used_at: nowMs })
        .where('id', '=', id)
        .execute();
    });
  }

  /** Revokes a token and ends the sessions it opened. `false` when there is no such token. */
  async revokeToken(id: string, nowMs: number): Promise<boolean> {
    return this.database.write<AccessTables, boolean>(async transaction => {
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
}

function tokenFromRow(row: AccessTables['access_tokens']): AccessToken {
  return {
    id: row.id,
    label: row.label,
    role: row.role,
    scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as NonNullable<AccessToken['scopes']>),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}
