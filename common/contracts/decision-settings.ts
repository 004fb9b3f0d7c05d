import { z } from 'zod';
import {
  DAY,
  duration,
  flag,
  HOUR,
  MINUTE,
  money,
  shareOf,
  wholeNumber,
  withDefault,
} from './policy-fields.ts';

/**
 * Thresholds and caps of the engines, and limits of the executor. 10 % and $0.005/h (≈ $3.65/month) keep moves that are
 * within the noise of prices out; 25 % between Spot pools and a payback within a day damp oscillation (a known fault of
 * consolidators). 40 % in a pool: one pool's interruption must leave the larger part standing, since nodes of one pool go
 * together; for the same reason two interruptions within a day keep new nodes out of a pool. 10 minutes and $0.25 for an interruption are judgements, not measurements: raise them for slow starters.
 */
export const decisionSettings = z.strictObject({
  minimumSavingShare: withDefault(
    shareOf('Least saving', 'A move must save at least this part of what the node costs now.', 'its cost'),
    0.1,
  ),
  minimumSavingMicroUsdPerHour: withDefault(
    money('Least saving in money', 'A move must save at least this much.', 'hour'),
    5_000,
  ),
  minimumSpotToSpotSavingShare: withDefault(
    shareOf(
      'Least saving from Spot to Spot',
      'From one Spot pool to another a move must save at least this part: prices drift, and a node must not follow every drift.',
      'its cost',
    ),
    0.25,
  ),
  maximumPaybackMs: withDefault(
    duration('Longest payback', 'What the switch costs must be saved again within this time.'),
    DAY,
  ),
  overlapMs: withDefault(
    duration('Overlap of nodes', 'Old and new node run side by side for about this long.', DAY),
    5 * MINUTE,
  ),
  lostWorkMs: withDefault(
    duration('Work lost by an interruption', 'An interruption loses this much work of the node.', DAY),
    10 * MINUTE,
  ),
  interruptionMicroUsd: withDefault(
    money(
      'Cost of an interruption',
      'An interruption costs this much whatever the node: cold caches, retries, somebody who looks.',
    ),
    250_000,
  ),
  interruptionsUntilAvoided: withDefault(
    wholeNumber(
      'Interruptions until a pool is avoided',
      'After so many nodes of one Spot pool were interrupted within the span below, in any cluster, nothing moves there.',
      'nodes',
      1,
      100,
    ),
    2,
  ),
  interruptionSpanMs: withDefault(
    duration(
      'Span of interruptions',
      'Interruptions of a pool count together when they are within this time.',
      DAY,
    ),
    DAY,
  ),
  poolReturnMs: withDefault(
    duration(
      'Return to a pool',
      'A pool that is avoided is used again when none of its nodes was interrupted for this long.',
      7 * DAY,
    ),
    12 * HOUR,
  ),
  rebalanceSpanMs: withDefault(
    duration(
      'Span of recommendations',
      'When AWS recommends to leave a pool, or interrupts a node there, its risk counts as 100 % a month for this long.',
      DAY,
    ),
    2 * HOUR,
  ),
  maximumPoolShare: withDefault(
    shareOf('Most nodes in one Spot pool', 'At most this part stands in one pool of type and zone.', 'nodes'),
    0.4,
  ),
  minimumPoolNodes: withDefault(
    wholeNumber('Nodes that a pool may always hold', 'Whatever the part is, this many may be.', 'nodes'),
    2,
  ),
  onDemandShare: withDefault(
    shareOf('On-demand floor', 'At least this part of the nodes stays on-demand.', 'nodes'),
    0.2,
  ),
  onDemandNodes: withDefault(
    wholeNumber('On-demand floor in nodes', 'At least this many nodes stay on-demand.', 'nodes'),
    1,
  ),
  maximumWaveShare: withDefault(
    shareOf(
      'Most nodes in one wave',
      'At most this part is drained in one wave; one node always may.',
      'nodes',
    ),
    0.1,
  ),
  allowLocalStorage: withDefault(
    flag('Move pods with local storage', 'Whether pods that lose an emptyDir volume may be moved.'),
    false,
  ),
  allowOtherZones: withDefault(
    flag(
      'Move to other zones',
      'Whether the replacement may stand in another zone; volumes and affinity pin pods.',
    ),
    false,
  ),
  shortTaskMs: withDefault(
    duration('Time for short tasks', 'How long the agent has for a cordon, uncordon or delete.', DAY),
    2 * MINUTE,
  ),
  drainMs: withDefault(
    duration(
      'Time for a drain',
      'How long the agent has for a drain, which waits for disruption budgets.',
      DAY,
    ),
    15 * MINUTE,
  ),
  nodeReadyMs: withDefault(
    duration('Time for a new node', 'How long an instance that was ordered has to become a ready node.', DAY),
    10 * MINUTE,
  ),
  instanceEndMs: withDefault(
    duration(
      'Time for an instance to end',
      'How long a plan waits until AWS shows an instance gone that it ordered to end, e.g. for a lifecycle hook of its Auto Scaling group; then it goes on, and the instance counts as costing until it is gone.',
      2 * DAY,
    ),
    30 * MINUTE,
  ),
  resizeWatchMs: withDefault(
    duration(
      'Watch after a resize',
      'So long pods with new sizes have to run without a kill for want of memory, a crash or throttling: one pod first, then all.',
      DAY,
    ),
    10 * MINUTE,
  ),
  rolloutMs: withDefault(
    duration(
      'Time for a rollout',
      'How long the pods of a workload have to become ready with new sizes; then they are taken back.',
      DAY,
    ),
    30 * MINUTE,
  ),
  resizesAtOnce: withDefault(
    wholeNumber(
      'Resizes at once',
      'So many workloads of a cluster may be resized side by side; never two that share a disruption budget.',
      'workloads',
      1,
      100,
    ),
    5,
  ),
  failuresUntilPause: withDefault(
    wholeNumber(
      'Failures until pause',
      'After this many failed plans in a row, or within the span below, the cluster pauses until somebody runs the engine again.',
      'plans',
      1,
      100,
    ),
    3,
  ),
  failureSpanMs: withDefault(
    duration(
      'Span of failures',
      'Failed plans count together when they are within this time, whatever succeeded between them.',
      DAY,
    ),
    10 * MINUTE,
  ),
});
export type DecisionSettings = z.output<typeof decisionSettings>;
