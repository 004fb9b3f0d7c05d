import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../../../common/units/index.ts';
import type { CoveredStretch } from '../coverage-store.ts';
import { differenceOf, type IntervalSet, unionOf } from '../intervals.ts';
import type { PriceRecord } from '../price-batch.ts';
import { LONGEST_SILENCE_MS } from '../step-function.ts';
import { BucketSet } from './bucket-set.ts';

/** Times are kept to a quarter of an hour, so that memory grows with pools and time, and little with rows. */
const BUCKET_MS = 15 * MS_PER_MINUTE;
const SILENT_BUCKETS = LONGEST_SILENCE_MS / BUCKET_MS;
/** No silence of all pools of eu-west-1 together was longer than an hour in 90 days; with fewer pools they are longer. */
const SHORTEST_QUIET_MS = 2 * MS_PER_HOUR;
const POOLS_OF_A_SMALL_REGION = 100;
/** Pools that retire or pause are a few in a hundred at any time; when more are silent, rows are missing. */
const MOST_SILENT = 0.1;
/** Types come and go; when a quarter of them is away at once, the file is of other types there. */
const FEWEST_TYPES = 0.75;
/** 64 MB of bits; a file that is spread wider than that vouches for nothing. */
const MOST_BITS = 8 * 64 * 1024 * 1024;

interface PoolTimes {
  readonly instanceType: string;
  firstMs: number;
  secondMs: number;
  lastMs: number;
  readonly buckets: BucketSet;
}

interface Group {
  readonly region: string;
  readonly product: string;
  readonly pools: Map<string, PoolTimes>;
  readonly buckets: BucketSet;
}

/**
 * Tells which time a file vouches for: between which moments it has all records of its pools. It is built on two facts, both
 * measured on recordings: EC2 emits an unchanged price again about every 24 h, and an answer of EC2 to "from T on" has every
 * record since T and, of each pool, the one in force at T. So, for each region and product:
 *
 * - It begins at the earliest second record of any pool: only first ones can be prices in force, which lie before T. A file
 *   of nothing but current prices thus vouches for (nearly) nothing.
 * - It ends a second after the last record.
 * - Where all pools are silent together for longer than 2 h (24.5 h for a single pool, in proportion between), rows are
 *   missing: that time is left out.
 * - Where more than a tenth of the pools that live are silent for more than 24.5 h, or more than a quarter of the types
 *   is away, too.
 * - It vouches for the instance types that occur in the file, and says nothing about others.
 *
 * What it cannot see: single records that somebody took out between two others of a pool that are less than 24.5 h apart.
 * Pure; rows may come in any order, and twice.
 */
export class CoverageWitness {
  readonly #groups = new Map<string, Group>();
  #bits = 0;

  /** Whether the file was spread too wide to be vouched for. */
  get gaveUp(): boolean {
    return this.#bits > MOST_BITS;
  }

  add(records: readonly PriceRecord[]): void {
    for (const record of records) {
      if (this.gaveUp) {
        this.#groups.clear();
        return;
      }
      const { region, product, availabilityZone, instanceType, atMs } = record;
      const group = this.#group(region, product);
      const bucket = Math.floor(atMs / BUCKET_MS);
      this.#mark(group.buckets, bucket);
      const key = `${instanceType} ${availabilityZone}`;
      let pool = group.pools.get(key);
      if (!pool) {
        pool = {
          instanceType,
          firstMs: atMs,
          secondMs: Number.POSITIVE_INFINITY,
          lastMs: atMs,
          buckets: new BucketSet(),
        };
        group.pools.set(key, pool);
      } else if (atMs < pool.firstMs) [pool.firstMs, pool.secondMs] = [atMs, pool.firstMs];
      else if (atMs > pool.firstMs && atMs < pool.secondMs) pool.secondMs = atMs;
      if (atMs > pool.lastMs) pool.lastMs = atMs;
      this.#mark(pool.buckets, bucket);
    }
  }

