export { parseZones } from './archives/parse-zones.ts';
export type { Catalog } from './catalog.ts';
export { createMarket, type Market, type MarketParts } from './create-market.ts';
export type { ImportStep } from './import-archive.ts';
export { marketMigrations } from './market-tables.ts';
export { PoolStore } from './pool-store.ts';
export { type PriceRecord, type PriceSeries, PriceStore } from './price-store.ts';
export { addMarketRoutes } from './routes.ts';
