/** What the engines and the executor may do. Money in micro-USD, times in ms, shares 0…1. */
export interface DecisionPolicy {
  /** A move must save at least this share of what the node costs now … */
  readonly minimumSavingShare: number;
  /** … and at least this much … */
  readonly minimumSavingMicroUsdPerHour: number;
  /** … and, from Spot to Spot, at least this share: pools drift, and a node must not follow every drift. */
  readonly minimumSpotToSpotSavingShare: number;
  /** The cost of the switch must be back within this time. */
  readonly maximumPaybackMs: number;
  /** Old and new node run side by side for about this long. */
  readonly overlapMs: number;
  /** An interruption loses this much work of the node … */
  readonly lostWorkMs: number;
  /** … and costs this much whatever the node: cold caches, retries, somebody who looks. */
  readonly interruptionMicroUsd: number;
  /** At most this share of the cluster's nodes in one pool of (type, zone) … */
  readonly maximumPoolShare: number;
  /** … but this many always may be. */
  readonly minimumPoolNodes: number;
  /** At least this share of the nodes stays on-demand … */
  readonly onDemandShare: number;
  /** … and at least this many. */
  readonly onDemandNodes: number;
  /** At most this share of the nodes is drained in one wave, and at least one node may be. */
  readonly maximumWaveShare: number;
  /** Whether pods that lose an emptyDir volume may be moved. */
  readonly allowLocalStorage: boolean;
  /** Whether the replacement may stand in another zone. Volumes and affinity pin pods, so: not by default. */
  readonly allowOtherZones: boolean;
  /** How long the agent has for a cordon, uncordon or delete-node … */
  readonly shortTaskMs: number;
  /** … and for a drain, which waits for disruption budgets. */
  readonly drainMs: number;
  /** How long an ordered instance has to become a ready node. */
  readonly nodeReadyMs: number;
  /** After this many failed plans in a row a cluster's executor pauses. */
  readonly failuresUntilPause: number;
}

/**
 * The policy where nobody said otherwise. 10 % and $0.005/h (≈ $3.65/month) keep moves that are within the noise of
 * prices out; 25 % between Spot pools and a payback within a day damp oscillation (a known fault of consolidators).
 * 40 % in a pool: one pool's interruption must leave the larger part standing, since nodes of one pool go together.
 * 10 minutes and $0.25 for an interruption are judgements, not measurements: raise them for slow starters.
 */
export const defaultPolicy: DecisionPolicy = {
  minimumSavingShare: 0.1,
  minimumSavingMicroUsdPerHour: 5_000,
  minimumSpotToSpotSavingShare: 0.25,
  maximumPaybackMs: 24 * 3_600_000,
  overlapMs: 5 * 60_000,
  lostWorkMs: 10 * 60_000,
  interruptionMicroUsd: 250_000,
  maximumPoolShare: 0.4,
  minimumPoolNodes: 2,
  onDemandShare: 0.2,
  onDemandNodes: 1,
  maximumWaveShare: 0.1,
  allowLocalStorage: false,
  allowOtherZones: false,
  shortTaskMs: 2 * 60_000,
  drainMs: 15 * 60_000,
  nodeReadyMs: 10 * 60_000,
  failuresUntilPause: 3,
};
