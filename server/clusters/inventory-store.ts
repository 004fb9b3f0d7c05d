import type { Transaction } from 'kysely';
import { type InventoryObject, inventoryObject } from '../../common/agent-protocol/index.ts';
import type { Database } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

/** What becomes of objects by key: the new object, or `null` where it is gone. */
export type InventoryChanges = ReadonlyMap<string, InventoryObject | null>;

/** Databases limit the parameters of a statement; three columns a row stay far below. */
const ROWS_PER_STATEMENT = 500;

/** The objects of each cluster as JSON by key, so that the state is readable at once after a restart. */
export class InventoryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every object of a cluster as last committed. A row that no longer fits the protocol is left out. */
  async load(clusterId: string): Promise<Map<string, InventoryObject>> {
    const rows = await this.#database
      .reader<ClusterTables>()
      .selectFrom('cluster_objects')
      .select(['key', 'body'])
      .where('cluster_id', '=', clusterId)
      .execute();
    const objects = new Map<string, InventoryObject>();
    for (const { key, body } of rows) {
      const parsed = inventoryObject.safeParse(JSON.parse(body));
      if (parsed.success) objects.set(key, parsed.data);
    }
    return objects;
  }

  /** Writes changes as part of the transaction that moves the agent's cursor. */
  async applyIn(
    transaction: Transaction<ClusterTables>,
    clusterId: string,
    changes: InventoryChanges,
  ): Promise<void> {
    const entries = [...changes];
    const removed = entries.filter(([, object]) => object === null).map(([key]) => key);
    for (let at = 0; at < removed.length; at += ROWS_PER_STATEMENT) {
      await transaction
        .deleteFrom('cluster_objects')
        .where('cluster_id', '=', clusterId)
        .where('key', 'in', removed.slice(at, at + ROWS_PER_STATEMENT))
        .execute();
    }
    const rows = entries
      .filter(([, object]) => object !== null)
      .map(([key, object]) => ({ cluster_id: clusterId, key, body: JSON.stringify(object) }));
    for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
      await transaction
        .insertInto('cluster_objects')
        .values(rows.slice(at, at + ROWS_PER_STATEMENT))
        .onConflict(conflict =>
          conflict.columns(['cluster_id', 'key']).doUpdateSet(row => ({ body: row.ref('excluded.body') })),
        )
        .execute();
    }
  }
}
