import type { Database } from '../platform/index.ts';
import type { AgreedPolicyRow, MovedModelRow, ServerRow, SyncTables } from './sync-tables.ts';

/** The server that this engine is connected to, and what was moved between the two. */
export class ServerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** There is one at most. */
  server(): Promise<ServerRow | undefined> {
    return this.#database
      .reader<SyncTables>()
      .selectFrom('sync_servers')
      .selectAll()
      .orderBy('connected_at')
      .executeTakeFirst();
  }

  async insert(row: ServerRow): Promise<void> {
    await this.#database.write<SyncTables, void>(async transaction => {
      await transaction.insertInto('sync_servers').values(row).execute();
    });
  }

  async update(id: string, values: Partial<ServerRow>): Promise<void> {
    await this.#database.write<SyncTables, void>(async transaction => {
      await transaction.updateTable('sync_servers').set(values).where('id', '=', id).execute();
    });
  }

  /** Forgets a server and what was known of it. What came stays, and is told anew after the next connection. */
  async remove(id: string): Promise<void> {
    await this.#database.write<SyncTables, void>(async transaction => {
      await transaction.deleteFrom('sync_models').where('server_id', '=', id).execute();
      await transaction.deleteFrom('sync_policies').where('server_id', '=', id).execute();
      await transaction.updateTable('sync_facts').set({ seq: 0 }).execute();
      await transaction.updateTable('sync_cursors').set({ seq: 0 }).execute();
      await transaction.deleteFrom('sync_servers').where('id', '=', id).execute();
    });
  }

  movedModels(serverId: string): Promise<MovedModelRow[]> {
    return this.#database
      .reader<SyncTables>()
      .selectFrom('sync_models')
      .selectAll()
      .where('server_id', '=', serverId)
      .orderBy('subject')
      .execute();
  }

  /** Notes models that are on both sides, or stay apart. */
  async noteModels(rows: readonly MovedModelRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#database.write<SyncTables, void>(async transaction => {
      for (const row of rows)
        await transaction
          .insertInto('sync_models')
          .values(row)
          .onConflict(conflict =>
            conflict.columns(['server_id', 'model_key']).doUpdateSet({ refusal: row.refusal }),
          )
          .execute();
    });
  }

  /** Lets what was refused be tried again. */
  async forgetRefusals(serverId: string): Promise<void> {
    await this.#database.write<SyncTables, void>(async transaction => {
      await transaction
        .deleteFrom('sync_models')
        .where('server_id', '=', serverId)
        .where('refusal', 'is not', null)
        .execute();
      await transaction
        .updateTable('sync_policies')
        .set({ refusal: null })
        .where('server_id', '=', serverId)
        .execute();
    });
  }

  agreedPolicies(serverId: string): Promise<AgreedPolicyRow[]> {
    return this.#database
      .reader<SyncTables>()
      .selectFrom('sync_policies')
      .selectAll()
      .where('server_id', '=', serverId)
      .orderBy('scope')
      .execute();
  }

  async setAgreedPolicy(row: AgreedPolicyRow): Promise<void> {
    const { server_id: _, scope: __, ...changed } = row;
    await this.#database.write<SyncTables, void>(async transaction => {
      await transaction
        .insertInto('sync_policies')
        .values(row)
        .onConflict(conflict => conflict.columns(['server_id', 'scope']).doUpdateSet(changed))
        .execute();
    });
  }
}
