import type { Pool } from '../../common/units/index.ts';
import { MICRO_USD_PER_USD, MS_PER_DAY, poolKey } from '../../common/units/index.ts';
import { seedOf, uniformAt } from './hash-noise.ts';
import { createPriceCurve, type PriceCurve } from './price-curve.ts';
import type { SpotMarket, SpotPriceRecord } from './spot-market.ts';
import { firstIndexAtOrAfter, type RecordColumns, recordAtIndex } from './spot-market.ts';

/** What Windows adds to the on-demand price of Linux for each vCPU and hour (AWS list price of the 5th generation). */
const WINDOWS_MICRO_USD_PER_VCPU_HOUR = 46_000;
const DEFAULT_WINDOWS_TYPES = ['m5.large', 'm5.xlarge', 'm5.2xlarge', 'c5.xlarge', 'r5.xlarge'];
/** A chapter starts about every 24 days, when all zones of a type publish anew in the same second. */
const CHAPTER_MS = 24 * MS_PER_DAY;
const CHAPTER_JITTER_MS = 8 * MS_PER_DAY;
const KEPT_CHAPTERS = 4096;

/** What the pretend market needs to know of an instance type; fits the entries of the catalog snapshot. */
export interface PretendInstanceType {
  readonly instanceType: string;
  readonly vcpu: number;
  /** Types without an on-demand price are not sold. */
  readonly onDemandUsdPerHour: number | null;
}

/** Options of `createPretendMarket`. */
export interface PretendMarketOptions {
  /** The same seed gives the same market for all time. */
  readonly seed: number | string;
  readonly region: string;
  readonly types: readonly PretendInstanceType[];
  /** Zone names, e.g. `us-east-1a`. */
  readonly zones: readonly string[];
  /** Types that are also sold with Windows; five common ones unless told. Unknown names are left out. */
  readonly windowsTypes?: readonly string[];
}

/** A market that has a price at every time, past and future. */
export interface PretendMarket extends SpotMarket {
  recordInForce(pool: Pool, atMs: number): SpotPriceRecord;
  priceAt(pool: Pool, atMs: number): number;
}

interface Seller {
  readonly pool: Pool;
  readonly curve: PriceCurve;
  readonly chapterSeed: number;
  readonly repeatSeed: number;
  readonly ordinal: number;
}

/**
 * A Spot market made of arithmetic: a pure function of (seed, pool, time) that behaves like the recorded one. Prices
 * move in small steps of one direction over days, and an unchanged price is published again after 24 h and some seconds.
 * That repetition makes a record depend on the one before it; so that it depends on nothing further back, time is cut
 * into chapters, each of which starts with a record. Recent chapters are kept in memory, which changes no answer.
 */
export function createPretendMarket(options: PretendMarketOptions): PretendMarket {
  const seed = seedOf(0, String(options.seed));
  const sellers = new Map<string, Seller>();
  for (const { type, product } of soldTypes(options)) {
    const onDemandMicroUsdPerHour = onDemandOf(type, product);
    const chapterSeed = seedOf(seed, `chapter ${type.instanceType} ${product}`);
    for (const availabilityZone of options.zones) {
      const pool: Pool = {
        region: options.region,
        availabilityZone,
        instanceType: type.instanceType,
        product,
      };
      const key = poolKey(pool);
      const curve = createPriceCurve({
        seed,
        instanceType: type.instanceType,
        availabilityZone,
        product,
        onDemandMicroUsdPerHour,
      });
      sellers.set(key, {
        pool,
        curve,
        chapterSeed,
        repeatSeed: seedOf(seed, `repeat ${key}`),
        ordinal: sellers.size,
      });
    }
  }
  const pools = [...sellers.values()].map(seller => seller.pool);
  const ownPools = new Map([...sellers.values()].map(seller => [seller.pool, seller]));
  const kept = new Map<number, RecordColumns>();

  function sellerOf(pool: Pool): Seller {
    // Finding the pool by its own object saves spelling its key: an endpoint asks every pool for every page.
    const seller = ownPools.get(pool) ?? sellers.get(poolKey(pool));
    if (!seller)
      throw new RangeError(
        `The pretend market does not sell ${poolKey(pool)}; ask pools() for what it sells.`,
      );
    return seller;
  }

  function chapter(seller: Seller, index: number): RecordColumns {
    const key = index * 65_536 + seller.ordinal;
    const known = kept.get(key);
    if (known) return known;
    const written = writeChapter(seller, index);
    const oldest = kept.size >= KEPT_CHAPTERS ? kept.keys().next() : undefined;
    if (oldest && !oldest.done) kept.delete(oldest.value);
    kept.set(key, written);
    return written;
  }

  function recordsBetween(pool: Pool, fromMs: number, toMs: number): SpotPriceRecord[] {
    const seller = sellerOf(pool);
    const records: SpotPriceRecord[] = [];
    if (!(fromMs < toMs)) return records;
    for (let index = chapterAt(seller, fromMs); chapterStartMs(seller, index) < toMs; index++) {
      const columns = chapter(seller, index);
      for (let at = firstIndexAtOrAfter(columns, fromMs); ; at++) {
        const record = recordAtIndex(columns, at);
        if (!record || record.atMs >= toMs) break;
        records.push(record);
      }
    }
    return records;
  }

  function recordInForce(pool: Pool, atMs: number): SpotPriceRecord {
    const seller = sellerOf(pool);
    const columns = chapter(seller, chapterAt(seller, atMs));
    const record = recordAtIndex(columns, firstIndexAtOrAfter(columns, atMs + 1) - 1);
    if (!record) throw new Error(`The chapter of ${poolKey(pool)} at ${atMs} does not begin with a record.`);
    return record;
  }

  return {
    region: options.region,
    pools: () => pools,
    recordsBetween,
    recordInForce,
    priceAt: (pool, atMs) => recordInForce(pool, atMs).priceMicroUsdPerHour,
  };
}

