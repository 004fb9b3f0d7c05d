export { createDecisions, type Decisions } from './create-decisions.ts';
export { decisionMigrations } from './decision-tables.ts';
export type { ObservedCluster } from './neighbours.ts';
export { packInWorker } from './packing/pack-in-worker.ts';
export type { PackingAnswer } from './packing/packing-answer.ts';
export type { PackingProblem } from './packing/problem.ts';
export { readPackingCsv } from './packing/read-packing-csv.ts';
export { addDecisionRoutes } from './routes.ts';
export { workloadOwners } from './workload-owner.ts';
