export type { CatalogInstanceType, InstanceCatalog } from './instance-catalog.ts';
export { readInstanceCatalog } from './instance-catalog.ts';
export type { PretendInstanceType, PretendMarket, PretendMarketOptions } from './pretend-market.ts';
export { createPretendMarket } from './pretend-market.ts';
export type { RecordedMarket, RecordedMarketOptions } from './recorded-market.ts';
export { openRecordedMarket } from './recorded-market.ts';
export type { SpotMarket, SpotPriceRecord } from './spot-market.ts';
