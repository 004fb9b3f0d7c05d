import { setImmediate as turn } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { PricePoint } from '../../common/contracts/index.ts';
import { MS_PER_SECOND, type Pool, type PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import type { PoolStore } from './pool-store.ts';
import { batchOf, type PriceBatch, type PriceRecord } from './price-batch.ts';
import { keysOf, poolOfKey, priceKey, secondOfKey, stretchOf } from './price-key.ts';
import { PricePartitions } from './price-partitions.ts';
import { readPriceRows, stretchesBetween } from './price-rows.ts';
import { type PriceTable, priceTableOf, type RowsByStretch } from './price-table.ts';
import { RecordCountStore } from './record-count-store.ts';

/** The records of a pool over a window, ascending in time, with the one in force at its start. */
export interface PriceSeries {
  readonly pool: Pool;
  readonly atMs: Float64Array;
  readonly priceMicroUsdPerHour: Float64Array;
}

/** Read by one query, so that a long window does not hold up the event loop: a fortnight. */
const STRETCHES_PER_QUERY = 36;
/** A transaction deletes this much and no more, so that others wait for milliseconds. */
const ROWS_PER_DELETE = 5_000;
/** Nearly all pools have a record in the last two days. */
const FIRST_LOOK_BACK = 6;

/** Change records. */
export class PriceStore {
  readonly counts: RecordCountStore;
  readonly partitions: PricePartitions;
  readonly #database: Database;
  readonly #pools: PoolStore;
  readonly #table: PriceTable;
  /** Numbers of pools by their place in a list that many batches share. */
  readonly #numbers = new WeakMap<readonly Pool[], (number | undefined)[]>();

  constructor(database: Database, pools: PoolStore) {
    this.#database = database;
    this.#pools = pools;
    this.counts = new RecordCountStore(database);
    this.partitions = new PricePartitions(database);
    this.#table = priceTableOf(database.kind);
  }

  /** As `insertBatch`, for records one by one. */
  insert(
    records: readonly PriceRecord[],
    also?: (transaction: Transaction<MarketTables>, newRows: number) => Promise<void>,
  ): Promise<number> {
    return this.insertBatch(batchOf(records), also);
  }

  /**
   * Adds records in one transaction with whatever `also` writes; records on disk already stay as they are.
   * Resolves after the commit with how many were new.
   */
  async insertBatch(
    batch: PriceBatch,
    also?: (transaction: Transaction<MarketTables>, newRows: number) => Promise<void>,
  ): Promise<number> {
    const added = new Map<PoolKey, number>();
    const numbers = this.#numbers.get(batch.pools) ?? [];
    const found = new Map<number, number>();
    let opened = new Set<number>();
    const newRows = await this.#database.write<MarketTables, number>(async transaction => {
      // Of a try that was undone.
      added.clear();
      found.clear();
      const places = [...new Set(batch.poolOf)].filter(place => numbers[place] === undefined);
      const unknown = places.map(place => poolAt(batch, place));
      const ids = await this.#pools.idsIn(transaction, unknown, added);
      for (const [index, place] of places.entries()) found.set(place, ids[index] ?? 0);
      const rows = rowsByStretch(batch, place => numbers[place] ?? found.get(place) ?? 0);
      opened = await this.partitions.openIn(transaction, rows.keys());
      const inserted = await this.#insertIn(transaction, rows);
      await also?.(transaction, inserted);
      return inserted;
    });
    this.#pools.remember(added);
    this.partitions.remember(opened);
    for (const [place, id] of found) numbers[place] = id;
    this.#numbers.set(batch.pools, numbers);
    return newRows;
  }

  /** The last record at or before a moment, however old; `undefined` when there is none. */
  async lastAt(pool: Pool, atMs: number): Promise<PricePoint | undefined> {
    const id = this.#pools.idOf(pool);
    if (id === undefined) return undefined;
    return (await this.#lastOf([id], Math.floor(atMs / MS_PER_SECOND))).get(id);
  }

  /** The newest record of each pool in the `withinMs` before a moment. Pools without one are left out. */
  async believedAt(
    ids: readonly number[],
    atMs: number,
    withinMs: number,
  ): Promise<ReadonlyMap<number, PricePoint>> {
    const atS = Math.floor(atMs / MS_PER_SECOND);
    const fromS = Math.ceil((atMs - withinMs) / MS_PER_SECOND);
    const found = await this.#lastWithin(ids, stretchesBetween(stretchOf(fromS), stretchOf(atS)), atS);
    for (const [id, { atMs: lastMs }] of found) if (lastMs < fromS * MS_PER_SECOND) found.delete(id);
    return found;
  }

  /** Records of many pools in `[fromMs, toMs)`, each with the one in force at `fromMs` where there is one. */
  async series(pools: readonly Pool[], fromMs: number, toMs: number): Promise<PriceSeries[]> {
    const held = new Map<number, { pool: Pool; atMs: number[]; price: number[] }>();
    for (const pool of pools) {
      const id = this.#pools.idOf(pool);
      if (id !== undefined) held.set(id, { pool, atMs: [], price: [] });
    }
    const ids = [...held.keys()];
    const fromS = Math.floor(fromMs / MS_PER_SECOND);
    const toS = Math.ceil(toMs / MS_PER_SECOND);
    for (const [id, { atMs, priceMicroUsdPerHour }] of await this.#lastOf(ids, fromS)) {
      held.get(id)?.atMs.push(atMs);
      held.get(id)?.price.push(priceMicroUsdPerHour);
    }
    const last = stretchOf(toS - 1);
    for (let first = stretchOf(fromS); first <= last; first += STRETCHES_PER_QUERY) {
      const stretches = stretchesBetween(first, Math.min(last, first + STRETCHES_PER_QUERY - 1));
      for (const { key, price_micro_usd } of await readPriceRows(this.#database, ids, stretches)) {
        const atS = secondOfKey(key);
        if (atS <= fromS || atS >= toS) continue;
        const series = held.get(poolOfKey(key));
        series?.atMs.push(atS * MS_PER_SECOND);
        series?.price.push(price_micro_usd);
      }
      await turn();
    }
    return [...held.values()].map(({ pool, atMs, price }) => ({
      pool,
      atMs: Float64Array.from(atMs),
      priceMicroUsdPerHour: Float64Array.from(price),
    }));
  }

  /** The prices of records that are known by pool number and time. */
  async pricesAt(records: readonly { id: number; atMs: number }[]): Promise<ReadonlyMap<number, PricePoint>> {
    const found = new Map<number, PricePoint>();
    const keys = records.map(({ id, atMs }) => priceKey(id, atMs / MS_PER_SECOND));
    for (let start = 0; start < keys.length; start += 1_000) {
      const rows = await this.#database
        .reader<MarketTables>()
        .selectFrom('spot_prices')
        .selectAll()
        .where('key', 'in', keys.slice(start, start + 1_000))
        .execute();
      for (const { key, price_micro_usd } of rows)
        found.set(poolOfKey(key), {
          atMs: secondOfKey(key) * MS_PER_SECOND,
          priceMicroUsdPerHour: price_micro_usd,
        });
    }
    return found;
  }

  /** Drops all rows of some stretches, in parts between which others may run. Resolves with how many there were. */
  async drop(stretches: readonly number[]): Promise<number> {
    let total = 0;
    for (const group of this.partitions.groupsOf(stretches)) {
      total +=
        this.#database.kind === 'postgres' ? await this.#dropPartition(group) : await this.#delete(group);
      await turn();
    }
    return total;
  }

  /** Bytes on disk for each record, everything included; `null` while there are none. */
  bytesPerRecord(): Promise<number | null> {
    return this.#table.bytesPerRecord(this.#database.reader<MarketTables>());
  }

  async #insertIn(transaction: Transaction<MarketTables>, byStretch: RowsByStretch): Promise<number> {
    if (byStretch.size === 0) return 0;
    await this.counts.openIn(transaction, [...byStretch.keys()]);
    const added = await this.#table.insertIn(transaction, byStretch);
    await this.counts.addIn(transaction, added);
    return [...added.values()].reduce((sum, records) => sum + records, 0);
  }

  async #delete(stretches: readonly number[]): Promise<number> {
    let total = 0;
    for (const stretch of stretches) {
      for (let deleted = ROWS_PER_DELETE; deleted === ROWS_PER_DELETE; ) {
        deleted = await this.#deleteSome(stretch, ROWS_PER_DELETE);
        total += deleted;
        await turn();
      }
    }
    return total;
  }

  #deleteSome(stretch: number, count: number): Promise<number> {
    const { low, high } = keysOf(stretch);
    return this.#database.write<MarketTables, number>(async transaction => {
      await this.counts.openIn(transaction, [stretch]);
      const { numDeletedRows } = await transaction
        .deleteFrom('spot_prices')
        .where('key', 'in', query =>
          query
            .selectFrom('spot_prices')
            .select('key')
            .where('key', '>=', low)
            .where('key', '<', high)
            .limit(count),
        )
        .executeTakeFirst();
      const deleted = Number(numDeletedRows);
      if (deleted > 0) await this.counts.addIn(transaction, new Map([[stretch, -deleted]]));
      if (deleted < count) await this.counts.dropIn(transaction, [stretch]);
      return deleted;
    });
  }

  async #dropPartition(stretches: readonly number[]): Promise<number> {
    const [first = 0] = stretches;
    const dropped = await this.#database.write<MarketTables, number>(async transaction => {
      await this.counts.openIn(transaction, stretches);
      await this.partitions.dropIn(transaction, first);
      return this.counts.dropIn(transaction, stretches);
    });
    this.partitions.forget(first);
    return dropped;
  }

  /** The newest record of each pool at or before `atS`. */
  async #lastOf(ids: readonly number[], atS: number): Promise<Map<number, PricePoint>> {
    const found = new Map<number, PricePoint>();
    let missing = ids;
    const known =
      missing.length === 0 ? [] : (await this.counts.stretches()).filter(one => one <= stretchOf(atS));
    for (let length = FIRST_LOOK_BACK; missing.length > 0 && known.length > 0; length = STRETCHES_PER_QUERY) {
      for (const [id, point] of await this.#lastWithin(missing, known.splice(-length), atS))
        found.set(id, point);
      missing = missing.filter(id => !found.has(id));
      await turn();
    }
    return found;
  }

  async #lastWithin(
    ids: readonly number[],
    stretches: readonly number[],
    atS: number,
  ): Promise<Map<number, PricePoint>> {
    const found = new Map<number, PricePoint>();
    for (const { key, price_micro_usd } of await readPriceRows(this.#database, ids, stretches)) {
      if (secondOfKey(key) > atS) continue;
      const atMs = secondOfKey(key) * MS_PER_SECOND;
      found.set(poolOfKey(key), { atMs, priceMicroUsdPerHour: price_micro_usd });
    }
    return found;
  }
}

function poolAt({ pools }: PriceBatch, place: number): Pool {
  const pool = pools[place];
  if (!pool) throw new RangeError(`The batch names pool ${place} of ${pools.length}.`);
  return pool;
}

function rowsByStretch(
  { poolOf, atMs, priceMicroUsdPerHour }: PriceBatch,
  numberOf: (place: number) => number,
): RowsByStretch {
  const byStretch = new Map<number, number[]>();
  for (let index = 0; index < poolOf.length; index++) {
    const atS = Math.floor((atMs[index] ?? 0) / MS_PER_SECOND);
    const stretch = stretchOf(atS);
    const values = byStretch.get(stretch) ?? [];
    if (values.length === 0) byStretch.set(stretch, values);
    values.push(priceKey(numberOf(poolOf[index] ?? 0), atS), priceMicroUsdPerHour[index] ?? 0);
  }
  return byStretch;
}
