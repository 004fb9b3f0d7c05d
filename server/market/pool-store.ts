import type { Insertable, Selectable, Transaction } from 'kysely';
import type { MarketScope } from '../../common/contracts/index.ts';
import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';

const ROWS_PER_INSERT = 500;

/** Pools by number. A pool is never changed or removed, so that numbers are kept in memory. */
export class PoolStore {
  readonly #database: Database;
  readonly #ids = new Map<PoolKey, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads the pools that are known; call it once before use. */
  async load(): Promise<void> {
    const rows = await this.#database.reader<MarketTables>().selectFrom('pools').selectAll().execute();
    for (const row of rows) this.#ids.set(poolKey(poolFromRow(row)), row.id);
  }

  /** The number of a pool; `undefined` when no price of it was ever stored. */
  idOf(pool: Pool): number | undefined {
    return this.#ids.get(poolKey(pool));
  }

  /**
   * The number of each pool, in the same order. Pools that have none yet get one as part of the transaction and are put
   * into `added`: give that to `remember` once it is committed.
   */
  async idsIn(
    transaction: Transaction<MarketTables>,
    pools: readonly Pool[],
    added: Map<PoolKey, number>,
  ): Promise<number[]> {
    const unknown = new Map<PoolKey, Pool>();
    for (const pool of pools) {
      const key = poolKey(pool);
      if (!this.#ids.has(key) && !added.has(key)) unknown.set(key, pool);
    }
    const fresh = [...unknown.values()];
    for (let start = 0; start < fresh.length; start += ROWS_PER_INSERT) {
      for (const row of await this.#insertIn(transaction, fresh.slice(start, start + ROWS_PER_INSERT)))
        added.set(poolKey(poolFromRow(row)), row.id);
    }
    return pools.map(pool => {
      const key = poolKey(pool);
      const id = this.#ids.get(key) ?? added.get(key);
      if (id === undefined) throw new Error(`The pool ${key} was not inserted.`);
      return id;
    });
  }

  /** Keeps numbers that are on disk now. */
  remember(added: ReadonlyMap<PoolKey, number>): void {
    for (const [key, id] of added) this.#ids.set(key, id);
  }

  /** Pools of a scope with their numbers, in a fixed order. */
  async list(scope: Partial<MarketScope>): Promise<{ id: number; pool: Pool }[]> {
    const { regions = [], products = [], instanceTypes = [] } = scope;
    let query = this.#database
      .reader<MarketTables>()
      .selectFrom('pools')
      .selectAll()
      .orderBy('region')
      .orderBy('instance_type')
      .orderBy('availability_zone')
      .orderBy('product');
    if (regions.length > 0) query = query.where('region', 'in', regions);
    if (products.length > 0) query = query.where('product', 'in', products);
    if (instanceTypes.length > 0) query = query.where('instance_type', 'in', instanceTypes);
    return (await query.execute()).map(row => ({ id: row.id, pool: poolFromRow(row) }));
  }

  #insertIn(
    transaction: Transaction<MarketTables>,
    pools: readonly Pool[],
  ): Promise<Selectable<MarketTables['pools']>[]> {
    const rows = pools.map(({ region, availabilityZone, instanceType, product }) => ({
      region,
      availability_zone: availabilityZone,
      instance_type: instanceType,
      product,
    }));
    return (
      transaction
        .insertInto('pools')
        .values(rows as Insertable<MarketTables['pools']>[])
        // Works that share a commit do not see each other's memory; the row itself decides.
        .onConflict(conflict =>
          conflict
            .columns(['region', 'product', 'instance_type', 'availability_zone'])
            .doUpdateSet(row => ({ region: row.ref('excluded.region') })),
        )
        .returningAll()
        .execute()
    );
  }
}

function poolFromRow(row: Selectable<MarketTables['pools']>): Pool {
  return {
    region: row.region,
    availabilityZone: row.availability_zone,
    instanceType: row.instance_type,
    product: row.product,
  };
}
