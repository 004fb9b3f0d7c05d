import type {
  BlockedNode,
  CatalogType,
  Plan,
  PlanTarget,
  PlugInIdentity,
  RefusedMove,
  RightsizingAnswer,
} from '../../../common/contracts/index.ts';
import type { Pool, PoolKey } from '../../../common/units/index.ts';
import type { FleetBill } from '../fleet-bill.ts';
import type { SchedulableCluster } from '../neighbours.ts';
import type { DecisionPolicy } from '../policy.ts';

/** A pool as it is and as it is expected to be. */
export interface PoolOutlook {
  readonly pool: Pool;
  readonly priceMicroUsdPerHour: number;
  readonly predictedMicroUsdPerHour: number;
  /** Name and version of the model, or `persistence`. */
  readonly by: string;
  readonly horizonHours: number;
  /** Nodes that are interrupted in a month in percent; `undefined` when unknown. */
  readonly interruptionMaxPercentPerMonth: number | undefined;
  /** Who says so: a model's expectation, the upper end of the advisor's band, or what AWS has told of a node there. */
  readonly interruptionSource?: 'model' | 'advisor' | 'notice' | undefined;
}

/** A pool whose nodes were interrupted repeatedly. */
export interface AvoidedPool {
  readonly outlook: PoolOutlook;
  /** Since it began. */
  readonly interruptions: number;
  /** When it is used again, if no interruption comes until then. */
  readonly returnsInMs: number;
}

/** What is known of the market. A pool whose price is unknown is absent. */
export interface DecisionForecasts {
  readonly types: readonly CatalogType[];
  readonly pools: ReadonlyMap<PoolKey, PoolOutlook>;
  /** Of workloads that another model serves than the cluster, by their key (`Deployment/shop/web`). */
  readonly poolsOfWorkload: ReadonlyMap<string, ReadonlyMap<PoolKey, PoolOutlook>>;
  /** Pools that nothing moves to for now; they are not among `pools`. */
  readonly avoided?: ReadonlyMap<PoolKey, AvoidedPool>;
}

/** A plan that was approved and is not done yet: it counts as done for caps and floors, and its nodes are left alone. */
export interface MoveUnderWay {
  /** Uids of the nodes that go. */
  readonly removes: readonly string[];
  readonly adds: readonly Pick<PlanTarget, 'instanceType' | 'zone' | 'capacityType'>[];
  /** Uid of the workload whose pods get new sizes. */
  readonly resizes?: string;
}

/** What an engine decides on. */
export interface DecisionState extends SchedulableCluster {
  readonly underWay: readonly MoveUnderWay[];
  /** The bill as it will be when the moves under way are done; a fresh one at each call. */
  readonly openBill: () => FleetBill;
  /** What containers should ask for, for engines that need it. */
  readonly sizes?: Pick<RightsizingAnswer, 'proposals'>;
  /** Uids of workloads whose last resize had to be taken back not long ago. */
  readonly takenBack?: ReadonlySet<string>;
}

/** A plan before it has an id, a run and a time. */
export type Proposal = Pick<
  Plan,
  'kind' | 'title' | 'reasons' | 'remove' | 'add' | 'makeRoom' | 'resize' | 'cost' | 'pods' | 'proof'
> & {
  /** Names of nodes by the wave in which they go, or give up pods; all in one where it is left out. */
  readonly waves?: readonly (readonly string[])[];
  /** The engine of several that run in order. */
  readonly engine?: string;
  /** Proposals of the same answer that make room for this one. */
  readonly after?: readonly Proposal[];
};

/** All that an engine says of one state. */
export interface EngineAnswer {
  /** Largest saving first. */
  readonly proposals: readonly Proposal[];
  /** Every node that stays, with all reasons. */
  readonly blocked: readonly BlockedNode[];
  /** What a plug-in proposed and may not. */
  readonly refused?: readonly RefusedMove[];
  readonly nodesConsidered: number;
  /** Nodes left alone because their price, type or place is unknown. */
  readonly unknownPrices: number;
  /** Pools left out because their interruption risk is unknown. */
  readonly unknownRisks: number;
  /** Sum over nodes with a known price; `null` when none is known. */
  readonly costNowMicroUsdPerHour: number | null;
  readonly costAfterMicroUsdPerHour: number | null;
}

/**
 * A decision engine: a pure function. It reads no clock, rolls no dice and does no I/O; the same input in another
 * order gives the same answer. What is unknown leads to no action.
 */
export interface DecisionEngine {
  readonly name: string;
  decide(state: DecisionState, forecasts: DecisionForecasts, policy: DecisionPolicy): EngineAnswer;
}

/** An engine as a run uses it: a built-in one, or one in a process of its own. */
export interface RunnableEngine {
  readonly name: string;
  readonly plugIn?: PlugInIdentity;
  /** It reads `sizes` of the state, which take a while to work out. */
  readonly needsSizes?: boolean;
  /** @throws AppError `engine.faulty` when a plug-in gives no answer that can be used */
  decide(
    state: DecisionState,
    forecasts: DecisionForecasts,
    policy: DecisionPolicy,
  ): EngineAnswer | Promise<EngineAnswer>;
}
