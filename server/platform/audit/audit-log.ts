import type { Kysely, Transaction } from 'kysely';
import type { AuditEntry } from '../../../common/contracts/index.ts';
import type { Clock } from '../clock.ts';
import type { Database, Migrations } from '../database/database.ts';
import {
  type BrokenEntry,
  ChainCheck,
  type ChainedEntry,
  type ChainSummary,
  hashOfEntry,
} from './audit-chain.ts';

interface AuditTables {
  audit: {
    seq: number;
    at: number;
    actor: string;
    action: string;
    subject: string;
    detail: string;
    hash: string;
  };
}

export const auditMigrations: Migrations = {
  '2026-11-23-audit': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('audit')
        .addColumn('seq', 'integer', column => column.primaryKey())
        .addColumn('at', 'bigint', column => column.notNull())
        .addColumn('actor', 'text', column => column.notNull())
        .addColumn('action', 'text', column => column.notNull())
        .addColumn('subject', 'text', column => column.notNull())
        .addColumn('detail', 'text', column => column.notNull())
        .addColumn('hash', 'text', column => column.notNull())
        .execute();
    },
  },
};

/** What is about to be done, by whom, to what. `detail` holds approval, before and after, and no secret. */
export interface AuditRecord {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
}

/** Which entries are asked for. */
export interface AuditQuery {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** A part of who it was, in upper or lower case. */
  readonly actor?: string | undefined;
  /** An action, or the beginning of some: `plan.*`. */
  readonly action?: string | undefined;
}

const ROWS_AT_ONCE = 1_000;

/** The log of everything that changes something. Each entry's hash covers the one before it. */
export class AuditLog {
  readonly #database: Pick<Database, 'reader' | 'write'>;
  readonly #clock: Clock;

  constructor(database: Pick<Database, 'reader' | 'write'>, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Writes an entry; resolves once it is on disk. Call it before the effect it tells of. */
  async record(entry: AuditRecord): Promise<void> {
    await this.#database.write<AuditTables, void>(transaction => this.recordIn(transaction, entry));
  }

  /** Writes an entry as part of a transaction, so that entry and effect are committed together. */
  async recordIn<Tables>(
    transaction: Transaction<Tables>,
    { actor, action, subject, detail }: AuditRecord,
  ): Promise<void> {
    const own = transaction as unknown as Transaction<AuditTables>;
    const last = await own
      .selectFrom('audit')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const row = {
      seq: (last?.seq ?? 0) + 1,
      at: this.#clock.now(),
      actor,
      action,
      subject,
      detail: JSON.stringify(detail ?? null),
    };
    await own
      .insertInto('audit')
      .values({ ...row, hash: hashOfEntry({ ...row, previous: last?.hash ?? '' }) })
      .execute();
  }

  /** Number of the last entry, 0 without one. */
  async lastSeq(): Promise<number> {
    const row = await this.#database
      .reader<AuditTables>()
      .selectFrom('audit')
      .select(({ fn }) => fn.max('seq').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  }

  /** Newest first; `beforeSeq` pages backwards. */
  async list(limit: number, beforeSeq?: number): Promise<AuditEntry[]> {
    let query = this.#database
      .reader<AuditTables>()
      .selectFrom('audit')
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(limit);
    if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
    const rows = await query.execute();
    return rows.map(row => ({ ...row, detail: JSON.parse(row.detail) as unknown }));
  }

  /** Oldest first, those that are asked for, read while they are taken. */
  async *entries(query: AuditQuery = {}): AsyncGenerator<ChainedEntry> {
    const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = query;
    let before = { seq: 0, hash: '' };
    for (;;) {
      const rows = await this.#database
        .reader<AuditTables>()
        .selectFrom('audit')
        .selectAll()
        .where('seq', '>', before.seq)
        .orderBy('seq')
        .limit(ROWS_AT_ONCE)
        .execute();
      for (const row of rows) {
        // By its number: the one before may be missing.
        const previous = row.seq === before.seq + 1 ? before.hash : '';
        before = row;
        if (row.at >= fromMs && row.at < toMs && isAsked(row, query)) yield { ...row, previous };
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }

  /** Recomputes the whole chain: what was looked at, and the first entry that was changed, removed or put in between. */
  async verify(): Promise<ChainSummary & { broken: BrokenEntry | undefined }> {
    const check = new ChainCheck(true);
    for await (const entry of this.entries()) {
      const broken = check.take(entry);
      if (broken) return { ...check.summary(), broken };
    }
    return { ...check.summary(), broken: undefined };
  }

  /** Whether `verify` finds nothing. */
  async isIntact(): Promise<boolean> {
    return (await this.verify()).broken === undefined;
  }
}

function isAsked({ actor, action }: AuditTables['audit'], query: AuditQuery): boolean {
  const isOf = query.actor === undefined || actor.toLowerCase().includes(query.actor.toLowerCase());
  if (!isOf || query.action === undefined) return isOf;
  return query.action.endsWith('*') ? action.startsWith(query.action.slice(0, -1)) : action === query.action;
}
