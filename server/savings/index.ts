export type { NodeCapacity } from './allocation/measured-hour.ts';
export { createSavings, type Savings } from './create-savings.ts';
export { addSavingRoutes } from './routes.ts';
export { savingMigrations } from './saving-tables.ts';
