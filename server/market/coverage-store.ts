import type { Transaction } from 'kysely';
import type { Database } from '../platform/index.ts';
import { differenceOf, type IntervalSet, intersectionOf, unionOf } from './intervals.ts';
import type { MarketTables } from './market-tables.ts';

/** A stretch of time of a region and product; empty `instanceTypes` stand for all. */
export interface CoveredStretch {
  readonly region: string;
  readonly product: string;
  readonly instanceTypes: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Which time is wholly on disk. Written in the transaction of the rows that it vouches for. */
export class CoverageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a stretch; touching stretches of the same types become one row. */
  async addIn(transaction: Transaction<MarketTables>, stretch: CoveredStretch): Promise<void> {
    await this.#changeIn(transaction, stretch, before => unionOf([...before, stretch]));
  }

  /** Takes a stretch back that was added for the same types. */
  async removeIn(transaction: Transaction<MarketTables>, stretch: CoveredStretch): Promise<void> {
    await this.#changeIn(transaction, stretch, before => differenceOf(before, [stretch]));
  }

  /** What vouches for every one of these types; what a fill of some types covered says nothing about others. */
  async of(region: string, product: string, instanceTypes: readonly string[]): Promise<IntervalSet> {
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_coverage')
      .selectAll()
      .where('region', '=', region)
      .where('product', '=', product)
      .execute();
    const ofRows = (vouches: (typesKey: string) => boolean) =>
      unionOf(
        rows
          .filter(row => vouches(row.types_key))
          .map(row => ({ fromMs: Number(row.from_ms), toMs: Number(row.to_ms) })),
      );
    const [first, ...others] = instanceTypes.map(type =>
      ofRows(key => key === '' || key.includes(`,${type},`)),
    );
    if (!first) return ofRows(key => key === '');
    return others.reduce(intersectionOf, first);
  }

  /** Regions and products of which anything is covered, in order. */
  async covered(): Promise<{ region: string; product: string }[]> {
    return this.#database
      .reader<MarketTables>()
      .selectFrom('price_coverage')
      .select(['region', 'product'])
      .distinct()
      .orderBy('region')
      .orderBy('product')
      .execute();
  }

  async #changeIn(
    transaction: Transaction<MarketTables>,
    { region, product, instanceTypes }: CoveredStretch,
    change: (before: IntervalSet) => IntervalSet,
  ): Promise<void> {
    const typesKey = typesKeyOf(instanceTypes);
    const rows = await transaction
      .selectFrom('price_coverage')
      .select(['from_ms', 'to_ms'])
      .where('region', '=', region)
      .where('product', '=', product)
      .where('types_key', '=', typesKey)
      .execute();
    const before = unionOf(rows.map(row => ({ fromMs: Number(row.from_ms), toMs: Number(row.to_ms) })));
    await transaction
      .deleteFrom('price_coverage')
      .where('region', '=', region)
      .where('product', '=', product)
      .where('types_key', '=', typesKey)
      .execute();
    const after = change(before).map(({ fromMs, toMs }) => ({
      region,
      product,
      types_key: typesKey,
      from_ms: fromMs,
      to_ms: toMs,
    }));
    if (after.length > 0) await transaction.insertInto('price_coverage').values(after).execute();
  }
}

function typesKeyOf(instanceTypes: readonly string[]): string {
  return instanceTypes.length === 0 ? '' : `,${[...new Set(instanceTypes)].sort().join(',')},`;
}
