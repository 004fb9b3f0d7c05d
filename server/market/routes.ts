import { api } from '../../common/contracts/index.ts';
import type { Routes } from '../platform/index.ts';
import { addCatalogRoutes } from './catalog/index.ts';
import type { Market } from './market.ts';

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
  routes.add(api.market.coverage, async () => {
    const totalRecords = await market.coverage.countRecords();
    const bytesPerRecord = await market.coverage.bytesPerRecord();
    const bytesOnDisk = Math.round(totalRecords * (bytesPerRecord ?? 0));
    return { coverage: await market.coverage.all(), totalRecords, bytesPerRecord, bytesOnDisk };
  });
  routes.add(api.market.listCollections, () => market.collections.list());
  routes.add(api.market.addCollection, ({ body }) => market.collections.add(body));
  routes.add(api.market.pauseCollection, ({ params, body }) =>
    market.collections.setPaused(params.id, body.paused),
  );
  routes.add(api.market.removeCollection, ({ params }) => market.collections.remove(params.id));
  addCatalogRoutes(routes, market.catalog, market.catalogKeeper);
}
