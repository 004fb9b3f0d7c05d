import type { Selectable, Transaction } from 'kysely';
import type { KillSwitch } from '../../../common/contracts/index.ts';
import type { Database } from '../../platform/index.ts';
import type { PolicyTables } from './policy-tables.ts';

type InTransaction = Transaction<PolicyTables>;

/** A revision as it is kept. `document` is of the shape that was valid when it was saved. */
export interface StoredRevision {
  readonly scope: string;
  readonly revision: number;
  readonly document: unknown;
  readonly savedAt: number;
  readonly savedBy: string;
  readonly note: string | null;
  readonly revertedFrom: number | null;
}

/** Every query on revisions of policies and on kill switches. Methods with a transaction belong to the caller's commit. */
export class PolicyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs `work` in one commit; resolves once it is on disk. */
  write<Result>(work: (transaction: InTransaction) => Promise<Result>): Promise<Result> {
    return this.#database.write<PolicyTables, Result>(work);
  }

  /** The last revisions of these scopes, or of all. */
  async last(scopes?: readonly string[]): Promise<StoredRevision[]> {
    let query = this.#reader
      .selectFrom('policy_revisions as one')
      .selectAll()
      .where(({ eb, selectFrom }) =>
        eb(
          'one.revision',
          '=',
          selectFrom('policy_revisions as other')
            .select(({ fn }) => fn.max('other.revision').as('last'))
            .whereRef('other.scope', '=', 'one.scope'),
        ),
      )
      .orderBy('one.scope');
    if (scopes) query = query.where('one.scope', 'in', [...scopes]);
    return (await query.execute()).map(revisionFromRow);
  }

  async lastIn(transaction: InTransaction, scope: string): Promise<StoredRevision | undefined> {
    const row = await transaction
      .selectFrom('policy_revisions')
      .selectAll()
      .where('scope', '=', scope)
      .orderBy('revision', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && revisionFromRow(row);
  }

  async revision(scope: string, revision: number): Promise<StoredRevision | undefined> {
    const row = await this.#reader
      .selectFrom('policy_revisions')
      .selectAll()
      .where('scope', '=', scope)
      .where('revision', '=', revision)
      .executeTakeFirst();
    return row && revisionFromRow(row);
  }

  /** Newest first. */
  async revisions(scope: string, limit: number, before?: number): Promise<StoredRevision[]> {
    let query = this.#reader
      .selectFrom('policy_revisions')
      .selectAll()
      .where('scope', '=', scope)
      .orderBy('revision', 'desc')
      .limit(limit);
    if (before !== undefined) query = query.where('revision', '<', before);
    return (await query.execute()).map(revisionFromRow);
  }

  /** @returns false when the scope has this revision already: somebody else was first */
  async insert(transaction: InTransaction, one: StoredRevision): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('policy_revisions')
      .values({
        scope: one.scope,
        revision: one.revision,
        document: one.document === null ? null : JSON.stringify(one.document),
        saved_at: one.savedAt,
        saved_by: one.savedBy,
        note: one.note,
        reverted_from: one.revertedFrom,
      })
      .onConflict(conflict => conflict.columns(['scope', 'revision']).doNothing())
      .executeTakeFirst();
    return Number(numInsertedOrUpdatedRows ?? 0) === 1;
  }

  /** Kill switches that were ever thrown. */
  async killSwitches(): Promise<KillSwitch[]> {
    const rows = await this.#reader.selectFrom('policy_kill_switches').selectAll().orderBy('scope').execute();
    return rows.map(({ is_on, at, ...row }) => ({ ...row, on: Number(is_on) === 1, at: Number(at) }));
  }

  async setKillSwitch(
    transaction: InTransaction,
    one: { scope: string; on: boolean; at: number; by: string; reason: string },
  ): Promise<void> {
    const { scope, on, ...rest } = one;
    const changed = { is_on: on ? 1 : 0, ...rest };
    await transaction
      .insertInto('policy_kill_switches')
      .values({ scope, ...changed })
      .onConflict(conflict => conflict.column('scope').doUpdateSet(changed))
      .execute();
  }

  get #reader() {
    return this.#database.reader<PolicyTables>();
  }
}

function revisionFromRow(row: Selectable<PolicyTables['policy_revisions']>): StoredRevision {
  return {
    scope: row.scope,
    revision: Number(row.revision),
    document: row.document === null ? null : (JSON.parse(row.document) as unknown),
    savedAt: Number(row.saved_at),
    savedBy: row.saved_by,
    note: row.note,
    revertedFrom: row.reverted_from === null ? null : Number(row.reverted_from),
  };
}
