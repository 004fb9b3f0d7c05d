import type { Transaction } from 'kysely';
import type { MarketScope, PricePoint } from '../../common/contracts/index.ts';
import { MS_PER_SECOND, type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import { LONGEST_SILENCE_MS } from './step-function.ts';

/** One change record of a pool. */
export interface PriceRecord extends Pool {
  readonly atMs: number;
  readonly priceMicroUsdPerHour: number;
}

/** The records of a pool over a window, ascending in time, with the one in force at its start. */
export interface PriceSeries {
  readonly pool: Pool;
  readonly atMs: Float64Array;
  readonly priceMicroUsdPerHour: Float64Array;
}

/** SQLite takes 32,766 parameters in a statement. */
const ROWS_PER_INSERT = 5_000;

/** Pools and their change records. */
export class PriceStore {
  readonly #database: Database;
  /** Ids of pools by key: a pool never changes, and there are some thousands. */
  readonly #ids = new Map<PoolKey, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads the pools that are known; call it once before use. */
  async load(): Promise<void> {
    const rows = await this.#database.reader<MarketTables>().selectFrom('pools').selectAll().execute();
    for (const row of rows) this.#ids.set(poolKey(poolFromRow(row)), row.id);
  }

  /** Adds records; those on disk already stay as they are. Resolves once they are on disk, with how many were new. */
  async insert(records: readonly PriceRecord[]): Promise<number> {
    const fresh = new Map<PoolKey, number>();
    const added = await this.#database.write<MarketTables, number>(transaction =>
      this.#insertIn(transaction, records, fresh),
    );
    // Only now are their ids sure.
    for (const [key, id] of fresh) this.#ids.set(key, id);
    return added;
  }

  async #insertIn(
    transaction: Transaction<MarketTables>,
    records: readonly PriceRecord[],
    fresh: Map<PoolKey, number>,
  ): Promise<number> {
    const rows: MarketTables['spot_prices'][] = [];
    for (const record of records) {
      const key = poolKey(record);
      const id = this.#ids.get(key) ?? fresh.get(key) ?? (await this.#insertPool(transaction, record));
      if (!this.#ids.has(key)) fresh.set(key, id);
      rows.push({
        at_s: Math.floor(record.atMs / MS_PER_SECOND),
        pool_id: id,
        price_micro_usd: record.priceMicroUsdPerHour,
      });
    }
    let added = 0;
    for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
      const result = await transaction
        .insertInto('spot_prices')
        .values(rows.slice(start, start + ROWS_PER_INSERT))
        .onConflict(conflict => conflict.doNothing())
        .executeTakeFirst();
      added += Number(result.numInsertedOrUpdatedRows ?? 0);
    }
    return added;
  }

  /** Pools of a scope, in a fixed order. */
  async pools(scope: MarketScope): Promise<Pool[]> {
    let query = this.#database
      .reader<MarketTables>()
      .selectFrom('pools')
      .selectAll()
      .where('region', 'in', scope.regions)
      .orderBy('region')
      .orderBy('instance_type')
      .orderBy('availability_zone')
      .orderBy('product');
    if (scope.products.length > 0) query = query.where('product', 'in', scope.products);
    if (scope.instanceTypes.length > 0) query = query.where('instance_type', 'in', scope.instanceTypes);
    return (await query.execute()).map(poolFromRow);
  }

  /** The record in force at a moment; `undefined` when the pool was silent for too long to believe the last one. */
  async inForce(pool: Pool, atMs: number): Promise<PricePoint | undefined> {
    const id = await this.#idOf(pool);
    if (id === undefined) return undefined;
    const row = await this.#database
      .reader<MarketTables>()
      .selectFrom('spot_prices')
      .select(['at_s', 'price_micro_usd'])
      .where('at_s', '<=', Math.floor(atMs / MS_PER_SECOND))
      .where('at_s', '>=', Math.floor((atMs - LONGEST_SILENCE_MS) / MS_PER_SECOND))
      .where('pool_id', '=', id)
      .orderBy('at_s', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && { atMs: row.at_s * MS_PER_SECOND, priceMicroUsdPerHour: row.price_micro_usd };
  }

  /**
   * Records of many pools in `[fromMs, toMs)`, each with the one in force at `fromMs` where there is one.
   * One pass over the window: the key is by time.
   */
  async series(pools: readonly Pool[], fromMs: number, toMs: number): Promise<PriceSeries[]> {
    const ids = new Map<number, { pool: Pool; atS: number[]; price: number[] }>();
    for (const pool of pools) {
      const id = await this.#idOf(pool);
      if (id !== undefined) ids.set(id, { pool, atS: [], price: [] });
    }
    const fromS = Math.ceil(fromMs / MS_PER_SECOND);
    let query = this.#database
      .reader<MarketTables>()
      .selectFrom('spot_prices')
      .selectAll()
      .where('at_s', '>=', Math.floor((fromMs - LONGEST_SILENCE_MS) / MS_PER_SECOND))
      .where('at_s', '<', Math.ceil(toMs / MS_PER_SECOND))
      .orderBy('at_s');
    if (ids.size <= 500) query = query.where('pool_id', 'in', [...ids.keys()]);
    for (const { at_s, pool_id, price_micro_usd } of ids.size === 0 ? [] : await query.execute()) {
      const held = ids.get(pool_id);
      if (!held) continue;
      const lastIndex = held.atS.length - 1;
      // Before the window only the newest record counts: it is the one in force.
      const replaces = lastIndex === 0 && at_s <= fromS && (held.atS[0] ?? 0) < fromS;
      held.atS[replaces ? 0 : lastIndex + 1] = at_s;
      held.price[replaces ? 0 : lastIndex + 1] = price_micro_usd;
    }
    return [...ids.values()].map(({ pool, atS, price }) => ({
      pool,
      atMs: Float64Array.from(atS, second => second * MS_PER_SECOND),
      priceMicroUsdPerHour: Float64Array.from(price),
    }));
  }

  /** Last record and number of records of each pool of a region and product. */
  async lastPrices(
    region: string | undefined,
    product: string,
  ): Promise<{ pool: Pool; last: PricePoint; records: number }[]> {
    let query = this.#database
      .reader<MarketTables>()
      .selectFrom('pools')
      .innerJoin(
        eb =>
          eb
            .selectFrom('spot_prices')
            .select(({ fn }) => ['pool_id', fn.max('at_s').as('last_s'), fn.countAll<number>().as('records')])
            .groupBy('pool_id')
            .as('newest'),
        join => join.onRef('newest.pool_id', '=', 'pools.id'),
      )
      .innerJoin('spot_prices', join =>
        join.onRef('spot_prices.pool_id', '=', 'pools.id').onRef('spot_prices.at_s', '=', 'newest.last_s'),
      )
      .selectAll('pools')
      .select(['newest.last_s', 'newest.records', 'spot_prices.price_micro_usd'])
      .where('pools.product', '=', product)
      .orderBy('pools.instance_type')
      .orderBy('pools.availability_zone');
    if (region !== undefined) query = query.where('pools.region', '=', region);
    return (await query.execute()).map(row => ({
      pool: poolFromRow(row),
      last: { atMs: Number(row.last_s) * MS_PER_SECOND, priceMicroUsdPerHour: row.price_micro_usd },
      records: Number(row.records),
    }));
  }

  async countRecords(): Promise<number> {
    const row = await this.#database
      .reader<MarketTables>()
      .selectFrom('spot_prices')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  async countPools(region: string, product: string, instanceTypes: readonly string[]): Promise<number> {
    return (await this.pools({ regions: [region], products: [product], instanceTypes: [...instanceTypes] }))
      .length;
  }

  async #insertPool(transaction: Transaction<MarketTables>, pool: Pool): Promise<number> {
    const { region, availabilityZone, instanceType, product } = pool;
    const row = { region, availability_zone: availabilityZone, instance_type: instanceType, product };
    const { id } = await transaction
      .insertInto('pools')
      .values(row as MarketTables['pools'])
      // Another transaction that was undone may have left the cache behind; the row itself decides.
      .onConflict(conflict =>
        conflict.columns(['region', 'product', 'instance_type', 'availability_zone']).doUpdateSet({ region }),
      )
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async #idOf(pool: Pool): Promise<number | undefined> {
    const known = this.#ids.get(poolKey(pool));
    if (known !== undefined) return known;
    const row = await this.#database
      .reader<MarketTables>()
      .selectFrom('pools')
      .select('id')
      .where('region', '=', pool.region)
      .where('product', '=', pool.product)
      .where('instance_type', '=', pool.instanceType)
      .where('availability_zone', '=', pool.availabilityZone)
      .executeTakeFirst();
    if (row) this.#ids.set(poolKey(pool), row.id);
    return row?.id;
  }
}

function poolFromRow(row: MarketTables['pools']): Pool {
  return {
    region: row.region,
    availabilityZone: row.availability_zone,
    instanceType: row.instance_type,
    product: row.product,
  };
}