  /** @param allTypes somebody vouches that the file holds every instance type of its regions */
  stretches(allTypes: boolean): CoveredStretch[] {
    return [...this.#groups.values()].flatMap(group => {
      const { region, product } = group;
      const instanceTypes = allTypes ? [] : [...typesOf(group).keys()].sort();
      return coveredOf(group).map(interval => ({ region, product, instanceTypes, ...interval }));
    });
  }

  /** Pools with one record only. */
  get singles(): number {
    let count = 0;
    for (const { pools } of this.#groups.values())
      for (const { secondMs } of pools.values()) if (secondMs === Number.POSITIVE_INFINITY) count++;
    return count;
  }

  #group(region: string, product: string): Group {
    const key = `${region} ${product}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { region, product, pools: new Map(), buckets: new BucketSet() };
      this.#groups.set(key, group);
    }
    return group;
  }

  #mark(buckets: BucketSet, bucket: number): void {
    const before = buckets.capacity;
    buckets.add(bucket);
    this.#bits += buckets.capacity - before;
  }
}

function coveredOf(group: Group): IntervalSet {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { secondMs, lastMs } of group.pools.values()) {
    fromMs = Math.min(fromMs, secondMs);
    toMs = Math.max(toMs, lastMs + MS_PER_SECOND);
  }
  if (fromMs >= toMs) return [];
  const missing = unionOf([...quietOf(group), ...thinOf(group)]);
  return differenceOf([{ fromMs, toMs }], missing);
}

/** Times in which no pool says anything for too long. */
function quietOf({ pools, buckets }: Group): IntervalSet {
  const share = Math.min(1, POOLS_OF_A_SMALL_REGION / pools.size);
  const quietMs = Math.max(SHORTEST_QUIET_MS, LONGEST_SILENCE_MS * share);
  return silencesOf(buckets, quietMs / BUCKET_MS).map(({ before, after }) => ({
    fromMs: before * BUCKET_MS,
    toMs: (after + 1) * BUCKET_MS,
  }));
}

/** Times in which too many pools are silent, or too many types away. */
function thinOf(group: Group): IntervalSet {
  // Changes of [pools that live, pools that are silent, types that live] by moment.
  const steps: { atMs: number; lives: number; silent: number; types: number }[] = [];
  const step = (
    fromMs: number,
    toMs: number,
    change: { lives?: number; silent?: number; types?: number },
  ) => {
    const { lives = 0, silent = 0, types = 0 } = change;
    steps.push(
      { atMs: fromMs, lives, silent, types },
      { atMs: toMs, lives: -lives, silent: -silent, types: -types },
    );
  };
  for (const { firstMs, lastMs, buckets } of group.pools.values()) {
    step(firstMs, lastMs + LONGEST_SILENCE_MS, { lives: 1 });
    for (const { before, after } of silencesOf(buckets, SILENT_BUCKETS))
      step(before * BUCKET_MS + LONGEST_SILENCE_MS, (after + 1) * BUCKET_MS, { silent: 1 });
  }
  const types = typesOf(group);
  // A type may be silent for a day before its first record is due.
  for (const { firstMs, lastMs } of types.values())
    step(firstMs - LONGEST_SILENCE_MS, lastMs + LONGEST_SILENCE_MS, { types: 1 });
  steps.sort((a, b) => a.atMs - b.atMs);

  const thin: { fromMs: number; toMs: number }[] = [];
  const sum = { lives: 0, silent: 0, types: 0 };
  for (const [index, { atMs, ...change }] of steps.entries()) {
    sum.lives += change.lives;
    sum.silent += change.silent;
    sum.types += change.types;
    const toMs = steps[index + 1]?.atMs ?? atMs;
    if (toMs === atMs) continue;
    if (sum.silent > MOST_SILENT * sum.lives || sum.types < FEWEST_TYPES * types.size)
      thin.push({ fromMs: atMs, toMs });
  }
  return unionOf(thin);
}

function typesOf({ pools }: Group): Map<string, { firstMs: number; lastMs: number }> {
  const types = new Map<string, { firstMs: number; lastMs: number }>();
  for (const { instanceType, firstMs, lastMs } of pools.values()) {
    const known = types.get(instanceType);
    if (!known) types.set(instanceType, { firstMs, lastMs });
    else {
      known.firstMs = Math.min(known.firstMs, firstMs);
      known.lastMs = Math.max(known.lastMs, lastMs);
    }
  }
  return types;
}

function silencesOf(buckets: BucketSet, longest: number): { before: number; after: number }[] {
  const silences: { before: number; after: number }[] = [];
  let before: number | undefined;
  for (const after of buckets.values()) {
    if (before !== undefined && after - before > longest) silences.push({ before, after });
    before = after;
  }
  return silences;
}
