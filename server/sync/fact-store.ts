import type { Transaction } from 'kysely';
import type { FactKind, PeerCursor, PeerFact } from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import type { FactRow, SyncTables } from './sync-tables.ts';

/** A page of facts of one engine. */
export interface FactPage {
  readonly origin: string;
  readonly name: string;
  /** The number that it follows. */
  readonly after: number;
  readonly facts: readonly PeerFact[];
}

/** What other engines told: kept apart from what is this engine's own, so that nothing here can act on it. */
export class FactStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async cursors(kind: FactKind): Promise<PeerCursor[]> {
    const rows = await this.#database
      .reader<SyncTables>()
      .selectFrom('sync_cursors')
      .select(['origin', 'name', 'seq'])
      .where('kind', '=', kind)
      .orderBy('origin')
      .execute();
    return rows.map(row => ({ ...row, seq: Number(row.seq) }));
  }

  /** Facts of an engine after a number, in their order. */
  async after(kind: FactKind, origin: string, after: number, limit: number): Promise<PeerFact[]> {
    const rows = await this.#database
      .reader<SyncTables>()
      .selectFrom('sync_facts')
      .selectAll()
      .where('kind', '=', kind)
      .where('origin', '=', origin)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows.map(factFromRow);
  }

  /** The newest facts of all engines. */
  async newest(kind: FactKind, limit: number): Promise<(PeerFact & { origin: string })[]> {
    const rows = await this.#database
      .reader<SyncTables>()
      .selectFrom('sync_facts')
      .selectAll()
      .where('kind', '=', kind)
      .orderBy('at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(row => ({ ...factFromRow(row), origin: row.origin }));
  }

  /**
   * Adds a page and moves the cursor in one commit. A page that does not follow what is here changes nothing: one that came late or twice is
   * known, and before one that came early something is missing. Resolves with where the cursor is then.
   */
  add(kind: FactKind, { origin, name, after, facts }: FactPage): Promise<number> {
    return this.#database.write<SyncTables, number>(async transaction => {
      const known = await cursorIn(transaction, kind, origin);
      const seq = Number(known?.seq ?? 0);
      const last = facts.at(-1)?.seq ?? after;
      if (after > seq || last <= seq) return seq;
      for (const fact of facts) {
        const changed = { seq: fact.seq, at: fact.at, body: JSON.stringify(fact.body) };
        await transaction
          .insertInto('sync_facts')
          .values({ kind, origin, id: fact.id, ...changed })
          .onConflict(conflict => conflict.columns(['kind', 'origin', 'id']).doUpdateSet(changed))
          .execute();
      }
      await transaction
        .insertInto('sync_cursors')
        .values({ kind, origin, name, seq: last })
        .onConflict(conflict => conflict.columns(['kind', 'origin']).doUpdateSet({ name, seq: last }))
        .execute();
      return last;
    });
  }

  /** Lets an engine that was restored from a backup count from below again. What it told before stays as the past that it forgot. */
  async startOver(kind: FactKind, origin: string): Promise<void> {
    await this.#database.write<SyncTables, void>(async transaction => {
      await transaction
        .updateTable('sync_facts')
        .set({ seq: 0 })
        .where('kind', '=', kind)
        .where('origin', '=', origin)
        .execute();
      await transaction
        .updateTable('sync_cursors')
        .set({ seq: 0 })
        .where('kind', '=', kind)
        .where('origin', '=', origin)
        .execute();
    });
  }
}

function cursorIn(transaction: Transaction<SyncTables>, kind: FactKind, origin: string) {
  return transaction
    .selectFrom('sync_cursors')
    .select('seq')
    .where('kind', '=', kind)
    .where('origin', '=', origin)
    .executeTakeFirst();
}

function factFromRow({ id, seq, at, body }: FactRow): PeerFact {
  return { id, seq: Number(seq), at: Number(at), body: JSON.parse(body) as unknown };
}
