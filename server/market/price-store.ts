import { setImmediate as turn } from 'node:timers/promises';
import { CompiledQuery, type Transaction } from 'kysely';
import type { PricePoint } from '../../common/contracts/index.ts';
import { MS_PER_SECOND, type Pool, type PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { MarketTables } from './market-tables.ts';
import type { PoolStore } from './pool-store.ts';

/** One change record of a pool. */
export interface PriceRecord extends Pool {
  /** Whole seconds, in ms. */
  readonly atMs: number;
  readonly priceMicroUsdPerHour: number;
}

/** The records of a pool over a window, ascending in time, with the one in force at its start. */
export interface PriceSeries {
  readonly pool: Pool;
  readonly atMs: Float64Array;
  readonly priceMicroUsdPerHour: Float64Array;
}

/** How many records a pool has, and when the last one is. */
export interface PoolStatistics {
  readonly records: number;
  readonly lastAtMs: number;
}

const SECONDS_PER_DAY = 86_400;
/** A page of EC2 in one statement; databases take at least 32,766 parameters. */
const ROWS_PER_INSERT = 1_000;
const COLUMNS = 4;
/** Days read by one query, so that a long window does not hold up the event loop. */
const DAYS_PER_QUERY = 16;

/** Change records. */
export class PriceStore {
  readonly #database: Database;
  readonly #pools: PoolStore;
  #statistics: { readonly revision: number; readonly byId: Promise<Map<number, PoolStatistics>> } | undefined;
  #revision = 0;

  constructor(database: Database, pools: PoolStore) {
    this.#database = database;
    this.#pools = pools;
  }

  /**
   * Adds records in one transaction with whatever `also` writes; records on disk already stay as they are.
   * Resolves after the commit with how many were new.
   */
  async insert(
    records: readonly PriceRecord[],
    also?: (transaction: Transaction<MarketTables>, newRows: number) => Promise<void>,
  ): Promise<number> {
    const added = new Map<PoolKey, number>();
    const newRows = await this.#database.write<MarketTables, number>(async transaction => {
      const ids = await this.#pools.idsIn(transaction, records, added);
      const inserted = await this.#insertRows(transaction, records, ids);
      await also?.(transaction, inserted);
      return inserted;
    });
    this.#pools.remember(added);
    if (newRows > 0) this.#revision++;
    return newRows;
  }

  /** The last record at or before a moment, however old; `undefined` when there is none. */
  async lastAt(pool: Pool, atMs: number): Promise<PricePoint | undefined> {
    const id = this.#pools.idOf(pool);
    if (id === undefined) return undefined;
    return (await this.#lastOf([id], Math.floor(atMs / MS_PER_SECOND))).get(id);
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
    const lastDay = dayOf(toS - 1);
    for (let day = dayOf(fromS); day <= lastDay; day += DAYS_PER_QUERY) {
      const days = daysBetween(day, Math.min(lastDay, day + DAYS_PER_QUERY - 1));
      for (const row of await this.#rows(ids, days)) {
        if (row.at_s <= fromS || row.at_s >= toS) continue;
        const series = held.get(row.pool_id);
        series?.atMs.push(row.at_s * MS_PER_SECOND);
        series?.price.push(row.price_micro_usd);
      }
      await turn();
    }
    return [...held.values()].map(({ pool, atMs, price }) => ({
      pool,
      atMs: Float64Array.from(atMs),
      priceMicroUsdPerHour: Float64Array.from(price),
    }));
  }

  /** Last records of the pools with these numbers. */
  async lastOf(ids: readonly number[], atMs: number): Promise<ReadonlyMap<number, PricePoint>> {
    return this.#lastOf(ids, Math.floor(atMs / MS_PER_SECOND));
  }

  /** Statistics by number of the pool; kept until something is added. */
  statistics(): Promise<ReadonlyMap<number, PoolStatistics>> {
    if (this.#statistics?.revision !== this.#revision) {
      this.#statistics = { revision: this.#revision, byId: this.#countByPool() };
    }
    return this.#statistics.byId;
  }

  /** All records there are. */
  async countRecords(): Promise<number> {
    const { count } = await this.#database
      .reader<MarketTables>()
      .selectFrom('spot_prices')
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async #insertRows(
    transaction: Transaction<MarketTables>,
    records: readonly PriceRecord[],
    ids: readonly number[],
  ): Promise<number> {
    const values: number[] = [];
    for (const [index, { atMs, priceMicroUsdPerHour }] of records.entries()) {
      const id = ids[index];
      if (id === undefined)
        throw new RangeError(`${ids.length} numbers were given for ${records.length} records.`);
      const atS = Math.floor(atMs / MS_PER_SECOND);
      values.push(dayOf(atS), id, atS, priceMicroUsdPerHour);
    }
    let newRows = 0;
    const width = COLUMNS * ROWS_PER_INSERT;
    for (let start = 0; start < values.length; start += width) {
      const part = values.slice(start, start + width);
      const text = insertText(this.#database.kind, part.length / COLUMNS);
      const result = await transaction.executeQuery(CompiledQuery.raw(text, part));
      newRows += Number(result.numAffectedRows ?? 0);
    }
    return newRows;
  }

  /** The newest record of each pool at or before `atS`: nearly all pools have one in the last two days. */
  async #lastOf(ids: readonly number[], atS: number): Promise<Map<number, PricePoint>> {
    const found = new Map<number, PricePoint>();
    let missing = ids;
    let newest = dayOf(atS);
    const oldest = missing.length === 0 ? newest + 1 : await this.#firstDay();
    for (let length = 2; missing.length > 0 && newest >= oldest; length = DAYS_PER_QUERY) {
      const days = daysBetween(Math.max(oldest, newest - length + 1), newest);
      for (const row of await this.#rows(missing, days)) {
        if (row.at_s > atS) continue;
        const point = { atMs: row.at_s * MS_PER_SECOND, priceMicroUsdPerHour: row.price_micro_usd };
        found.set(row.pool_id, point);
      }
      missing = missing.filter(id => !found.has(id));
      newest -= length;
    }
    return found;
  }

  /** Rows of some pools on some days, ascending in time for each pool. */
  async #rows(
    ids: readonly number[],
    days: readonly number[],
  ): Promise<Omit<MarketTables['spot_prices'], 'day'>[]> {
    if (ids.length === 0 || days.length === 0) return [];
    return this.#database
      .reader<MarketTables>()
      .selectFrom('spot_prices')
      .select(['pool_id', 'at_s', 'price_micro_usd'])
      .where('day', 'in', days)
      .where('pool_id', 'in', ids)
      .orderBy('day')
      .orderBy('pool_id')
      .orderBy('at_s')
      .execute();
  }

  async #firstDay(): Promise<number> {
    const row = await this.#database
      .reader<MarketTables>()
      .selectFrom('spot_prices')
      .select('day')
      .orderBy('day')
      .limit(1)
      .executeTakeFirst();
    return row?.day ?? Number.POSITIVE_INFINITY;
  }

  async #countByPool(): Promise<Map<number, PoolStatistics>> {
    const reader = this.#database.reader<MarketTables>();
    const byId = new Map<number, PoolStatistics>();
    const newest = await reader
      .selectFrom('spot_prices')
      .select('day')
      .orderBy('day', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!newest) return byId;
    for (let day = await this.#firstDay(); day <= newest.day; day += DAYS_PER_QUERY) {
      const rows = await reader
        .selectFrom('spot_prices')
        .select(({ fn }) => ['pool_id', fn.countAll().as('records'), fn.max('at_s').as('last_s')])
        .where('day', '>=', day)
        .where('day', '<', day + DAYS_PER_QUERY)
        .groupBy('pool_id')
        .execute();
      for (const row of rows) {
        const records = (byId.get(row.pool_id)?.records ?? 0) + Number(row.records);
        byId.set(row.pool_id, { records, lastAtMs: row.last_s * MS_PER_SECOND });
      }
      await turn();
    }
    return byId;
  }
}

function dayOf(second: number): number {
  return Math.floor(second / SECONDS_PER_DAY);
}

function daysBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

const insertTexts = new Map<string, string>();

/** Written once for each number of rows: building the statement anew costs more than running it. */
function insertText(kind: Database['kind'], rows: number): string {
  const key = `${kind} ${rows}`;
  const known = insertTexts.get(key);
  if (known !== undefined) return known;
  const place = (index: number) => (kind === 'sqlite' ? '?' : `$${index + 1}`);
  const values = Array.from(
    { length: rows },
    (_, row) =>
      `(${Array.from({ length: COLUMNS }, (_, column) => place(COLUMNS * row + column)).join(',')})`,
  );
  const text = `insert into spot_prices (day, pool_id, at_s, price_micro_usd) values ${values.join(',')} on conflict do nothing`;
  insertTexts.set(key, text);
  return text;
}
