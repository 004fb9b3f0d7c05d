import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AuditEntry } from '../../../common/contracts/index.ts';
import type { Clock } from '../clock.ts';
import type { Database, Migrations } from '../database/database.ts';

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

/** The log of everything that changes something. Each entry's hash covers the one before it. */
export class AuditLog {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
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
      .values({ ...row, hash: chain(last?.hash ?? '', row) })
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

  /** Recomputes the chain. `false` when any entry was changed, removed or put in between. */
  async isIntact(): Promise<boolean> {
    const rows = await this.#database
      .reader<AuditTables>()
      .selectFrom('audit')
      .selectAll()
      .orderBy('seq')
      .execute();
    let previous = '';
    for (const [index, { hash, ...row }] of rows.entries()) {
      if (row.seq !== index + 1 || hash !== chain(previous, row)) return false;
      previous = hash;
    }
    return true;
  }
}

function chain(previous: string, row: Omit<AuditTables['audit'], 'hash'>): string {
  const text = JSON.stringify([previous, row.seq, row.at, row.actor, row.action, row.subject, row.detail]);
  return createHash('sha256').update(text).digest('hex');
}
