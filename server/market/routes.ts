import { api, importUploadPath } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Routes } from '../platform/index.ts';
import { addCatalogRoutes } from './catalog/index.ts';
import type { Market } from './market.ts';
import { receiveArchive } from './receive-archive.ts';

/** Gaps, fills, imports, pools, prices, coverage and the catalog. */
export function addMarketRoutes(routes: Routes, market: Market): void {
  routes.add(api.market.analyzeGap, ({ body }) => market.analyzeGap(body));
  routes.add(api.market.fillGap, ({ body }) => market.fill(body));
  routes.add(api.market.getFill, ({ params }) => market.getFill(params.job));
  routes.add(api.market.listFills, async () => ({ fills: await market.listFills() }));
  routes.add(api.market.cancelFill, ({ params }) => market.cancelFill(params.job));
  addImportRoutes(routes, market);
  routes.add(api.market.listPools, ({ query }) => market.listPools(query));
  routes.add(api.market.priceHistory, async ({ query }) => {
    const { points, holes } = await market.history(query.pool, query.fromMs, query.toMs);
    return { pool: query.pool, points, holes };
  });
  routes.add(api.market.poolTable, () => market.poolTable());
  routes.add(api.market.priceHistories, ({ body }) => market.histories(body));
  routes.add(api.market.coverageMap, ({ query }) => market.coverageMap(query));
  routes.add(api.market.ec2Access, ({ query }) => market.ec2Access(query.region));
  routes.add(api.market.coverage, async () => {
    const totalRecords = await market.coverage.countRecords();
    const bytesPerRecord = await market.coverage.bytesPerRecord();
    const bytesOnDisk = Math.round(totalRecords * (bytesPerRecord ?? 0));
    return { coverage: await market.coverage.all(), totalRecords, bytesPerRecord, bytesOnDisk };
  });
  routes.add(api.market.listCollections, () => market.collections.list());
  routes.add(api.market.addCollection, ({ body }) => market.collections.add(body));
  routes.add(api.market.changeCollection, ({ params, body }) => market.collections.change(params.id, body));
  routes.add(api.market.pauseCollection, ({ params, body }) =>
    market.collections.setPaused(params.id, body.paused),
  );
  routes.add(api.market.removeCollection, ({ params }) => market.collections.remove(params.id));
  addCatalogRoutes(routes, market.catalog, market.catalogKeeper);
}

function addImportRoutes(routes: Routes, { imports }: Market): void {
  routes.addRaw(
    {
      method: 'POST',
      path: importUploadPath,
      access: 'operator',
      action: 'market.import',
      tag: 'market',
      summary:
        'Multipart form: a file of prices in `file`, optionally `region`, `product`, `zones`, `upToDamage`, `allTypes`; answers its import',
    },
    async request => {
      if (!request.isMultipart()) {
        throw new AppError(
          'input.invalid',
          'The upload is no multipart form; send the prices in its field "file".',
        );
      }
      return receiveArchive(request.parts(), (file, fileName, order) =>
        imports.receive(file, fileName, order),
      );
    },
  );
  routes.add(api.imports.listImports, async () => ({ imports: await imports.list() }));
  routes.add(api.imports.getImport, ({ params }) => imports.get(params.job));
  routes.add(api.imports.cancelImport, ({ params }) => imports.cancel(params.job));
}
