export { featureCatalog, featureSetHash } from './feature-catalog.ts';
export type { Feature } from './feature-definitions.ts';
export { type FeatureRows, featureTable } from './feature-table.ts';
export {
  type MarketSlice,
  type PoolFacts,
  type PoolPrices,
  type PriceRecords,
  priceAt,
} from './market-slice.ts';
