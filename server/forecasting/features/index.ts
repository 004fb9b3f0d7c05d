export { featureCatalog, featureSetHash } from './feature-catalog.ts';
export type { Feature } from './feature-definitions.ts';
export { type FeatureRows, featureRows } from './feature-rows.ts';
export { type PoolFacts, type PriceRecords, priceAt } from './price-frame.ts';
