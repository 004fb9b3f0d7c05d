import type { Transaction } from 'kysely';
import type { Database } from '../platform/index.ts';
import type { CoveredTypes } from './gap.ts';
import { differenceOf, type IntervalSet, intersectionOf, unionOf } from './intervals.ts';
import type { MarketTables } from './market-tables.ts';

type CoverageRow = MarketTables['price_coverage'];

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

  /** Takes back everything before a moment. */
  async dropBeforeIn(transaction: Transaction<MarketTables>, ms: number): Promise<void> {
    await transaction.deleteFrom('price_coverage').where('to_ms', '<=', ms).execute();
    await transaction.updateTable('price_coverage').set({ from_ms: ms }).where('from_ms', '<', ms).execute();
  }

  /** What vouches for every one of these types; what a fill of some types covered says nothing about others. */
  async of(region: string, product: string, instanceTypes: readonly string[]): Promise<IntervalSet> {
    const rows = await this.#rows(region, product);
    const [first, ...others] = instanceTypes.map(type => unionOfRows(rows, type));
    if (!first) return unionOfRows(rows, undefined);
    return others.reduce(intersectionOf, first);
  }

  /** As `of`, type by type: types with the same time come as one group. An empty list gives one group for all types. */
  async byTypes(region: string, product: string, instanceTypes: readonly string[]): Promise<CoveredTypes[]> {
    if (instanceTypes.length === 0)
      return [{ instanceTypes: [], covered: await this.of(region, product, []) }];
    const rows = await this.#rows(region, product);
    const groups = new Map<string, { instanceTypes: string[]; covered: IntervalSet }>();
    for (const type of instanceTypes) {
      const covered = unionOfRows(rows, type);
      const key = JSON.stringify(covered);
      const group = groups.get(key) ?? { instanceTypes: [], covered };
      group.instanceTypes.push(type);
      groups.set(key, group);
    }
    return [...groups.values()];
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

  /** All stretches as they are kept. */
  async stretches(): Promise<CoveredStretch[]> {
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_coverage')
      .selectAll()
      .orderBy('region')
      .orderBy('product')
      .orderBy('types_key')
      .orderBy('from_ms')
      .execute();
    return rows.map(row => ({
      region: row.region,
      product: row.product,
      instanceTypes: row.types_key.split(',').filter(type => type !== ''),
      fromMs: Number(row.from_ms),
      toMs: Number(row.to_ms),
    }));
  }

  #rows(region: string, product: string): Promise<CoverageRow[]> {
    return this.#database
      .reader<MarketTables>()
      .selectFrom('price_coverage')
      .selectAll()
      .where('region', '=', region)
      .where('product', '=', product)
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

/** What vouches for a type, or for all types there are. */
function unionOfRows(rows: readonly CoverageRow[], type: string | undefined): IntervalSet {
  return unionOf(
    rows
      .filter(({ types_key }) => types_key === '' || (type !== undefined && types_key.includes(`,${type},`)))
      .map(({ from_ms, to_ms }) => ({ fromMs: Number(from_ms), toMs: Number(to_ms) })),
  );
}

function typesKeyOf(instanceTypes: readonly string[]): string {
  return instanceTypes.length === 0 ? '' : `,${[...new Set(instanceTypes)].sort().join(',')},`;
}
