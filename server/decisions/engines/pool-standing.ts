import type { PoolKey } from '../../../common/units/index.ts';
import type { DecisionPolicy } from '../policy.ts';
import type { AvoidedPool, DecisionForecasts, PoolOutlook } from './engine.ts';

/** What AWS said of a node in a Spot pool, as some cluster's agent told it. */
export interface PoolNotice {
  /** It was taken away, or is at a higher risk of it. */
  readonly kind: 'interruption' | 'rebalance';
  /** ms UTC */
  readonly atMs: number;
}

/** The percentage of a pool in trouble: more than this a share of nodes cannot be. */
const HIGHEST_PERCENT = 100;

/**
 * Forecasts as recent notices leave them. A pool whose nodes were interrupted repeatedly is taken out: whatever it costs, nothing moves
 * there until it has been quiet for a while. One with a recent recommendation to leave it counts as one that interrupts every node
 * within a month; where its risk is unknown it stays so.
 */
export function withStanding(
  forecasts: DecisionForecasts,
  noticesOf: ReadonlyMap<PoolKey, readonly PoolNotice[]>,
  policy: DecisionPolicy,
  nowMs: number,
): DecisionForecasts {
  if (noticesOf.size === 0) return forecasts;
  const avoided = new Map<PoolKey, AvoidedPool>();
  const raised = new Set<PoolKey>();
  for (const [key, notices] of noticesOf) {
    const outlook = forecasts.pools.get(key);
    const trouble = avoidance(notices, policy, nowMs);
    if (trouble && outlook) avoided.set(key, { outlook, ...trouble });
    if (isRaised(notices, policy, nowMs)) raised.add(key);
  }
  const stand = (pools: ReadonlyMap<PoolKey, PoolOutlook>) =>
    new Map(
      [...pools]
        .filter(([key]) => !avoided.has(key))
        .map(([key, outlook]) => [key, raised.has(key) ? atHighRisk(outlook) : outlook]),
    );
  return {
    ...forecasts,
    pools: stand(forecasts.pools),
    poolsOfWorkload: new Map(
      [...forecasts.poolsOfWorkload].map(([workload, pools]) => [workload, stand(pools)]),
    ),
    avoided,
  };
}

/**
 * Whether a pool is avoided. It begins when `interruptionsUntilAvoided` interruptions fall within `interruptionSpanMs`, and ends when none
 * has come for `poolReturnMs`: one interruption more keeps it out, although it would not have begun it, so that a pool on the edge does
 * not come and go.
 */
function avoidance(
  notices: readonly PoolNotice[],
  { interruptionsUntilAvoided, interruptionSpanMs, poolReturnMs }: DecisionPolicy,
  nowMs: number,
): Pick<AvoidedPool, 'interruptions' | 'returnsInMs'> | undefined {
  const times = notices
    .filter(({ kind, atMs }) => kind === 'interruption' && atMs <= nowMs)
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  let since: number | undefined;
  for (const [index, at] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined && at - before >= poolReturnMs) since = undefined;
    const within = times.filter(each => each <= at && each > at - interruptionSpanMs).length;
    if (since === undefined && within >= interruptionsUntilAvoided)
      since = times[index - interruptionsUntilAvoided + 1] ?? at;
  }
  const last = times.at(-1);
  if (since === undefined || last === undefined || nowMs - last >= poolReturnMs) return undefined;
  const begin = since;
  return {
    interruptions: times.filter(at => at >= begin).length,
    returnsInMs: last + poolReturnMs - nowMs,
  };
}

function isRaised(
  notices: readonly PoolNotice[],
  { rebalanceSpanMs }: DecisionPolicy,
  nowMs: number,
): boolean {
  return notices.some(({ atMs }) => atMs <= nowMs && atMs > nowMs - rebalanceSpanMs);
}

function atHighRisk(outlook: PoolOutlook): PoolOutlook {
  return outlook.interruptionMaxPercentPerMonth === undefined
    ? outlook
    : { ...outlook, interruptionMaxPercentPerMonth: HIGHEST_PERCENT, interruptionSource: 'notice' };
}
