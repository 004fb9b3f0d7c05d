import type { Collection, MarketScope } from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';

type CollectionRow = MarketTables['price_collections'];

/** What is collected. */
export class CollectionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Oldest first. */
  async list(): Promise<Collection[]> {
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_collections')
      .selectAll()
      .orderBy('added_at')
      .orderBy('id')
      .execute();
    return rows.map(collectionFromRow);
  }

  /** Adds a collection that is due at once; the one of the same scope is returned instead where there is one. */
  async add(id: string, scope: MarketScope | null, nowMs: number): Promise<Collection> {
    const text = textOf(scope);
    const row: CollectionRow = {
      id,
      scope: text,
      added_at: nowMs,
      is_paused: 0,
      last_run_at: null,
      next_run_at: nowMs,
      new_rows: 0,
      failures: 0,
      message: null,
    };
    return this.#database.write<MarketTables, Collection>(async transaction => {
      await transaction
        .insertInto('price_collections')
        .values(row)
        .onConflict(conflict => conflict.column('scope').doNothing())
        .execute();
      const kept = await transaction
        .selectFrom('price_collections')
        .selectAll()
        .where('scope', '=', text)
        .executeTakeFirstOrThrow();
      return collectionFromRow(kept);
    });
  }

  /** The collection as it is then; `undefined` where there is none. */
  async change(id: string, change: Partial<CollectionRow>): Promise<Collection | undefined> {
    const row = await this.#database.write<MarketTables, CollectionRow | undefined>(transaction =>
      transaction
        .updateTable('price_collections')
        .set(change)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),
    );
    return row && collectionFromRow(row);
  }

  /** Another scope, due at once; as `change`. What failed before says nothing about it. */
  changeScope(id: string, scope: MarketScope | null, nowMs: number): Promise<Collection | undefined> {
    const next = { scope: textOf(scope), next_run_at: nowMs, failures: 0, message: null };
    return this.change(id, next);
  }

  /** The collection as it was; `undefined` where there was none. */
  async remove(id: string): Promise<Collection | undefined> {
    const row = await this.#database.write<MarketTables, CollectionRow | undefined>(transaction =>
      transaction.deleteFrom('price_collections').where('id', '=', id).returningAll().executeTakeFirst(),
    );
    return row && collectionFromRow(row);
  }
}

function textOf(scope: MarketScope | null): string {
  return scope === null ? '' : JSON.stringify(scope);
}

function collectionFromRow(row: CollectionRow): Collection {
  return {
    id: row.id,
    scope: row.scope === '' ? null : (JSON.parse(row.scope) as MarketScope),
    addedAt: row.added_at,
    isPaused: row.is_paused === 1,
    lastRunAt: row.last_run_at,
    nextRunAt: row.is_paused === 1 ? null : row.next_run_at,
    newRows: row.new_rows,
    failures: row.failures,
    message: row.message,
  };
}
