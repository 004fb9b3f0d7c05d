import { api } from '../../common/contracts/index.ts';
import type { Routes } from '../platform/index.ts';
import { addCatalogRoutes } from './catalog/index.ts';
import type { Market } from './create-market.ts';

/** Gaps, fills, pools, prices, coverage and the catalog. */
export function addMarketRoutes(routes: Routes, market: Market): void {
  routes.add(api.market.analyzeGap, ({ body }) => market.analyzeGap(body));
  routes.add(api.market.fillGap, ({ body }) => market.fill(body));
  routes.add(api.market.getFill, ({ params }) => market.getFill(params.job));
  routes.add(api.market.listFills, async () => ({ fills: await market.listFills() }));
  routes.add(api.market.cancelFill, ({ params }) => market.cancelFill(params.job));
  routes.add(api.market.listPools, ({ query }) => market.listPools(query));
  routes.add(api.market.priceHistory, async ({ query }) => {
    const { points, holes } = await market.history(query.pool, query.fromMs, query.toMs);
    return { pool: query.pool, points, holes };
  });
  routes.add(api.market.coverage, async () => ({
    coverage: await market.coverage.all(),
    totalRecords: await market.coverage.countRecords(),
  }));
  addCatalogRoutes(routes, market.catalog, market.catalogKeeper);
}
