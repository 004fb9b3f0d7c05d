export { createDecisions, type Decisions } from './create-decisions.ts';
export { decisionMigrations } from './decision-tables.ts';
export type { ObservedCluster } from './neighbours.ts';
export { addDecisionRoutes } from './routes.ts';
export { workloadOwners } from './workload-owner.ts';
