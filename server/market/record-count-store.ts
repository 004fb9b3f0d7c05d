import { setImmediate as turn } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import { keysOf, startOfStretch } from './price-key.ts';

/** Counted by one statement, some ten milliseconds long: most of its time goes to the pools, however many these are. */
const STRETCHES_AT_ONCE = 8;

/** How many records a pool has, and when the last one is. */
export interface PoolStatistics {
  readonly records: number;
  readonly lastAtMs: number;
}

/**
 * Counts of records, by pool and in all, without a scan of all records: the record count of each stretch of time is
 * kept in the transaction of the rows, and stretches that changed are counted by pool when somebody asks. A stretch
 * whose count by pool is part of the pools' totals is `is_counted`; before its rows change, it is taken out again.
 */
export class RecordCountStore {
  readonly #database: Database;
  #counting: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Call it before rows of these stretches change, in the same transaction. */
  async openIn(transaction: Transaction<MarketTables>, stretches: readonly number[]): Promise<void> {
    const counted = await transaction
      .selectFrom('price_stretches')
      .select('stretch')
      .where('stretch', 'in', stretches)
      .where('is_counted', '=', 1)
      .execute();
    for (const { stretch } of counted) await this.#moveIn(transaction, stretch, stretch, -1);
  }

  /** Tells how many records more some stretches have. They are open then. */
  async addIn(transaction: Transaction<MarketTables>, changes: ReadonlyMap<number, number>): Promise<void> {
    if (changes.size === 0) return;
    await transaction
      .insertInto('price_stretches')
      .values([...changes].map(([stretch, records]) => ({ stretch, records, is_counted: 0 })))
      .onConflict(conflict =>
        conflict.column('stretch').doUpdateSet({ records: sql`price_stretches.records + excluded.records` }),
      )
      .execute();
  }

  /** Forgets open stretches that have no rows any more. Returns how many records they had as far as it was told. */
  async dropIn(transaction: Transaction<MarketTables>, stretches: readonly number[]): Promise<number> {
    const dropped = await transaction
      .deleteFrom('price_stretches')
      .where('stretch', 'in', stretches)
      .returning('records')
      .execute();
    return dropped.reduce((sum, { records }) => sum + records, 0);
  }

  /** Statistics by number of the pool; pools without records are left out. Counts what changed since the last call. */
  async byPool(): Promise<ReadonlyMap<number, PoolStatistics>> {
    this.#counting ??= this.#countOpen().finally(() => {
      this.#counting = undefined;
    });
    await this.#counting;
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('pools')
      .select(['id', 'records', 'last_s'])
      .where('records', '>', 0)
      .execute();
    return new Map(
      rows.map(({ id, records, last_s }) => [id, { records, lastAtMs: last_s * MS_PER_SECOND }]),
    );
  }

  /** All records there are. */
  async total(): Promise<number> {
    const { total } = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_stretches')
      .select(({ fn }) => fn.sum('records').as('total'))
      .executeTakeFirstOrThrow();
    return Number(total ?? 0);
  }

  /** Stretches that hold records, ascending. */
  async stretches(): Promise<number[]> {
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_stretches')
      .select('stretch')
      .orderBy('stretch')
      .execute();
    return rows.map(({ stretch }) => stretch);
  }

  async #countOpen(): Promise<void> {
    const open = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_stretches')
      .select('stretch')
      .where('is_counted', '=', 0)
      .orderBy('stretch')
      .execute();
    for (let start = 0; start < open.length; ) {
      let end = start + 1;
      while (end - start < STRETCHES_AT_ONCE && open[end]?.stretch === (open[end - 1]?.stretch ?? 0) + 1)
        end++;
      const [first, last] = [open[start]?.stretch ?? 0, open[end - 1]?.stretch ?? 0];
      await this.#database.write<MarketTables, void>(transaction =>
        this.#moveIn(transaction, first, last, 1),
      );
      start = end;
      await turn();
    }
  }

  /**
   * Puts the records of the stretches from `first` to `last` into the totals of their pools (1), or takes them out (−1).
   * Does nothing when one of them is there already: the next count finds what is left.
   */
  async #moveIn(
    transaction: Transaction<MarketTables>,
    first: number,
    last: number,
    sign: 1 | -1,
  ): Promise<void> {
    const isCounted = sign === 1 ? 1 : 0;
    const { wrong } = await transaction
      .selectFrom('price_stretches')
      .select(({ fn }) => fn.countAll().as('wrong'))
      .where('stretch', '>=', first)
      .where('stretch', '<=', last)
      .where('is_counted', '=', isCounted)
      .executeTakeFirstOrThrow();
    if (Number(wrong) > 0) return;
    await transaction
      .updateTable('price_stretches')
      .set({ is_counted: isCounted })
      .where('stretch', '>=', first)
      .where('stretch', '<=', last)
      .execute();
    const { low } = keysOf(first);
    const { high } = keysOf(last);
    // SQLite is given every number as floating point, which would divide with a remainder.
    const whole = (number: number) => sql`cast(${number} as bigint)`;
    const [perPool, perStretch] = [whole(keysOf(0, 1).low), whole(keysOf(1).low)];
    const seconds = whole(startOfStretch(1));
    // `poolOfKey` and `secondOfKey`, where the rows are.
    await sql`
      update pools set
        records = pools.records + ${sign} * counted.records,
        last_s = case when counted.last_s > pools.last_s then counted.last_s else pools.last_s end
      from (
        select (key % ${perStretch}) / ${perPool} as pool_id, count(*) as records,
          max((key / ${perStretch}) * ${seconds} + key % ${perPool}) as last_s
        from spot_prices where key >= ${low} and key < ${high} group by 1
      ) as counted
      where pools.id = counted.pool_id`.execute(transaction);
  }
}