function soldTypes(options: PretendMarketOptions): { type: PretendInstanceType; product: string }[] {
  const windows = new Set(options.windowsTypes ?? DEFAULT_WINDOWS_TYPES);
  const priced = options.types.filter(type => type.onDemandUsdPerHour !== null);
  return [
    ...priced.map(type => ({ type, product: 'Linux/UNIX' })),
    ...priced.filter(type => windows.has(type.instanceType)).map(type => ({ type, product: 'Windows' })),
  ];
}

function onDemandOf(type: PretendInstanceType, product: string): number {
  const linux = Math.round((type.onDemandUsdPerHour ?? 0) * MICRO_USD_PER_USD);
  return product === 'Windows' ? linux + WINDOWS_MICRO_USD_PER_VCPU_HOUR * type.vcpu : linux;
}

function chapterStartMs(seller: Seller, index: number): number {
  const startMs = index * CHAPTER_MS + uniformAt(seller.chapterSeed, index) * CHAPTER_JITTER_MS;
  return Math.floor(startMs / 1000) * 1000;
}

function chapterAt(seller: Seller, atMs: number): number {
  const index = Math.floor(atMs / CHAPTER_MS);
  return chapterStartMs(seller, index) <= atMs ? index : index - 1;
}

function writeChapter(seller: Seller, index: number): RecordColumns {
  const { curve } = seller;
  const endMs = chapterStartMs(seller, index + 1);
  const atSeconds: number[] = [];
  const prices: number[] = [];
  let lastMs = chapterStartMs(seller, index);
  let quote = curve.quoteIndexAt(lastMs);
  let price = curve.quoteMicroUsdPerHour(quote);
  const publish = (atMs: number): void => {
    atSeconds.push(atMs / 1000);
    prices.push(price);
    lastMs = atMs;
  };
  const repeatUntil = (untilMs: number): void => {
    for (let nextMs = repeatMs(seller, lastMs); nextMs < untilMs; nextMs = repeatMs(seller, lastMs))
      publish(nextMs);
  };
  publish(lastMs);
  for (quote++; curve.quotedAtMs(quote) < endMs; quote++) {
    const quotedMs = curve.quotedAtMs(quote);
    repeatUntil(quotedMs);
    const quoted = curve.quoteMicroUsdPerHour(quote);
    // A repetition published in this very second has taken the only place there is; the change waits for the next quote.
    if (quoted === price || quotedMs === lastMs) continue;
    price = quoted;
    publish(quotedMs);
  }
  repeatUntil(endMs);
  return { atSeconds: Float64Array.from(atSeconds), priceMicroUsdPerHour: Float64Array.from(prices) };
}

/** An unchanged price is published again after 24 h and 1 to 60 seconds, mostly few. */
function repeatMs(seller: Seller, lastMs: number): number {
  const lateSeconds = 1 + Math.floor(59 * uniformAt(seller.repeatSeed, lastMs / 1000) ** 1.4);
  return lastMs + MS_PER_DAY + lateSeconds * 1000;
}
