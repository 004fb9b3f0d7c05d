import type { Transaction } from 'kysely';
import type { Database } from '../platform/index.ts';
import type { CodeRow, GuestRow, SyncTables } from './sync-tables.ts';

type Work = Transaction<SyncTables>;

/** One-time codes, and the engines that came in with one. Secrets are kept as hashes only. */
export class GuestStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs `work` in one commit. */
  write<Result>(work: (transaction: Work) => Promise<Result>): Promise<Result> {
    return this.#database.write<SyncTables, Result>(work);
  }

  /** Adds a code; codes that ended a day ago are forgotten. */
  async insertCode(row: CodeRow, forgetBefore: number): Promise<void> {
    await this.write(async transaction => {
      await transaction.deleteFrom('sync_codes').where('expires_at', '<', forgetBefore).execute();
      await transaction.insertInto('sync_codes').values(row).execute();
    });
  }

  /** Codes that still let somebody in. */
  openCodes(nowMs: number): Promise<CodeRow[]> {
    return this.#database
      .reader<SyncTables>()
      .selectFrom('sync_codes')
      .selectAll()
      .where('used_at', 'is', null)
      .where('expires_at', '>', nowMs)
      .orderBy('expires_at')
      .execute();
  }

  findCodeIn(transaction: Work, secretHash: string): Promise<CodeRow | undefined> {
    return transaction
      .selectFrom('sync_codes')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
  }

  /** Uses a code up; `false` when it was used before. */
  async spendCodeIn(transaction: Work, secretHash: string, nowMs: number): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('sync_codes')
      .set({ used_at: nowMs })
      .where('secret_hash', '=', secretHash)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    return Number(numUpdatedRows) === 1;
  }

  /** Adds a guest; keys that the same engine had before end, and it tells its facts anew. */
  async insertGuestIn(transaction: Work, row: GuestRow): Promise<void> {
    await transaction
      .updateTable('sync_guests')
      .set({ revoked_at: row.connected_at })
      .where('engine_id', '=', row.engine_id)
      .where('revoked_at', 'is', null)
      .execute();
    for (const table of ['sync_facts', 'sync_cursors'] as const)
      await transaction.updateTable(table).set({ seq: 0 }).where('origin', '=', row.engine_id).execute();
    await transaction.insertInto('sync_guests').values(row).execute();
  }

  /** Guests whose keys are alive, newest first. */
  guests(): Promise<GuestRow[]> {
    return this.#database
      .reader<SyncTables>()
      .selectFrom('sync_guests')
      .selectAll()
      .where('revoked_at', 'is', null)
      .orderBy('connected_at', 'desc')
      .orderBy('id')
      .execute();
  }

  /** Revoked or not. */
  findGuest(keyHash: string): Promise<GuestRow | undefined> {
    return this.#database
      .reader<SyncTables>()
      .selectFrom('sync_guests')
      .selectAll()
      .where('key_hash', '=', keyHash)
      .executeTakeFirst();
  }

  async updateGuest(id: string, values: Partial<GuestRow>): Promise<void> {
    await this.write(async transaction => {
      await transaction.updateTable('sync_guests').set(values).where('id', '=', id).execute();
    });
  }

  /** `false` when there is no such guest. */
  async revokeGuest(id: string, nowMs: number): Promise<boolean> {
    return this.write(async transaction => {
      const { numUpdatedRows } = await transaction
        .updateTable('sync_guests')
        .set({ revoked_at: nowMs })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return Number(numUpdatedRows) === 1;
    });
  }
}
