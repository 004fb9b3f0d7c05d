export { createSync, type Sync } from './create-sync.ts';
export { addSyncRoutes } from './routes.ts';
export { syncMigrations } from './sync-tables.ts';
