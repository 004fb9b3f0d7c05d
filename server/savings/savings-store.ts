import { sql } from 'kysely';
import type { Database } from '../platform/index.ts';
import type { Accrual } from './accrue.ts';
import type { BookedInterval } from './booked-interval.ts';
import type { Counterfactual, LedgerEntry } from './ledger-entry.ts';
import type { SavingTables } from './saving-tables.ts';

/** A booked interval and whose it is. */
export interface EntryInterval extends BookedInterval {
  readonly entryId: string;
}

/** What one read takes into memory. */
const ROWS_AT_ONCE = 2_000;

/** Entries are never removed, and writes follow each other: the number grows with each change. */
const NEXT_CHANGE = sql<number>`(select coalesce(max(changed), 0) + 1 from saving_entries)`;

/** Every query on the ledger. */
export class SavingsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds an entry; `false` when its plan has one already. */
  async open(entry: LedgerEntry): Promise<boolean> {
    return this.#database.write<SavingTables, boolean>(async transaction => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('saving_entries')
        .values({
          id: entry.id,
          plan_id: entry.planId,
          started_at: entry.startedAt,
          ended_at: entry.endedAt,
          body: JSON.stringify(entry),
          changed: NEXT_CHANGE,
        })
        .onConflict(conflict => conflict.column('plan_id').doNothing())
        .executeTakeFirst();
      return Number(numInsertedOrUpdatedRows) === 1;
    });
  }

  /**
   * Saves entries with what they booked, in one commit. An interval that only goes on where the last one ended, at the
   * same prices, makes that one longer.
   */
  async save(accruals: readonly Accrual[]): Promise<void> {
    if (accruals.length === 0) return;
    await this.#database.write<SavingTables, void>(async transaction => {
      for (const { entry, interval } of accruals) {
        await transaction
          .updateTable('saving_entries')
          .set({ ended_at: entry.endedAt, body: JSON.stringify(entry), changed: NEXT_CHANGE })
          .where('id', '=', entry.id)
          .execute();
        if (!interval) continue;
        const {
          fromMs,
          toMs,
          counterfactualMicroUsdPerHour: counterfactual,
          actualMicroUsdPerHour: actual,
        } = interval;
        const { numUpdatedRows } = await transaction
          .updateTable('saving_intervals')
          .set({ to_ms: toMs })
          .where('entry_id', '=', entry.id)
          .where('to_ms', '=', fromMs)
          .where('counterfactual', '=', counterfactual)
          .where('actual', actual === null ? 'is' : '=', actual)
          .executeTakeFirst();
        if (Number(numUpdatedRows) > 0) continue;
        await transaction
          .insertInto('saving_intervals')
          .values({ entry_id: entry.id, from_ms: fromMs, to_ms: toMs, counterfactual, actual })
          .execute();
      }
    });
  }

  /** Keeps what a plan rests on; what was kept first stays. */
  async keepCounterfactual(planId: string, counterfactual: Counterfactual): Promise<void> {
    await this.#database.write<SavingTables, void>(async transaction => {
      await transaction
        .insertInto('saving_counterfactuals')
        .values({ plan_id: planId, body: JSON.stringify(counterfactual) })
        .onConflict(conflict => conflict.doNothing())
        .execute();
    });
  }

  async counterfactual(planId: string): Promise<Counterfactual | undefined> {
    const row = await this.#database
      .reader<SavingTables>()
      .selectFrom('saving_counterfactuals')
      .select('body')
      .where('plan_id', '=', planId)
      .executeTakeFirst();
    return row && (JSON.parse(row.body) as Counterfactual);
  }

  /** Forgets what a plan rests on: it is in its entry, or the plan was given up. */
  async dropCounterfactual(planId: string): Promise<void> {
    await this.#database.write<SavingTables, void>(async transaction => {
      await transaction.deleteFrom('saving_counterfactuals').where('plan_id', '=', planId).execute();
    });
  }

  /** All entries, newest first. */
  async entries(): Promise<LedgerEntry[]> {
    const rows = await this.#database
      .reader<SavingTables>()
      .selectFrom('saving_entries')
      .select('body')
      .orderBy('started_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(row => JSON.parse(row.body) as LedgerEntry);
  }

  /** Number of the last change; 0 where there is no entry. */
  async lastChange(): Promise<number> {
    const row = await this.#database
      .reader<SavingTables>()
      .selectFrom('saving_entries')
      .select(({ fn }) => fn.max('changed').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  }

  /** Ids of entries that changed after the change `after`, in the order of their last changes. */
  async changedEntries(after: number, limit: number): Promise<{ change: number; id: string }[]> {
    const rows = await this.#database
      .reader<SavingTables>()
      .selectFrom('saving_entries')
      .select(['changed', 'id'])
      .where('changed', '>', after)
      .orderBy('changed')
      .limit(limit)
      .execute();
    return rows.map(({ changed, id }) => ({ change: Number(changed), id }));
  }

  /** Intervals, of one entry or all, that reach into `[fromMs, toMs)`, by begin, then entry; read in parts. */
  async *intervals(fromMs: number, toMs: number, entryId?: string): AsyncGenerator<EntryInterval> {
    let after: { at: number; entry: string } | undefined;
    for (;;) {
      let query = this.#database
        .reader<SavingTables>()
        .selectFrom('saving_intervals')
        .selectAll()
        .where('to_ms', '>', fromMs)
        .where('from_ms', '<', toMs);
      if (entryId !== undefined) query = query.where('entry_id', '=', entryId);
      if (after !== undefined) {
        const { at, entry } = after;
        query = query.where(row =>
          row.or([row('from_ms', '>', at), row.and([row('from_ms', '=', at), row('entry_id', '>', entry)])]),
        );
      }
      const rows = await query.orderBy('from_ms').orderBy('entry_id').limit(ROWS_AT_ONCE).execute();
      for (const row of rows) {
        yield {
          entryId: row.entry_id,
          fromMs: row.from_ms,
          toMs: row.to_ms,
          counterfactualMicroUsdPerHour: row.counterfactual,
          actualMicroUsdPerHour: row.actual,
        };
      }
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return;
      after = { at: last.from_ms, entry: last.entry_id };
    }
  }

  /** The same, all at once. */
  async allIntervals(fromMs: number, toMs: number, entryId?: string): Promise<EntryInterval[]> {
    const all: EntryInterval[] = [];
    for await (const interval of this.intervals(fromMs, toMs, entryId)) all.push(interval);
    return all;
  }
}
