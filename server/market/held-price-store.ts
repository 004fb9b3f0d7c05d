import { CompiledQuery } from 'kysely';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { PoolStore } from './pool-store.ts';
import type { PriceRecord } from './price-batch.ts';
import { priceKey } from './price-key.ts';

const ROWS_PER_QUERY = 1_000;
const COLUMNS = 2;

/** A record whose price on disk is another one. */
export interface PriceConflict {
  readonly record: PriceRecord;
  readonly heldMicroUsdPerHour: number;
}

/** Compares records with those on disk of the same pool and time. */
export class HeldPriceStore {
  readonly #database: Database;
  readonly #pools: PoolStore;

  constructor(database: Database, pools: PoolStore) {
    this.#database = database;
    this.#pools = pools;
  }

  /** Those of some records, all of which are on disk, whose price there is another. */
  async conflictsWith(records: readonly PriceRecord[]): Promise<PriceConflict[]> {
    const conflicts: PriceConflict[] = [];
    for (let start = 0; start < records.length; start += ROWS_PER_QUERY) {
      const part = records.slice(start, start + ROWS_PER_QUERY);
      const values = part.flatMap((record, index) => [
        index,
        priceKey(this.#pools.idOf(record) ?? 0, Math.floor(record.atMs / MS_PER_SECOND)),
      ]);
      const text = joinText(this.#database.kind, part.length);
      const { rows } = await this.#database
        .reader<unknown>()
        .executeQuery<{ place: number; price_micro_usd: number }>(CompiledQuery.raw(text, values));
      for (const { place, price_micro_usd } of rows) {
        const record = part[Number(place)];
        if (record && record.priceMicroUsdPerHour !== price_micro_usd)
          conflicts.push({ record, heldMicroUsdPerHour: price_micro_usd });
      }
    }
    return conflicts;
  }
}

const joinTexts = new Map<string, string>();

/** Each key is looked up by itself: records of a file may lie anywhere in time. */
function joinText(kind: Database['kind'], rows: number): string {
  const key = `${kind} ${rows}`;
  const known = joinTexts.get(key);
  if (known !== undefined) return known;
  const place = (index: number) => (kind === 'sqlite' ? '?' : `$${index + 1}::bigint`);
  const values = Array.from(
    { length: rows },
    (_, row) =>
      `(${Array.from({ length: COLUMNS }, (_, column) => place(COLUMNS * row + column)).join(',')})`,
  );
  const text =
    `with asked (place, key) as (values ${values.join(',')}) ` +
    'select place, price_micro_usd from asked join spot_prices using (key)';
  joinTexts.set(key, text);
  return text;
}
