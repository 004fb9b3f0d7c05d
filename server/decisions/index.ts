export { createDecisions, type DecisionParts, type Decisions } from './create-decisions.ts';
export { decisionMigrations } from './decision-tables.ts';
export type {
  DecisionEngine,
  DecisionForecasts,
  DecisionState,
  EngineAnswer,
  PoolOutlook,
  Proposal,
} from './engines/engine.ts';
export { spotEngine } from './engines/spot/spot-engine.ts';
export type { ObservedCluster } from './neighbours.ts';
export { type DecisionPolicy, defaultPolicy } from './policy.ts';
export { addDecisionRoutes } from './routes.ts';
export { type WorkloadOwners, workloadOwners } from './workload-owner.ts';
