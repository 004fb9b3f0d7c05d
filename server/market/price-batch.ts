import { type Pool, poolKey } from '../../common/units/index.ts';

/** One change record of a pool. */
export interface PriceRecord extends Pool {
  /** Whole seconds, in ms. */
  readonly atMs: number;
  readonly priceMicroUsdPerHour: number;
}

/**
 * Records column by column: `poolOf[i]` is the place in `pools` of the pool of record `i`. `pools` may hold more than
 * the batch names, and batches that share one list are stored faster: its numbers are looked up once.
 */
export interface PriceBatch {
  readonly pools: readonly Pool[];
  readonly poolOf: Int32Array;
  /** Whole seconds, in ms. */
  readonly atMs: Float64Array;
  readonly priceMicroUsdPerHour: Float64Array;
}

/** Records one by one as a batch, in the same order. */
export function batchOf(records: readonly PriceRecord[]): PriceBatch {
  const places = new Map<string, number>();
  const pools: Pool[] = [];
  const poolOf = Int32Array.from(records, record => {
    const key = poolKey(record);
    let place = places.get(key);
    if (place === undefined) {
      const { region, availabilityZone, instanceType, product } = record;
      place = pools.push({ region, availabilityZone, instanceType, product }) - 1;
      places.set(key, place);
    }
    return place;
  });
  return {
    pools,
    poolOf,
    atMs: Float64Array.from(records, ({ atMs }) => atMs),
    priceMicroUsdPerHour: Float64Array.from(records, ({ priceMicroUsdPerHour }) => priceMicroUsdPerHour),
  };
}
