import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_SECOND } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import type { CoverageStore, CoveredStretch } from './coverage-store.ts';
import type { PoolStore } from './pool-store.ts';
import type { PriceStore } from './price-store.ts';

/** Records of a stretch column by column: zone and type of each pool, and for each record the place of its pool, its second and its price. */
export interface PricePage {
  readonly pools: readonly (readonly [availabilityZone: string, instanceType: string])[];
  readonly poolOf: readonly number[];
  readonly atS: readonly number[];
  readonly priceMicroUsdPerHour: readonly number[];
}

/** Prices as engines pass them to each other: by stretches of time that are wholly known. */
export interface PriceExchange {
  /** What is wholly on disk here. */
  covered(): Promise<CoveredStretch[]>;
  /** Before this moment prices are dropped again; 0 where they are kept for ever. */
  keptSinceMs(): number;
  /** All records of a stretch, with those in force at its begin. */
  read(stretch: CoveredStretch): Promise<PricePage>;
  /**
   * Takes the records of a stretch, and what they vouch for, in one commit; records on disk stay as they are.
   * @throws AppError `input.invalid` for records that are none
   */
  take(stretch: CoveredStretch, page: PricePage): Promise<void>;
  /** Says that prices came in, to whatever follows from them. */
  announce(stretches: readonly CoveredStretch[]): void;
}

/** Wires the exchange. */
export function priceExchange(parts: {
  readonly pools: PoolStore;
  readonly prices: PriceStore;
  readonly coverage: CoverageStore;
  readonly clock: Clock;
  readonly retentionDays: number;
  readonly onTaken: (stretches: readonly CoveredStretch[]) => void;
}): PriceExchange {
  const { pools, prices, coverage, clock, retentionDays } = parts;
  return {
    covered: () => coverage.stretches(),
    keptSinceMs: () => (retentionDays === 0 ? 0 : clock.now() - retentionDays * MS_PER_DAY),
    read: async ({ region, product, instanceTypes, fromMs, toMs }) => {
      const sold = await pools.list({
        regions: [region],
        products: [product],
        instanceTypes: [...instanceTypes],
      });
      const found = await prices.series(
        sold.map(({ pool }) => pool),
        fromMs,
        toMs,
      );
      const page = {
        pools: [] as [string, string][],
        poolOf: [] as number[],
        atS: [] as number[],
        priceMicroUsdPerHour: [] as number[],
      };
      for (const { pool, atMs, priceMicroUsdPerHour } of found) {
        if (atMs.length === 0) continue;
        const place = page.pools.push([pool.availabilityZone, pool.instanceType]) - 1;
        for (const [index, at] of atMs.entries()) {
          page.poolOf.push(place);
          page.atS.push(at / MS_PER_SECOND);
          page.priceMicroUsdPerHour.push(priceMicroUsdPerHour[index] ?? 0);
        }
      }
      return page;
    },
    take: async (stretch, page) => {
      const { region, product, instanceTypes, toMs } = stretch;
      const { poolOf, atS, priceMicroUsdPerHour } = page;
      const isSound =
        poolOf.length === atS.length &&
        poolOf.length === priceMicroUsdPerHour.length &&
        poolOf.every(place => page.pools[place] !== undefined) &&
        atS.every(second => second > 0 && second * MS_PER_SECOND < toMs) &&
        priceMicroUsdPerHour.every(price => price > 0) &&
        page.pools.every(([, type]) => instanceTypes.length === 0 || instanceTypes.includes(type)) &&
        stretch.fromMs < toMs &&
        toMs <= clock.now();
      if (!isSound)
        throw new AppError(
          'input.invalid',
          `The prices of ${region} until ${new Date(toMs).toISOString()} cannot be right.`,
          {
            hint: 'Check the clocks of both engines, and bring them to the same version.',
          },
        );
      const batch = {
        pools: page.pools.map(([availabilityZone, instanceType]) => ({
          region,
          product,
          availabilityZone,
          instanceType,
        })),
        poolOf: Int32Array.from(poolOf),
        atMs: Float64Array.from(atS, second => second * MS_PER_SECOND),
        priceMicroUsdPerHour: Float64Array.from(priceMicroUsdPerHour),
      };
      await prices.insertBatch(batch, transaction => coverage.addIn(transaction, stretch));
    },
    announce: stretches => {
      if (stretches.length > 0) parts.onTaken(stretches);
    },
  };
}
