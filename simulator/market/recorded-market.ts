import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Pool } from '../../common/units/index.ts';
import { MS_PER_SECOND, microUsdFromUsd, poolKey } from '../../common/units/index.ts';
import type { SpotMarket, SpotPriceRecord } from './spot-market.ts';
import { firstIndexAtOrAfter, type RecordColumns, recordAtIndex } from './spot-market.ts';

const HEADER = 'timestamp,instance_type,availability_zone,product,price_usd';

/** Options of `openRecordedMarket`. */
export interface RecordedMarketOptions {
  /** Added to every time, in ms, a whole number of seconds: replays an old recording as if it were recent. */
  readonly shiftMs?: number;
  /** Instead of `shiftMs`: shifts so that the last record lies at this time (rounded down to a second). */
  readonly endAtMs?: number;
  /** AWS region; found from the zone names unless told. Needed for zone ids and local zones. */
  readonly region?: string;
}

/** A market read from a recording. It knows nothing outside `firstAtMs` … `lastAtMs` (both after the shift). */
export interface RecordedMarket extends SpotMarket {
  readonly records: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

interface Recorded {
  readonly pool: Pool;
  readonly atSeconds: number[];
  readonly prices: number[];
}

/**
 * Reads a recording (CSV, or CSV.gz by its name) with the header `timestamp,instance_type,availability_zone,product,price_usd`
 * into 16 bytes per record. Rows may come in any order; of two rows of one pool and second the first is kept.
 * Throws with the line number on a row that is no price record, and when the file holds none.
 */
export async function openRecordedMarket(
  path: string,
  options: RecordedMarketOptions = {},
): Promise<RecordedMarket> {
  const recorded = await readRows(path, options.region);
  const columns = new Map<string, RecordColumns>();
  let firstSecond = Number.POSITIVE_INFINITY;
  let lastSecond = Number.NEGATIVE_INFINITY;
  let records = 0;
  for (const rows of recorded.values()) {
    const sorted = sortedColumns(rows);
    columns.set(poolKey(rows.pool), sorted);
    records += sorted.atSeconds.length;
    firstSecond = Math.min(firstSecond, sorted.atSeconds[0] ?? firstSecond);
    lastSecond = Math.max(lastSecond, sorted.atSeconds.at(-1) ?? lastSecond);
  }
  const pools = [...recorded.values()].map(rows => rows.pool);
  // Finding the pool by its own object saves spelling its key: an endpoint asks every pool for every page.
  const ownPools = new Map([...recorded.values()].map(rows => [rows.pool, columns.get(poolKey(rows.pool))]));
  const region = pools[0]?.region;
  if (region === undefined) throw new Error(`${path} holds no price record.`);

  const shiftMs = shiftOf(options, lastSecond);
  for (const { atSeconds } of columns.values()) {
    for (let i = 0; i < atSeconds.length; i++) atSeconds[i] = (atSeconds[i] ?? 0) + shiftMs / MS_PER_SECOND;
  }

  function columnsOf(pool: Pool): RecordColumns {
    const known = ownPools.get(pool) ?? columns.get(poolKey(pool));
    if (!known)
      throw new RangeError(`The recording has no pool ${poolKey(pool)}; ask pools() for what it has.`);
    return known;
  }

  function recordsBetween(pool: Pool, fromMs: number, toMs: number): SpotPriceRecord[] {
    const known = columnsOf(pool);
    const between: SpotPriceRecord[] = [];
    for (let at = firstIndexAtOrAfter(known, fromMs); ; at++) {
      const record = recordAtIndex(known, at);
      if (!record || record.atMs >= toMs) return between;
      between.push(record);
    }
  }

  function recordInForce(pool: Pool, atMs: number): SpotPriceRecord | undefined {
    const known = columnsOf(pool);
    return recordAtIndex(known, firstIndexAtOrAfter(known, atMs + 1) - 1);
  }

  return {
    region,
    records,
    firstAtMs: firstSecond * MS_PER_SECOND + shiftMs,
    lastAtMs: lastSecond * MS_PER_SECOND + shiftMs,
    pools: () => pools,
    recordsBetween,
    recordInForce,
    priceAt: (pool, atMs) => recordInForce(pool, atMs)?.priceMicroUsdPerHour,
  };
}

function shiftOf(options: RecordedMarketOptions, lastSecond: number): number {
  const shiftMs =
    options.endAtMs === undefined
      ? (options.shiftMs ?? 0)
      : Math.floor(options.endAtMs / MS_PER_SECOND) * MS_PER_SECOND - lastSecond * MS_PER_SECOND;
  if (shiftMs % MS_PER_SECOND !== 0) {
    throw new RangeError(`shiftMs is ${shiftMs}; give a whole number of seconds, in ms.`);
  }
  return shiftMs;
}

async function readRows(path: string, region: string | undefined): Promise<Map<string, Recorded>> {
  const file = createReadStream(path);
  const text = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A stream error does not end readline, so it is carried over by hand.
  file.on('error', error => text.destroy(error));
  const recorded = new Map<string, Recorded>();
  let line = 0;
  for await (const row of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (line === 1) {
      if (row !== HEADER)
        throw new Error(`${path} begins with "${row.slice(0, 80)}"; it has to begin with "${HEADER}".`);
    } else if (row !== '') {
      addRow(recorded, row, region, `${path}, line ${line}`);
    }
  }
  return recorded;
}

function addRow(
  recorded: Map<string, Recorded>,
  row: string,
  region: string | undefined,
  where: string,
): void {
  const [timestamp = '', instanceType = '', availabilityZone = '', product = '', priceUsd = ''] =
    row.split(',');
  const atSeconds = Math.floor(Date.parse(timestamp) / MS_PER_SECOND);
  const price = microUsdFromUsd(priceUsd);
  if (Number.isNaN(atSeconds) || !price || !instanceType || !product) {
    throw new Error(`${where}: "${row.slice(0, 120)}" is no price record; correct or remove the line.`);
  }
  const key = `${availabilityZone}/${instanceType}/${product}`;
  const known = recorded.get(key);
  if (known) {
    known.atSeconds.push(atSeconds);
    known.prices.push(price);
    return;
  }
  const found = region ?? /^([a-z-]+-\d+)[a-z]$/.exec(availabilityZone)?.[1];
  if (!found)
    throw new Error(
      `${where}: no region can be read from zone "${availabilityZone}"; give the region option.`,
    );
  const pool: Pool = { region: found, availabilityZone, instanceType, product };
  recorded.set(key, { pool, atSeconds: [atSeconds], prices: [price] });
}

function sortedColumns(rows: Recorded): RecordColumns {
  const order = rows.atSeconds.map((_, index) => index);
  const secondAt = (index: number): number => rows.atSeconds[index] ?? 0;
  if (rows.atSeconds.some((at, index) => index > 0 && at <= secondAt(index - 1))) {
    order.sort((a, b) => secondAt(a) - secondAt(b) || a - b);
  }
  const kept = order.filter((row, place) => place === 0 || secondAt(row) !== secondAt(order[place - 1] ?? 0));
  return {
    atSeconds: Float64Array.from(kept, secondAt),
    priceMicroUsdPerHour: Float64Array.from(kept, row => rows.prices[row] ?? 0),
  };
}
