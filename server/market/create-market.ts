import { createCatalog } from './catalog/index.ts';
import { CollectionStore } from './collection-store.ts';
import { Collector } from './collector.ts';
import { CoverageStore } from './coverage-store.ts';
import { createImports } from './create-imports.ts';
import { dropOldPrices } from './drop-old-prices.ts';
import { FillJobs } from './fill-jobs.ts';
import { HeldPriceStore } from './held-price-store.ts';
import { listPools } from './list-pools.ts';
import { mapCoverage } from './map-coverage.ts';
import type { FilledListener, GapRequest, Market, MarketParts } from './market.ts';
import { examineGap, measureGap } from './measure-gap.ts';
import { needOfRequest } from './need-of-request.ts';
import { PoolStore } from './pool-store.ts';
import { priceExchange } from './price-exchange.ts';
import { PriceStore } from './price-store.ts';
import { coverageReader } from './read-coverage.ts';
import { readHistories } from './read-histories.ts';
import { readPoolTable } from './read-pool-table.ts';
import { priceReader, readHistory } from './read-prices.ts';
import { Ec2Source } from './sources/ec2-source.ts';

/** Opens the room. @throws AppError `config.invalid` when the catalog cannot be read. */
export async function createMarket(parts: MarketParts): Promise<Market> {
  const { database, jobs, live, clock, log, retentionDays = 0 } = parts;
  const { catalog, keeper } = await createCatalog({ ...parts, ...parts.catalog });
  const pools = new PoolStore(database);
  const prices = new PriceStore(database, pools);
  const coverage = new CoverageStore(database);
  const source = new Ec2Source(parts.ec2, clock);
  const held = { database, pools, prices, coverage, clock, catalog };
  const fills = new FillJobs(jobs, live, {
    prices,
    coverage,
    source,
    clock,
    log,
    analyze: need => measureGap(held, need, clock.now()),
  });
  const collector = new Collector({
    store: new CollectionStore(database),
    fills,
    live,
    clock,
    log,
    scopesOfModels: parts.scopesOfModels ?? (async () => []),
    retentionDays,
    dropOld: async () => {
      const rows = await dropOldPrices(held, retentionDays, clock.now());
      if (rows > 0) log.info({ rows, retentionDays }, 'old prices dropped');
    },
  });
  const imported = new Set<FilledListener>();
  const imports = createImports(
    {
      prices,
      held: new HeldPriceStore(database, pools),
      coverage,
      clock,
      jobs,
      live,
      folder: parts.importsFolder,
    },
    scope => {
      for (const listener of imported) listener({ modelId: null, scope });
    },
  );
  const needOf = (request: GapRequest) => needOfRequest(request, clock.now(), parts.needOfModel);

  return {
    catalog,
    catalogKeeper: keeper,
    imports,
    prices: priceReader(held),
    coverage: coverageReader(held),
    listPools: query => listPools(held, query),
    poolTable: () => readPoolTable(held),
    histories: query => readHistories(held, query),
    coverageMap: query => mapCoverage(held, query),
    ec2Access: region => source.access(region),
    history: (key, fromMs, toMs) => readHistory(held, key, fromMs, toMs),
    analyzeGap: async request => examineGap(held, await needOf(request), clock.now()),
    fill: async request => fills.start(await needOf(request)),
    getFill: jobId => fills.get(jobId),
    listFills: () => fills.list(),
    cancelFill: jobId => fills.cancel(jobId),
    onFilled: listener => {
      fills.onFilled(listener);
      imported.add(listener);
    },
    requestCounts: () => source.pace,
    collections: collector,
    exchange: priceExchange({
      ...held,
      retentionDays,
      onTaken: stretches => {
        const scope = {
          regions: [...new Set(stretches.map(({ region }) => region))],
          products: [...new Set(stretches.map(({ product }) => product))],
          instanceTypes: [],
        };
        for (const listener of imported) listener({ modelId: null, scope });
      },
    }),
    start: async () => {
      await pools.load();
      await imports.start();
      collector.start();
    },
    stop: async () => {
      collector.stop();
      await source.close();
    },
  };
}
