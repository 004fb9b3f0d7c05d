export { featureCatalog, featureNamed, featureSetHash } from './feature-catalog.ts';
export type { Feature } from './feature-definitions.ts';
export { type FeatureRows, featureRows } from './feature-rows.ts';
export { type PoolFacts, PRICE_STAYS_KNOWN_MS, type PriceRecords, priceAt } from './price-frame.ts';
