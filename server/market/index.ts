export { parseZones } from './archives/parse-zones.ts';
export { regionOfZone } from './archives/zones.ts';
export {
  type Catalog,
  type CatalogFiles,
  encodeTypes,
  type LayerFile,
  layerOfAdvisorFeed,
  type NodeToPrice,
  openCatalogFiles,
  SNAPSHOT_FORMAT,
} from './catalog/index.ts';
export { CoverageStore, type CoveredStretch } from './coverage-store.ts';
export { createMarket } from './create-market.ts';
export type { ImportStep } from './import-archive.ts';
export type { Market, MarketParts } from './market.ts';
export { marketMigrations } from './market-tables.ts';
export { PoolStore } from './pool-store.ts';
export { batchOf, type PriceRecord } from './price-batch.ts';
export { type PriceExchange, type PricePage, priceExchange } from './price-exchange.ts';
export { openPartitionsOf } from './price-partitions.ts';
export { type PriceSeries, PriceStore } from './price-store.ts';
export { type ArchivedPrices, type ReadArchivesOptions, readArchives } from './read-archives.ts';
export { addMarketRoutes } from './routes.ts';
export { type Ec2Failure, ec2Failure } from './sources/ec2-failure.ts';
export { Ec2Source } from './sources/ec2-source.ts';
export { uncovered } from './uncovered.ts';
