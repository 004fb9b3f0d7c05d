import { MICRO_USD_PER_USD, MS_PER_MINUTE, type Pool, poolKey } from '../../../common/units/index.ts';
import type { PriceRecord } from '../price-batch.ts';
import { parsePrice } from './parse-price.ts';
import { TimestampReader } from './parse-timestamp.ts';
import { isInVpc, productOf } from './products.ts';
import type { RawRow } from './raw-row.ts';
import { isZoneId, regionOfZone } from './zones.ts';

/** How rows are understood. */
export interface RowOptions {
  /** Region of zones that do not tell theirs. */
  readonly region: string | undefined;
  /** Product of rows that name none, or none that is known. */
  readonly product: string | undefined;
  /** Zone names of the account by zone id; ids without a name stay ids. */
  readonly zones: ReadonlyMap<string, string>;
  readonly nowMs: number;
  /**
   * Until when names without ` (Amazon VPC)` stand for EC2-Classic, by region: a market of its own, closed in 2022, whose
   * prices must not mix with those of today's product of the same name.
   */
  readonly classicUntilMs?: ReadonlyMap<string, number>;
}

interface KnownPool {
  readonly pool: Pool;
  readonly isInVpc: boolean;
  readonly classicUntilMs: number;
}

/** Amazon sold by Spot from the 14th of December 2009 on. */
const FIRST_SPOT_MS = Date.UTC(2009, 11, 14);
/** Clocks differ. */
const AHEAD_MS = 5 * MS_PER_MINUTE;
/** Some 9 times the dearest machine that EC2 sells; columns hold 32 bits. */
const MOST_MICRO_USD = 2_000 * MICRO_USD_PER_USD;
const TYPE = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d+$/;
const UNKNOWN = 'UNKNOWN';
/** More pools than EC2 has; a file of nonsense must not fill the memory. */
const MOST_KEPT = 1_000_000;

/** Reads rows into records. A row that tells no price is answered by the reason, which is the same for rows of its kind. */
export class RowReader {
  readonly times = new TimestampReader();
  readonly #options: RowOptions;
  readonly #pools = new Map<string, KnownPool | string>();
  /** Last record with the suffix and first one without, by region. */
  readonly #named = new Map<string, { vpcToMs: number; plainFromMs: number }>();
  readonly #poolKeys = new Set<string>();
  readonly #zoneIds = new Set<string>();
  #last: RawRow | undefined;
  #lastPool: KnownPool | string = '';

  constructor(options: RowOptions) {
    this.#options = options;
  }

  /** Pools that were read so far. */
  get pools(): number {
    return this.#poolKeys.size;
  }

  /** Zone ids that were read and have no name, in order. */
  get zoneIds(): string[] {
    return [...this.#zoneIds].sort();
  }

  /** Regions whose rows so far need `classicUntilMs`: names with and without the suffix stand side by side. */
  classicUntilMs(): Map<string, number> {
    const regions = [...this.#named].filter(([, { vpcToMs, plainFromMs }]) => plainFromMs <= vpcToMs);
    return new Map(regions.map(([region, { vpcToMs }]) => [region, vpcToMs]));
  }

  read(row: RawRow): PriceRecord | string {
    const known = this.#poolOf(row);
    if (typeof known === 'string') return known;
    const atMs = this.times.read(row.time);
    if (atMs === undefined) return row.time === '' ? 'the time is missing' : 'the time cannot be read';
    if (atMs > this.#options.nowMs + AHEAD_MS) return 'the time is in the future';
    if (atMs < FIRST_SPOT_MS) return 'the time is before Spot began, in December 2009';
    const priceMicroUsdPerHour = parsePrice(row.price) ?? parsePrice(row.price.trim());
    if (priceMicroUsdPerHour === undefined)
      return row.price.trim() === '' ? 'the price is missing' : 'the price is no number';
    if (priceMicroUsdPerHour === 0) return 'the price is zero or negative';
    if (priceMicroUsdPerHour > MOST_MICRO_USD) return 'the price is above $2,000 an hour';
    if (!known.isInVpc && atMs <= known.classicUntilMs) return 'the price is of EC2-Classic';
    const { region, availabilityZone, instanceType, product } = known.pool;
    this.#note(region, known.isInVpc, atMs);
    return { region, availabilityZone, instanceType, product, atMs, priceMicroUsdPerHour };
  }

  #note(region: string, inVpc: boolean, atMs: number): void {
    let named = this.#named.get(region);
    if (!named) {
      named = { vpcToMs: Number.NEGATIVE_INFINITY, plainFromMs: Number.POSITIVE_INFINITY };
      this.#named.set(region, named);
    }
    if (inVpc) named.vpcToMs = Math.max(named.vpcToMs, atMs);
    else named.plainFromMs = Math.min(named.plainFromMs, atMs);
  }

  #poolOf(row: RawRow): KnownPool | string {
    // Many files are in the order of pools.
    const last = this.#last;
    if (
      last?.type === row.type &&
      last.zone === row.zone &&
      last.product === row.product &&
      last.region === row.region
    )
      return this.#lastPool;
    this.#lastPool = this.#lookUp(row);
    this.#last = row;
    return this.#lastPool;
  }

  #lookUp({ region, zone, type, product }: RawRow): KnownPool | string {
    const key = `${zone}\t${type}\t${product}\t${region}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const pool = this.#newPool(region, zone, type, product);
    const entry = typeof pool === 'string' ? pool : this.#withMarket(pool, product);
    if (this.#pools.size >= MOST_KEPT) return entry;
    if (typeof pool !== 'string') {
      this.#poolKeys.add(poolKey(pool));
      if (isZoneId(pool.availabilityZone)) this.#zoneIds.add(pool.availabilityZone);
    }
    this.#pools.set(copyOf(key), entry);
    return entry;
  }

  #withMarket(pool: Pool, product: string): KnownPool {
    const classicUntilMs = this.#options.classicUntilMs?.get(pool.region) ?? Number.NEGATIVE_INFINITY;
    return { pool, isInVpc: isInVpc(product), classicUntilMs };
  }

  #newPool(regionText: string, zoneText: string, typeText: string, productText: string): Pool | string {
    const zone = copyOf(zoneText.trim());
    const instanceType = copyOf(typeText.trim().toLowerCase());
    if (zone === '') return 'the zone is missing';
    if (!TYPE.test(instanceType)) return 'the instance type cannot be read';
    const region = regionOfZone(zone) ?? regionFrom(regionText.trim()) ?? this.#options.region;
    if (region === undefined) return 'the region of the zone is not known; --region names it';
    const product = productOf(productText === '' ? UNKNOWN : productText);
    const settled =
      product === undefined || product === UNKNOWN ? (this.#options.product ?? product) : product;
    if (settled === undefined) return `the product "${copyOf(productText.slice(0, 40))}" is not known`;
    return {
      region,
      availabilityZone: this.#options.zones.get(zone) ?? zone,
      instanceType,
      product: settled,
    };
  }
}

function regionFrom(text: string): string | undefined {
  return REGION.test(text) ? copyOf(text) : undefined;
}

/** A part of a text keeps all of the text in memory; what is kept for long must not. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
