import type { Transaction } from 'kysely';
import type { Database } from '../platform/index.ts';
import { type IntervalSet, unionOf } from './intervals.ts';
import type { MarketTables } from './market-tables.ts';

/** Which time is wholly on disk. Written in the transaction of the rows that it vouches for. */
export class CoverageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a stretch; touching stretches of the same types become one row. */
  async addIn(
    transaction: Transaction<MarketTables>,
    stretch: {
      region: string;
      product: string;
      instanceTypes: readonly string[];
      fromMs: number;
      toMs: number;
    },
  ): Promise<void> {
    const { region, product, fromMs, toMs } = stretch;
    const typesKey = typesKeyOf(stretch.instanceTypes);
    const same = transaction
      .selectFrom('price_coverage')
      .select(['from_ms', 'to_ms'])
      .where('region', '=', region)
      .where('product', '=', product)
      .where('types_key', '=', typesKey);
    const before = (await same.execute()).map(row => ({ fromMs: row.from_ms, toMs: row.to_ms }));
    await transaction
      .deleteFrom('price_coverage')
      .where('region', '=', region)
      .where('product', '=', product)
      .where('types_key', '=', typesKey)
      .execute();
    const rows = unionOf([...before, { fromMs, toMs }]).map(one => ({
      region,
      product,
      types_key: typesKey,
      from_ms: one.fromMs,
      to_ms: one.toMs,
    }));
    await transaction.insertInto('price_coverage').values(rows).execute();
  }

  /** What vouches for these types: coverage of all types, or of a set that holds them. Empty `instanceTypes`: all. */
  async of(region: string, product: string, instanceTypes: readonly string[]): Promise<IntervalSet> {
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_coverage')
      .selectAll()
      .where('region', '=', region)
      .where('product', '=', product)
      .execute();
    const fitting = rows.filter(row => vouchesFor(row.types_key, instanceTypes));
    return unionOf(fitting.map(row => ({ fromMs: row.from_ms, toMs: row.to_ms })));
  }

  /** Everything, by region and product. */
  async all(): Promise<{ region: string; product: string; intervals: IntervalSet }[]> {
    const rows = await this.#database
      .reader<MarketTables>()
      .selectFrom('price_coverage')
      .selectAll()
      .execute();
    const groups = Map.groupBy(rows, row => JSON.stringify([row.region, row.product]));
    return [...groups.values()].flatMap(group => {
      const [first] = group;
      if (!first) return [];
      const intervals = unionOf(group.map(row => ({ fromMs: row.from_ms, toMs: row.to_ms })));
      return [{ region: first.region, product: first.product, intervals }];
    });
  }
}

function typesKeyOf(instanceTypes: readonly string[]): string {
  return instanceTypes.length === 0 ? '' : `,${[...new Set(instanceTypes)].sort().join(',')},`;
}

function vouchesFor(typesKey: string, instanceTypes: readonly string[]): boolean {
  if (typesKey === '') return true;
  return instanceTypes.length > 0 && instanceTypes.every(type => typesKey.includes(`,${type},`));
}
