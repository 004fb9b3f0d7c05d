import type { PoolSummary, PricePoint } from '../../common/contracts/index.ts';
import { type Pool, poolKey } from '../../common/units/index.ts';
import type { Catalog } from './catalog/index.ts';
import type { PoolQuery } from './market.ts';
import type { PoolStore } from './pool-store.ts';
import type { PriceStore } from './price-store.ts';

/** Pools that have records, with the last price of each. Its time grows with pools, not with records. */
export async function listPools(
  { pools, prices, catalog }: { pools: PoolStore; prices: PriceStore; catalog: Catalog },
  { region, product, search, limit }: PoolQuery,
): Promise<{ pools: PoolSummary[]; total: number }> {
  const sold = await pools.list({ regions: region === undefined ? [] : [region], products: [product] });
  const statistics = await prices.counts.byPool();
  const fitting = sold.filter(
    ({ id, pool }) => statistics.has(id) && (search === undefined || matches(pool, search)),
  );
  const shown = fitting.slice(0, limit);
  const last = await prices.pricesAt(
    shown.map(({ id }) => ({ id, atMs: statistics.get(id)?.lastAtMs ?? 0 })),
  );
  const summaries = shown.flatMap(({ id, pool }) => {
    const point = last.get(id);
    const records = statistics.get(id)?.records ?? 0;
    return point === undefined ? [] : [summaryOf(pool, point, records, catalog)];
  });
  return { pools: summaries, total: fitting.length };
}

function matches(pool: Pool, search: string): boolean {
  const text = `${pool.instanceType} ${pool.availabilityZone} ${pool.region}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

function summaryOf(pool: Pool, last: PricePoint, records: number, catalog: Catalog): PoolSummary {
  const onDemand = catalog.onDemandMicroUsdPerHour(pool.region, pool.instanceType, pool.product);
  return {
    ...pool,
    pool: poolKey(pool),
    lastPriceMicroUsdPerHour: last.priceMicroUsdPerHour,
    lastPriceAt: last.atMs,
    onDemandMicroUsdPerHour: onDemand ?? null,
    records,
  };
}
