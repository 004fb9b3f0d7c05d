import { access } from './access.ts';
import { backtests } from './backtests.ts';
import { capacity } from './capacity.ts';
import { clusterParts } from './cluster-parts.ts';
import { clusters } from './clusters.ts';
import { contextPlans } from './context-plans.ts';
import { decisions } from './decisions.ts';
import { engineExperiments } from './engine-experiments.ts';
import { engines } from './engines.ts';
import { experiments } from './experiments.ts';
import { forecasts } from './forecasts.ts';
import { imports } from './imports.ts';
import { market } from './market.ts';
import { models } from './models.ts';
import { owners } from './owner-changes.ts';
import { policies } from './policies.ts';
import { rightsizing } from './rightsizing.ts';
import { savings } from './savings.ts';
import { sync } from './sync.ts';
import { tasks } from './tasks.ts';
import { users } from './users.ts';

/** The whole API as a tree: room → call. */
export const api = {
  access,
  market,
  imports,
  models,
  experiments,
  forecasts,
  backtests,
  capacity,
  clusterParts,
  clusters,
  contextPlans,
  decisions,
  engines,
  engineExperiments,
  owners,
  policies,
  rightsizing,
  savings,
  sync,
  tasks,
  users,
};

export type { ContainerResources } from '../agent-protocol/index.ts';
export type { AccessToken, Actor, AuditEntry, AuditFileKind, SignInProof, TokenScope } from './access.ts';
export { auditFileKinds, auditFilePath, auditFileQuery, tokenScopes } from './access.ts';
export type { Backtest, BacktestOrder, BacktestPoolRow, BacktestReport } from './backtests.ts';
export {
  backtest,
  backtestFileKinds,
  backtestFilePath,
  backtestOrder,
  backtestPool,
  backtestReport,
} from './backtests.ts';
export type { CapacityChoice, CapacitySource, Ec2CapacitySource } from './capacity.ts';
export { capacityPatterns } from './capacity.ts';
export type {
  CatalogEntry,
  CatalogImport,
  CatalogLayerView,
  CatalogPart,
  CatalogRefresh,
  CatalogRefreshOrder,
  CatalogType,
  CatalogTypeFacts,
} from './catalog.ts';
export { catalogImportPath, catalogParts, catalogRefresh, catalogType, catalogTypeFacts } from './catalog.ts';
export type { AgentHealth, ClusterEventView, TaskView, WorkloadView } from './cluster-parts.ts';
export { taskStates } from './cluster-parts.ts';
export type { CapacityType, ClusterSummary, NodeOwner, NodeView, PodView, Resources } from './clusters.ts';
export { capacityTypes, clusterSummary, nodeView, podView } from './clusters.ts';
export type { CommitmentsSummary, EffectivePriceLine } from './commitments.ts';
export { commitmentsUploadPath } from './commitments.ts';
export type { PlanResize } from './container-sizes.ts';
export type { ContextPlan, KubeconfigContext } from './context-plans.ts';
export type { AllocationGroup, AllocationQuery, AllocationReport, AllocationRow } from './cost-allocation.ts';
export type { DecisionSettings } from './decision-settings.ts';
export { decisionSettings } from './decision-settings.ts';
export type {
  BlockedNode,
  DecisionRun,
  Plan,
  PlanKind,
  PlanNode,
  PlanPod,
  PlanProof,
  PlanState,
  PlanTarget,
  PlugInIdentity,
  Reason,
  RefusedMove,
  RoomyNode,
  RunNode,
} from './decisions.ts';
export { decisionRun, plan } from './decisions.ts';
export type {
  EngineInput,
  EngineManifest,
  EngineParameter,
  PlugInAnswer,
  ProposedMove,
} from './engine-contract.ts';
export { ENGINE_CONTRACT_VERSION, engineAnswer, engineInput, engineManifest } from './engine-contract.ts';
export type {
  EngineArm,
  EngineExperiment,
  EngineExperimentOrder,
  EngineExperimentResult,
  EngineGuardrailResult,
  EngineGuardrails,
  EngineLedgerEntry,
} from './engine-experiments.ts';
export { engineExperimentOrder, engineExperimentResult } from './engine-experiments.ts';
export type { Engine, EngineCheck, EngineChoice } from './engines.ts';
export { engine, engineChoice, engineFilePath, engineUploadPath } from './engines.ts';
export type {
  Experiment,
  ExperimentOrder,
  ExperimentResult,
  GuardrailResult,
  Guardrails,
  MeanError,
} from './experiments.ts';
export { experiment, experimentOrder, experimentResult } from './experiments.ts';
export type {
  BandEvaluation,
  Drift,
  Evaluation,
  FeatureEntry,
  ForecastSummary,
  InterruptionForecast,
  PoolForecastLine,
  PoolRiskLine,
  Prediction,
  PriceQuantile,
  Recomputation,
  RiskEvaluation,
  SeriesPrediction,
} from './forecasts.ts';
export { forecastSummary } from './forecasts.ts';
export type {
  ArchiveCompression,
  ArchiveDamage,
  ArchiveFormat,
  ImportProgress,
  ImportSummary,
} from './imports.ts';
export { importFields, importProgress, importUploadPath } from './imports.ts';
export type {
  Collection,
  FillProgress,
  GapAnalysis,
  GapSlice,
  Interval,
  MarketScope,
  PoolHole,
  PoolSummary,
  PricePoint,
} from './market.ts';
export { fillProgress } from './market.ts';
export type {
  ActivationEntry,
  ActiveModel,
  AssignmentRule,
  MadeWith,
  Model,
  ModelDraft,
  ModelFileKind,
  ModelManifest,
  ModelOutput,
} from './models.ts';
export {
  model,
  modelFileKinds,
  modelFilePath,
  modelManifest,
  modelTargets,
  modelTasks,
  modelUploadPath,
} from './models.ts';
export type { NumberRows } from './number-rows.ts';
export { outputsProblem } from './outputs-problem.ts';
export type { ChangedField, OwnerChange, OwnerChanges, PurchaseCheck } from './owner-changes.ts';
export type { BlockedSnapshotNode, PackingPlan, PlanMachine, Wave } from './packing-plan.ts';
export type {
  PeerCursor,
  PeerFact,
  PeerIdentity,
  PeerModel,
  PeerPolicy,
  PeerVersions,
  PriceStretch,
} from './peers.ts';
export type { PlanStep } from './plan-step.ts';
export type {
  KillSwitch,
  PlanOutcome,
  PolicyOpening,
  PolicyPreview,
  PolicyProblem,
  PolicyRevision,
} from './policies.ts';
export { DEFAULT_POLICY_SCOPE, killSwitch, policyRevision } from './policies.ts';
export type { PolicyReport, PolicyStanding } from './policy-backtests.ts';
export { policyReport } from './policy-backtests.ts';
export type {
  DisruptionBudget,
  NodeMatch,
  PolicyDocument,
  PolicyMode,
  PolicyWindow,
  PoolRule,
  WorkloadRule,
} from './policy-document.ts';
export {
  policyDocument,
  policyModes,
  weekdays,
} from './policy-document.ts';
export type {
  CoverageCell,
  CoverageMap,
  Ec2Access,
  PoolState,
  PoolTable,
  PriceHistories,
  PriceSteps,
} from './pools.ts';
export { coverageCells, MOST_MAP_DAYS, MOST_POOLS_AT_ONCE, poolStates } from './pools.ts';
export type { Access, CallInput, CallOutput, Procedure, Role } from './procedure.ts';
export { roles } from './procedure.ts';
export type {
  RightsizingAnswer,
  SizedAsIs,
  SizingProposal,
  UsageDay,
  UsageEvidence,
} from './rightsizing.ts';
export type { KeptRecording, RiskBacktestPoolRow, RiskBacktestReport } from './risk-backtests.ts';
export { riskBacktestPool, riskBacktestReport } from './risk-backtests.ts';
export type {
  CostPoint,
  SavingsEntry,
  SavingsEntryDetail,
  SavingsFileKind,
  SavingsGroup,
  SavingsQuery,
  SavingsReport,
  SavingsReportRow,
  SavingsSummary,
} from './savings.ts';
export {
  savingsEntry,
  savingsFileKinds,
  savingsFilePath,
  savingsFileQuery,
  savingsSummary,
} from './savings.ts';
export type {
  FactKind,
  FactOrigin,
  SyncConflict,
  SyncGuest,
  SyncMode,
  SyncPart,
  SyncProgress,
  SyncRefusal,
  SyncServer,
} from './sync.ts';
export { factKinds, syncServer } from './sync.ts';
export type { SessionView, SignInWay, User } from './users.ts';
export type { Provenance } from './values.ts';
