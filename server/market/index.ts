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
export { createMarket, type Market, type MarketParts } from './create-market.ts';
export { marketMigrations } from './market-tables.ts';
export { PoolStore } from './pool-store.ts';
export { type PriceRecord, type PriceSeries, PriceStore } from './price-store.ts';
export { addMarketRoutes } from './routes.ts';
