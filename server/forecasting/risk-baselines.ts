import { MS_PER_DAY, MS_PER_HOUR, type PoolKey } from '../../common/units/index.ts';
import type { SpotNode } from './spot-node.ts';

/** How far back the base rate looks, and what the advisor calls a month. */
export const MONTH_MS = 30 * MS_PER_DAY;
/** With fewer hours of nodes seen the base rate is unknown. */
const FEWEST_NODE_HOURS = 100;
/** Jeffreys' prior of a Poisson rate: nothing seen yet is not "never". */
const PRIOR_INTERRUPTIONS = 0.5;

/** What was seen of Spot nodes in a stretch of time. */
export interface Exposure {
  readonly nodeHours: number;
  readonly interruptions: number;
}

/** Node hours and interruptions in `(fromMs, toMs]`: only what was known at `toMs`. */
export function exposureOf(nodes: readonly SpotNode[], fromMs: number, toMs: number): Exposure {
  let nodeMs = 0;
  let interruptions = 0;
  for (const node of nodes) {
    nodeMs += Math.max(0, Math.min(node.untilMs, toMs) - Math.max(node.fromMs, fromMs));
    const at = node.interruptedMs;
    if (at !== undefined && at > fromMs && at <= toMs) interruptions++;
  }
  return { nodeHours: nodeMs / MS_PER_HOUR, interruptions };
}

/** Probability of at least one event within the horizon at a constant rate per hour. */
function probabilityOf(ratePerHour: number, horizonHours: number): number {
  return -Math.expm1(-ratePerHour * horizonHours);
}

/**
 * The simple rules at a made-at time, from what was known then:
 *
 * - base rate: interruptions per node hour of all pools over the 30 days before; `undefined` below 100 node hours;
 * - persistence: what the pool itself did in the last day (or horizon, if longer) goes on; 0 where nothing happened.
 */
export function riskBaselines(
  nodes: readonly SpotNode[],
  horizonHours: number,
): (
  pool: PoolKey,
  madeAt: number,
) => { readonly baseRate: number | undefined; readonly persistence: number } {
  const byPool = Map.groupBy(nodes, ({ pool }) => pool);
  const recentMs = persistenceMs(horizonHours);
  const baseRates = new Map<number, number | undefined>();
  return (pool, madeAt) => {
    if (!baseRates.has(madeAt)) baseRates.set(madeAt, baseRateAt(nodes, madeAt, horizonHours));
    const { nodeHours, interruptions } = exposureOf(byPool.get(pool) ?? [], madeAt - recentMs, madeAt);
    return {
      baseRate: baseRates.get(madeAt),
      persistence:
        interruptions === 0 ? 0 : probabilityOf(interruptions / Math.max(1, nodeHours), horizonHours),
    };
  };
}

/** How far back persistence looks. */
export function persistenceMs(horizonHours: number): number {
  return Math.max(MS_PER_DAY, horizonHours * MS_PER_HOUR);
}

/** What a percentage of nodes interrupted in 30 days means for a horizon, at a constant rate. */
export function probabilityOfMonthly(percent: number, horizonHours: number): number {
  return 1 - (1 - percent / 100) ** ((horizonHours * MS_PER_HOUR) / MONTH_MS);
}

/** The other way: what a probability within a horizon means in percent of nodes interrupted in 30 days. */
export function monthlyPercentOf(probability: number, horizonHours: number): number {
  return (1 - (1 - probability) ** (MONTH_MS / (horizonHours * MS_PER_HOUR))) * 100;
}

function baseRateAt(nodes: readonly SpotNode[], madeAt: number, horizonHours: number): number | undefined {
  const { nodeHours, interruptions } = exposureOf(nodes, madeAt - MONTH_MS, madeAt);
  if (nodeHours < FEWEST_NODE_HOURS) return undefined;
  return probabilityOf((interruptions + PRIOR_INTERRUPTIONS) / nodeHours, horizonHours);
}
