export { layerOfAdvisorFeed } from './advisor-feed.ts';
export type { Catalog, NodeToPrice } from './catalog.ts';
export { addCatalogRoutes } from './catalog-routes.ts';
export { type CatalogFiles, type CatalogKeeper, createCatalog } from './create-catalog.ts';
export { encodeTypes, type LayerFile } from './layer-codec.ts';
export { openCatalogFiles } from './open-catalog-files.ts';
export { SNAPSHOT_FORMAT } from './read-snapshot.ts';
