import type {
  InventoryBudget,
  InventoryNamespace,
  InventoryNode,
  InventoryNodeClaim,
  InventoryNodePool,
  InventoryPod,
  InventoryPodShape,
  InventoryStorageClass,
  InventoryVolume,
  InventoryVolumeClaim,
  InventoryWorkload,
  TaskAction,
  TaskResult,
} from '../../common/agent-protocol/index.ts';
import type {
  CatalogType,
  ClusterEventView,
  ClusterSummary,
  NodeView,
} from '../../common/contracts/index.ts';
import type { Pool, PoolKey } from '../../common/units/index.ts';
import type { PoolNotice } from './engines/pool-standing.ts';
import type { PodMeasures } from './resizing/watch-resize.ts';

/** What runs in a cluster, as its agent last told. */
export interface ObservedCluster {
  readonly cluster: ClusterSummary;
  readonly nodes: readonly NodeView[];
  readonly inventory: {
    readonly nodes: readonly InventoryNode[];
    readonly pods: readonly InventoryPod[];
    readonly budgets: readonly InventoryBudget[];
    readonly workloads: readonly InventoryWorkload[];
  };
  /** ms UTC */
  readonly asOf: number;
}

/** What runs in a cluster, with all that decides where its pods may go. */
export interface SchedulableCluster extends ObservedCluster {
  readonly scheduling: {
    readonly shapes: readonly InventoryPodShape[];
    readonly claims: readonly InventoryVolumeClaim[];
    readonly volumes: readonly InventoryVolume[];
    readonly storageClasses: readonly InventoryStorageClass[];
    readonly namespaces: readonly InventoryNamespace[];
    /** Karpenter's. */
    readonly nodePools?: readonly InventoryNodePool[];
    readonly nodeClaims?: readonly InventoryNodeClaim[];
  };
}

/** A node on the bill; `spotMicroUsdPerHour` is the Spot price in force, on-demand ones are priced by the catalog. */
export interface PaidNode {
  readonly id: string;
  readonly region: string;
  readonly zone: string | null;
  readonly instanceType: string;
  readonly product: string;
  readonly capacityType: 'on-demand' | 'spot';
  readonly spotMicroUsdPerHour?: number | undefined;
}

/** What decisions ask of the market: the instance types on offer, and what is paid after all agreements. */
export interface TypeCatalog {
  readonly catalog: {
    all(): readonly CatalogType[];
    /** `null` where no agreements are known. */
    commitments(): object | null;
    /** Commitments, used or not, and what is paid beyond them, for nodes with known prices. */
    applyCommitments(nodes: readonly PaidNode[]): { readonly totalMicroUsdPerHour: number };
  };
}

/** What decisions ask of forecasting. Pools without prices are absent from the answer. */
export interface PriceForecasts {
  /**
   * @param subjects who it is for: an experiment gives some clusters or workloads another model's word
   * @returns for each subject in order; those that one model serves share one map
   */
  forecastFor(
    pools: Pool[],
    subjects: readonly { readonly clusterId: string; readonly workload?: string }[],
  ): Promise<
    ReadonlyMap<
      PoolKey,
      {
        readonly priceMicroUsdPerHour: number;
        readonly predictedMicroUsdPerHour: number;
        /** Name and version of the model, or `persistence`. */
        readonly by: string;
        readonly horizonHours: number;
      }
    >[]
  >;
  /** Pools of which nothing is known are absent. */
  interruptionRisks(
    pools: Pool[],
  ): Promise<
    ReadonlyMap<PoolKey, { readonly maxPercentPerMonth: number; readonly source: 'model' | 'advisor' }>
  >;
  /** What AWS has said of nodes in Spot pools since `fromMs`, ms UTC. */
  poolNotices(fromMs: number): Promise<ReadonlyMap<PoolKey, readonly PoolNotice[]>>;
}

/** What decisions ask of clusters: their state, and tasks for their agents. */
export interface ClusterControl {
  state(clusterId: string): SchedulableCluster | undefined;
  /** What pods used when they were last measured. */
  measures(clusterId: string): PodMeasures;
  /** All clusters that are enrolled: they share one bill. */
  summaries(): readonly (Pick<ClusterSummary, 'id'> & Partial<Pick<ClusterSummary, 'name' | 'home'>>)[];
  /**
   * Durable once it resolves: the task is offered to the agent until its result is in. `deadlineMs` is how long it may
   * take. @throws AppError `cluster.away`; nothing was started then
   */
  sendTask(
    clusterId: string,
    order: {
      /** A name of its own, for a task that may have been sent already and then is not sent again. */
      readonly taskId?: string;
      readonly action: TaskAction;
      readonly deadlineMs: number;
      readonly dryRun: boolean;
      readonly actor?: string;
    },
  ): Promise<{ readonly taskId: string; readonly epoch: number }>;
  /** Asks for the end of a task; its result says how far it came. */
  cancelTask(clusterId: string, taskId: string, actor?: string): Promise<void>;
  /** A task with the last word on it: after a restart, results may have been committed that nobody here heard of. */
  getTask(taskId: string): Promise<{ readonly result: TaskResult | null } | undefined>;
  onTaskResult(listener: (clusterId: string, result: TaskResult) => void): void;
  /** Adds to what happened in a cluster, for people to read. */
  noteEvent(
    clusterId: string,
    event: Pick<ClusterEventView, 'reason' | 'object' | 'message' | 'severity'>,
  ): Promise<void>;
}
