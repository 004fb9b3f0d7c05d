import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import type { CapacityTrace, JobGrid } from './capacity-trace.ts';
import { IDLE, onDemandPlace } from './job-state.ts';
import type { Policy } from './policies.ts';

/** The cheapest way to do a job in time, for somebody who knows what will come. */
export interface HindsightOptimum {
  /** No policy that is in time costs less; `undefined` when none can be in time. */
  readonly costMicroUsd: number | undefined;
  /** The policy that does it; made for this job alone. */
  readonly policy: Policy;
}

/**
 * Finds the optimum by dynamic programming over (tick, work left, place, changeover owed), backwards from the deadline; exact,
 * because work and changeover are whole units. Only work that can be left at a tick is looked at, so that the effort grows with
 * the slack of the deadline.
 *
 * It is the Omniscient policy of Z. Wu et al., NSDI 2024, section 5.3 (there an integer program), for several pools with prices.
 */
export function hindsightOptimum(trace: CapacityTrace, grid: JobGrid, firstTick: number): HindsightOptimum {
  const { unitsPerTick, workUnits, changeoverUnits, deadlineTicks } = grid;
  const places = trace.pools.length + 2;
  const onDemandAt = onDemandPlace(trace.pools.length);
  // After a tick an instance owes at most this.
  const owes = Math.max(0, changeoverUnits - unitsPerTick) + 1;
  const perLeft = places * owes;
  const costOfUnit = trace.stepMs / unitsPerTick / MS_PER_HOUR;
  let next = new Float64Array((workUnits + 1) * perLeft).fill(Number.POSITIVE_INFINITY);
  // Nothing left costs nothing, wherever it was done.
  next.fill(0, 0, perLeft);
  let now = new Float64Array(next.length);
  const choices: { readonly least: number; readonly places: Uint8Array }[] = [];
  const prices = new Float64Array(places);
  for (let tick = deadlineTicks - 1; tick >= 0; tick--) {
    for (let pool = 0; pool < trace.pools.length; pool++)
      prices[pool + 1] = trace.spot[pool]?.[firstTick + tick] ?? Number.NaN;
    prices[onDemandAt] = trace.onDemand;
    now.fill(Number.POSITIVE_INFINITY);
    now.fill(0, 0, perLeft);
    const least = Math.max(1, workUnits - tick * unitsPerTick);
    const most = Math.min(workUnits, (deadlineTicks - tick) * unitsPerTick);
    const chosen = new Uint8Array(Math.max(0, most - least + 1) * perLeft);
    for (let left = least; left <= most; left++) {
      for (let place = 0; place < places; place++) {
        for (let owed = 0; owed < owes; owed++) {
          let best = next[left * perLeft] ?? 0;
          let bestPlace = IDLE;
          for (let to = 1; to < places; to++) {
            const price = prices[to] ?? Number.NaN;
            if (Number.isNaN(price)) continue;
            const overhead = to === place ? owed : changeoverUnits;
            const paid = Math.min(unitsPerTick, left + overhead);
            const then = left - Math.max(0, paid - overhead);
            const after = next[then * perLeft + to * owes + Math.max(0, overhead - paid)] ?? 0;
            const cost = price * paid * costOfUnit + after;
            if (cost < best) {
              best = cost;
              bestPlace = to;
            }
          }
          now[left * perLeft + place * owes + owed] = best;
          chosen[(left - least) * perLeft + place * owes + owed] = bestPlace;
        }
      }
    }
    choices[tick] = { least, places: chosen };
    [now, next] = [next, now];
  }
  const cost = next[workUnits * perLeft] ?? Number.POSITIVE_INFINITY;
  return {
    costMicroUsd: Number.isFinite(cost) ? cost : undefined,
    policy: {
      name: 'hindsight-optimal',
      sentence: 'the cheapest way for somebody who knows all prices and interruptions to come',
      choose: ({ tick, state: { left, place, overhead } }) => {
        const known = choices[tick];
        return known?.places[(left - known.least) * perLeft + place * owes + overhead] ?? IDLE;
      },
    },
  };
}
