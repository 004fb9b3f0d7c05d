import type { Backtest } from './contracts/backtests.ts';
import type { CatalogRefresh } from './contracts/catalog.ts';
import type { AgentHealth } from './contracts/cluster-parts.ts';
import type { ClusterSummary, NodeView } from './contracts/clusters.ts';
import type { ContextPlan } from './contracts/context-plans.ts';
import type { DecisionRun, Plan } from './contracts/decisions.ts';
import type { EngineExperiment, EngineExperimentResult } from './contracts/engine-experiments.ts';
import type { Engine, EngineChoice } from './contracts/engines.ts';
import type { Experiment, ExperimentResult } from './contracts/experiments.ts';
import type { ForecastSummary } from './contracts/forecasts.ts';
import type { ImportProgress } from './contracts/imports.ts';
import type { Collection, FillProgress } from './contracts/market.ts';
import type { Model } from './contracts/models.ts';
import type { KillSwitch, PolicyRevision } from './contracts/policies.ts';
import type { SavingsEntry, SavingsSummary } from './contracts/savings.ts';
import type { SyncServer } from './contracts/sync.ts';

/**
 * What a dashboard can watch. Every topic is a set of values by key: a snapshot gives all of them, a delta sets
 * or removes some. Deltas of one key are merged while a client is slow, so its backlog is bounded by the keys.
 */
export interface LiveTopics {
  /** key: cluster id */
  clusters: ClusterSummary;
  /** keys: `summary`, `agent`, `node/<name>`; pods and all else come page by page, there may be too many for a topic */
  [cluster: `cluster/${string}`]: ClusterSummary | AgentHealth | NodeView;
  /** key: model id */
  models: Model;
  /** key: experiment id */
  experiments: Experiment;
  /** key: `progress` */
  [backtest: `backtest/${string}`]: Backtest;
  /** key: `result` */
  [experiment: `experiment/${string}`]: ExperimentResult;
  /** key: collection id */
  collections: Collection;
  /** key: job id; all fills of the last day */
  fills: FillProgress;
  /** key: job id; refreshes of the instance catalog */
  'catalog-refreshes': CatalogRefresh;
  /** key: job id; the last imports of price files */
  imports: ImportProgress;
  /** key: `progress` */
  [fill: `fill/${string}`]: FillProgress;
  /** key: `summary` */
  [forecast: `forecasts/${string}`]: ForecastSummary;
  /** key: id; the last plans for contexts of kubeconfigs */
  'context-plans': ContextPlan;
  /** keys: `plan/<id>`, `run/<id>` */
  decisions: Plan | DecisionRun;
  /** keys: `engine/<id>`, `choice/<cluster id>` */
  engines: Engine | EngineChoice;
  /** key: experiment id */
  'engine-experiments': EngineExperiment;
  /** key: `result` */
  [engineExperiment: `engine-experiment/${string}`]: EngineExperimentResult;
  /** keys: `policy/<scope>`, `kill-switch/<scope>`; the scope is a cluster id or `default` */
  policies: PolicyRevision | KillSwitch;
  /** keys: `plan`, as it was when somebody looked first; `progress`, as it stands since, but without its pods, which never change */
  [plan: `plan/${string}`]: Plan;
  /** keys: `summary`, `entry/<id>` */
  savings: SavingsSummary | SavingsEntry;
  /** key: `server` */
  sync: SyncServer;
}

export type LiveTopic = keyof LiveTopics & string;

/** One change of one key; `null` removes it. */
export interface LiveChange {
  readonly key: string;
  readonly value: unknown;
}

/** All values of a topic as of `seq`. */
export interface LiveSnapshot {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly values: readonly LiveChange[];
}

/** Changes that lead from `afterSeq` to `seq`. A client whose last `seq` is not `afterSeq` subscribes again. */
export interface LiveDelta {
  readonly topic: string;
  readonly epoch: string;
  readonly afterSeq: number;
  readonly seq: number;
  readonly changes: readonly LiveChange[];
}

/** Answer to `subscribe`: a snapshot, the deltas since `afterSeq`, or why not. */
export type SubscribeAnswer =
  | { readonly ok: true; readonly snapshot: LiveSnapshot }
  | { readonly ok: true; readonly delta: LiveDelta }
  | { readonly ok: false; readonly message: string };

/** Socket.IO events of namespace `/live` from a dashboard. `epoch` is that of the last snapshot held, if any. */
export interface DashboardToServer {
  subscribe: (
    request: { topic: string; epoch?: string; afterSeq?: number },
    answer: (result: SubscribeAnswer) => void,
  ) => void;
  unsubscribe: (request: { topic: string }) => void;
}

/** Socket.IO events to a dashboard. The next batch is sent when the connection has taken the last one; it need not be acknowledged. */
export interface ServerToDashboard {
  deltas: (batch: LiveDelta[], received: () => void) => void;
}
