export { describeFeatures } from './describe-features.ts';
export type { Feature } from './feature.ts';
export { featureCatalog, lookAtNeighbours } from './feature-catalog.ts';
export { featureSetHash } from './feature-set-hash.ts';
export { type FeatureRows, featureTable } from './feature-table.ts';
export {
  type MarketSlice,
  type PoolFacts,
  type PoolPrices,
  type PriceRecords,
  priceAt,
} from './market-slice.ts';
export { neighboursAmong } from './neighbours.ts';
export { PriceFrame } from './price-frame.ts';
export { type Memory, Scratch } from './scratch.ts';
