import { AppError } from '../../common/errors.ts';
import { type Pool, poolKey } from '../../common/units/index.ts';
import { ArchiveReader, type LeftOut } from './archives/archive-reader.ts';
import type { PriceRecord } from './price-batch.ts';
import type { PriceSeries } from './price-store.ts';

/** How files are read into memory. */
export interface ReadArchivesOptions {
  /** Region of zones that do not tell theirs. */
  readonly region?: string | undefined;
  /** Product of rows that name none, or none that is known. */
  readonly product?: string | undefined;
  /** Zone names of the account by zone id. */
  readonly zones?: ReadonlyMap<string, string> | undefined;
  /** Take what comes before a damage instead of refusing the file. */
  readonly upToDamage?: boolean | undefined;
  /** Pools whose records are wanted; those of others are counted and dropped. */
  readonly wanted: (pool: Pool) => boolean;
  readonly nowMs: number;
}

/** What files of prices hold, without a database. */
export interface ArchivedPrices {
  /** One for each wanted pool, in the order of pool keys. */
  readonly series: readonly PriceSeries[];
  readonly files: readonly {
    readonly file: string;
    readonly rows: number;
    readonly leftOut: readonly LeftOut[];
  }[];
  /** Records that an earlier record of the same pool and time took the place of, whatever their price. */
  readonly duplicates: number;
  /** Pools that are in the files and were not wanted. */
  readonly otherPools: number;
}

/**
 * Reads files of prices into memory: whatever `importArchive` reads, in any order of rows and with any overlap. Of two
 * records of a pool at the same time the first one read stands, as with an import.
 * @param tell hears how far the reading is: file, bytes of it, records kept
 * @throws AppError `input.invalid` or `market.archive-unreadable` when a file cannot be used, `market.archive-damaged` for
 * one that is damaged, unless it is sound up to there and told to be taken; what `signal` was aborted with
 */
export async function readArchives(
  paths: readonly string[],
  options: ReadArchivesOptions,
  signal: AbortSignal,
  tell: (step: { file: string; readBytes: number; totalBytes: number; records: number }) => void,
): Promise<ArchivedPrices> {
  const pools = new PoolColumns(options.wanted);
  const files: { file: string; rows: number; leftOut: readonly LeftOut[] }[] = [];
  for (const path of paths) {
    const reader = await readOne(path, options, pools, signal, tell);
    files.push({ file: reader.fileName, rows: reader.rows, leftOut: reader.leftOut });
  }
  return { ...pools.series(), files, otherPools: pools.others };
}

async function readOne(
  path: string,
  { region, product, zones = new Map<string, string>(), upToDamage = false, nowMs }: ReadArchivesOptions,
  pools: PoolColumns,
  signal: AbortSignal,
  tell: Parameters<typeof readArchives>[3],
): Promise<ArchiveReader> {
  const rows = { region, product, zones, nowMs };
  const read = async (reader: ArchiveReader, into: PoolColumns | undefined) => {
    for await (const records of reader.records(signal)) {
      into?.add(records);
      const { fileName: file, readBytes, totalBytes } = reader;
      tell({ file, readBytes, totalBytes, records: pools.records });
    }
    return reader;
  };
  const before = pools.mark();
  let reader = await read(new ArchiveReader(path, rows), pools);
  const classicUntilMs = reader.classicUntilMs();
  if (classicUntilMs.size > 0) {
    // Only a whole reading tells until when names meant something else.
    pools.backTo(before);
    reader = await read(new ArchiveReader(path, { ...rows, classicUntilMs }), pools);
  }
  if (reader.damagedAt && !(upToDamage && reader.isPrefixSound)) {
    const { line, reason } = reader.damagedAt;
    throw new AppError(
      'market.archive-damaged',
      `"${reader.fileName}" is damaged in line ${line}: ${reason}.`,
      reader.isPrefixSound
        ? { hint: 'Get the file again, or take what comes before with --up-to-damage.' }
        : {},
    );
  }
  return reader;
}

