import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { api, catalogImportPath, commitmentsUploadPath } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Routes } from '../../platform/index.ts';
import type { Catalog } from './catalog.ts';
import { effectivePrices } from './commitments/effective-prices.ts';
import type { CatalogKeeper } from './create-catalog.ts';

/** The largest real files have some thousand reservations of about 200 bytes. */
const LARGEST_COMMITMENTS_BYTES = 16 * 1024 ** 2;

/** Calls about the instance catalog and the commitments, and the uploads of both, which stream. */
export function addCatalogRoutes(routes: Routes, catalog: Catalog, keeper: CatalogKeeper): void {
  routes.add(api.market.catalog, async ({ query }) => {
    const region = query.region ?? catalog.region;
    return {
      types: [...catalog.entries(region)],
      region,
      provenance: catalog.provenance,
      regions: [...catalog.regions()],
      layers: catalog.layers(),
    };
  });
  routes.add(api.market.refreshCatalog, ({ body }) => keeper.refresh(body));
  routes.add(api.market.getCatalogRefresh, ({ params }) => keeper.getRefresh(params.job));
  routes.add(api.market.listCatalogRefreshes, async () => ({ refreshes: await keeper.listRefreshes() }));
  routes.add(api.market.cancelCatalogRefresh, ({ params }) => keeper.cancelRefresh(params.job));
  routes.add(api.market.commitments, async () => ({ commitments: catalog.commitments() }));
  routes.add(api.market.effectivePrices, async ({ query }) => effectivePrices(catalog, query));
  routes.add(api.market.deleteCommitments, async () => {
    await keeper.deleteCommitments();
    return { ok: true as const };
  });
  routes.addRaw(
    {
      method: 'POST',
      path: catalogImportPath,
      access: 'operator',
      action: 'catalog.import',
      tag: 'market',
      summary:
        'Multipart form: in `file` a price list of EC2, the Spot advisor feed, or described types; gzip too',
    },
    async request => keeper.importFile(await fileOf(request)),
  );
  routes.addRaw(
    {
      method: 'POST',
      path: commitmentsUploadPath,
      access: 'admin',
      action: 'commitments.upload',
      tag: 'market',
      summary: 'Multipart form: in `file` Savings Plans, Reserved Instances and discounts, as JSON or CSV',
    },
    async request => keeper.putCommitments(await textOf(await fileOf(request))),
  );
}

async function fileOf(request: FastifyRequest): Promise<AsyncIterable<Uint8Array>> {
  if (request.isMultipart()) {
    // Not "for await": leaving such a loop ends the form, and with it the file.
    const parts: AsyncIterator<Multipart> = request.parts();
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      if (next.value.type === 'file') return next.value.file;
    }
  }
  throw new AppError('input.invalid', 'The upload has no file; send a multipart form with the field "file".');
}

async function textOf(file: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of file) {
    bytes += part.length;
    if (bytes > LARGEST_COMMITMENTS_BYTES) {
      throw new AppError(
        'input.too-large',
        `The commitments file is larger than ${LARGEST_COMMITMENTS_BYTES} bytes.`,
      );
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
