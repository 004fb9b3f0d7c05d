import type { CoverageStore } from './coverage-store.ts';
import { completeScope } from './gap.ts';
import { intersectionOf, lengthOf } from './intervals.ts';
import type { Coverage } from './market.ts';
import type { PoolStore } from './pool-store.ts';
import type { PriceStore } from './price-store.ts';

/** What is on disk, as other rooms and people ask for it. */
export function coverageReader(parts: {
  prices: PriceStore;
  pools: PoolStore;
  coverage: CoverageStore;
}): Coverage {
  const { prices, pools, coverage } = parts;
  return {
    share: async (scope, fromMs, toMs) => {
      const { regions, products, instanceTypes } = completeScope(scope);
      let sum = 0;
      for (const region of regions) {
        for (const product of products) {
          const covered = await coverage.of(region, product, instanceTypes);
          sum += lengthOf(intersectionOf(covered, [{ fromMs, toMs }])) / Math.max(1, toMs - fromMs);
        }
      }
      return sum / Math.max(1, regions.length * products.length);
    },
    all: async () => {
      const rows = await coverage.covered();
      return Promise.all(
        rows.map(async ({ region, product }) => {
          const sold = await pools.list({ regions: [region], products: [product] });
          const instanceTypes = [...new Set(sold.map(({ pool }) => pool.instanceType))];
          const intervals = [...(await coverage.of(region, product, instanceTypes))];
          return { region, product, pools: sold.length, intervals };
        }),
      );
    },
    countRecords: () => prices.counts.total(),
    bytesPerRecord: () => prices.bytesPerRecord(),
  };
}