interface Columns {
  readonly pool: Pool;
  count: number;
  atMs: Float64Array;
  price: Float64Array;
}

const FIRST_CAPACITY = 64;

/** Records column by column for each pool, in the order in which they came. */
class PoolColumns {
  records = 0;
  readonly #wanted: (pool: Pool) => boolean;
  readonly #known = new Map<string, Columns | null>();
  #last: PriceRecord | undefined;
  #lastColumns: Columns | null = null;

  constructor(wanted: (pool: Pool) => boolean) {
    this.#wanted = wanted;
  }

  get others(): number {
    let count = 0;
    for (const columns of this.#known.values()) if (columns === null) count++;
    return count;
  }

  add(records: readonly PriceRecord[]): void {
    for (const record of records) {
      const columns = this.#columnsOf(record);
      if (columns === null) continue;
      if (columns.count === columns.atMs.length) grow(columns);
      columns.atMs[columns.count] = record.atMs;
      columns.price[columns.count] = record.priceMicroUsdPerHour;
      columns.count++;
      this.records++;
    }
  }

  /** Where each pool stands, for `backTo`. */
  mark(): ReadonlyMap<string, number> {
    return new Map([...this.#known].map(([key, columns]) => [key, columns?.count ?? 0]));
  }

  /** Drops what came after a mark. */
  backTo(mark: ReadonlyMap<string, number>): void {
    for (const [key, columns] of this.#known) {
      if (!mark.has(key)) this.#known.delete(key);
      else if (columns) columns.count = mark.get(key) ?? 0;
    }
    this.#last = undefined;
    this.records = [...this.#known.values()].reduce((sum, columns) => sum + (columns?.count ?? 0), 0);
  }

  series(): { series: PriceSeries[]; duplicates: number } {
    let duplicates = 0;
    const keys = [...this.#known.keys()].sort();
    const series = keys.flatMap(key => {
      const columns = this.#known.get(key);
      if (!columns) return [];
      const sorted = inOrder(columns);
      duplicates += columns.count - sorted.atMs.length;
      return [{ pool: columns.pool, ...sorted }];
    });
    return { series, duplicates };
  }

  #columnsOf(record: PriceRecord): Columns | null {
    const last = this.#last;
    // Files are mostly in the order of pools.
    if (
      last?.instanceType === record.instanceType &&
      last.availabilityZone === record.availabilityZone &&
      last.product === record.product &&
      last.region === record.region
    )
      return this.#lastColumns;
    const { region, availabilityZone, instanceType, product } = record;
    const pool = { region, availabilityZone, instanceType, product };
    const key = poolKey(pool);
    let columns = this.#known.get(key);
    if (columns === undefined) {
      const empty = () => new Float64Array(FIRST_CAPACITY);
      columns = this.#wanted(pool) ? { pool, count: 0, atMs: empty(), price: empty() } : null;
      this.#known.set(key, columns);
    }
    this.#last = record;
    this.#lastColumns = columns;
    return columns;
  }
}

function grow(columns: Columns): void {
  for (const name of ['atMs', 'price'] as const) {
    const larger = new Float64Array(columns[name].length * 2);
    larger.set(columns[name]);
    columns[name] = larger;
  }
}

/** Ascending in time, the first one read of each time. */
function inOrder({ count, atMs, price }: Columns): Pick<PriceSeries, 'atMs' | 'priceMicroUsdPerHour'> {
  const places = Uint32Array.from({ length: count }, (_, index) => index);
  places.sort((a, b) => (atMs[a] ?? 0) - (atMs[b] ?? 0) || a - b);
  const first = places.filter((place, index) => index === 0 || atMs[place] !== atMs[places[index - 1] ?? 0]);
  return {
    atMs: Float64Array.from(first, place => atMs[place] ?? 0),
    priceMicroUsdPerHour: Float64Array.from(first, place => price[place] ?? 0),
  };
}
