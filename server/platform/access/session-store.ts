import type { Actor, SignInWay } from '../../../common/contracts/index.ts';
import type { Database } from '../database/database.ts';
import type { AccessTables } from './access-tables.ts';

/** How and from where a browser signed in. */
export interface SessionOrigin {
  readonly way: SignInWay;
  /** Of the client, as far as trusted proxies tell it. */
  readonly address: string;
  /** What the browser calls itself. */
  readonly program: string;
}

/** An open session of a browser. */
export interface OpenSession extends Partial<SessionOrigin> {
  readonly id: string;
  readonly actor: Actor;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly expiresAt: number;
}

/** Sessions of browsers; of their secrets only hashes are kept. */
export class SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(
    secretHash: string,
    actor: Actor,
    origin: SessionOrigin,
    nowMs: number,
    expiresAt: number,
  ): Promise<void> {
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
          last_used_at: nowMs,
          ...origin,
        })
        .execute();
    });
  }

  async find(secretHash: string, nowMs: number): Promise<OpenSession | undefined> {
    const row = await this.#database
      .reader<AccessTables>()
      .selectFrom('sessions')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .where('expires_at', '>', nowMs)
      .executeTakeFirst();
    return row && sessionFromRow(row);
  }

  /** Those that have not expired, the newest first. */
  async list(nowMs: number): Promise<OpenSession[]> {
    const rows = await this.#database
      .reader<AccessTables>()
      .selectFrom('sessions')
      .selectAll()
      .where('expires_at', '>', nowMs)
      .orderBy('created_at', 'desc')
      .orderBy('secret_hash')
      .execute();
    return rows.map(sessionFromRow);
  }

  async touch(secretHash: string, nowMs: number): Promise<void> {
    await this.#database.write<AccessTables, void>(async transaction => {
      await transaction
        .updateTable('sessions')
        .set({ last_used_at: nowMs })
        .where('secret_hash', '=', secretHash)
        .execute();
    });
  }

  async delete(secretHash: string): Promise<void> {
    await this.#database.write<AccessTables, void>(async transaction => {
      await transaction.deleteFrom('sessions').where('secret_hash', '=', secretHash).execute();
    });
  }

  /** Ends all sessions of somebody, but for one where that is named. */
  async deleteOf(actorId: string, exceptId?: string): Promise<void> {
    await this.#database.write<AccessTables, void>(async transaction => {
      const rows = await transaction
        .selectFrom('sessions')
        .select('secret_hash')
        .where('actor_id', '=', actorId)
        .execute();
      for (const { secret_hash } of rows)
        if (sessionId(secret_hash) !== exceptId)
          await transaction.deleteFrom('sessions').where('secret_hash', '=', secret_hash).execute();
    });
  }

  /** `false` when there is none under this id. */
  async deleteById(id: string): Promise<boolean> {
    return this.#database.write<AccessTables, boolean>(async transaction => {
      const result = await transaction
        .deleteFrom('sessions')
        .where('secret_hash', 'like', `${id.replace(/^session-|[^0-9a-f]/g, '')}%`)
        .executeTakeFirst();
      return Number(result.numDeletedRows) > 0;
    });
  }
}

/** Half of the hash says which session it is, and opens none. */
function sessionId(secretHash: string): string {
  return `session-${secretHash.slice(0, 32)}`;
}

function sessionFromRow(row: AccessTables['sessions']): OpenSession {
  return {
    id: sessionId(row.secret_hash),
    actor: { id: row.actor_id, label: row.label, role: row.role },
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    ...(row.way === null ? {} : { way: row.way }),
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.program === null ? {} : { program: row.program }),
  };
}
