import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import type { CapacityTrace, JobGrid } from './capacity-trace.ts';
import {
  afterTick,
  IDLE,
  type JobState,
  onDemandPlace,
  overheadAt,
  type Place,
  paidUnits,
} from './job-state.ts';
import type { Policy } from './policies.ts';

/** What became of a job. */
export interface JobOutcome {
  readonly policy: string;
  readonly costMicroUsd: number;
  /** How often the pool it ran in was taken away. */
  readonly interruptions: number;
  /** How often an instance was started. */
  readonly starts: number;
  readonly onDemandHours: number;
  readonly spotHours: number;
  /** `null` when it never got done, which only happens where nobody knows the price of on-demand capacity. */
  readonly finishedAtMs: number | null;
  readonly isLate: boolean;
}

/**
 * Runs a job from a tick of a trace on. What is not done by the deadline is done on demand after it, where its price is
 * known, and the job is late.
 * @throws RangeError when a policy takes what cannot be had
 */
export function simulateJob(
  trace: CapacityTrace,
  grid: JobGrid,
  firstTick: number,
  policy: Pick<Policy, 'name' | 'choose'>,
): JobOutcome {
  const hoursPerUnit = trace.stepMs / grid.unitsPerTick / MS_PER_HOUR;
  const onDemandAt = onDemandPlace(trace.pools.length);
  const horizonTicks = trace.horizonMs / trace.stepMs;
  const nothing = new Float64Array(trace.pools.length).fill(Number.NaN);
  const at = (columns: CapacityTrace['risk'], tick: number) =>
    columns ? Float64Array.from(columns, values => values[tick] ?? Number.NaN) : nothing;
  const sum = { cost: 0, interruptions: 0, starts: 0, onDemandUnits: 0, spotUnits: 0 };
  const run = (state: JobState, to: Place, price: number): JobState => {
    if (to === IDLE) return afterTick(state, to, grid);
    if (Number.isNaN(price)) throw new RangeError(`${policy.name} took capacity that cannot be had.`);
    const units = paidUnits(state.left, overheadAt(state, to, grid), grid);
    sum.cost += price * units * hoursPerUnit;
    if (to !== state.place) sum.starts++;
    if (to === onDemandAt) sum.onDemandUnits += units;
    else sum.spotUnits += units;
    return afterTick(state, to, grid);
  };
  let state: JobState = { left: grid.workUnits, place: IDLE, overhead: 0 };
  let units = 0;
  for (let tick = 0; tick < grid.deadlineTicks && state.left > 0; tick++) {
    const spot = trace.spot.map(prices => prices[firstTick + tick] ?? Number.NaN);
    if (state.place !== IDLE && state.place !== onDemandAt && Number.isNaN(spot[state.place - 1] ?? 0)) {
      sum.interruptions++;
      state = { ...state, place: IDLE, overhead: 0 };
    }
    const to = policy.choose({
      state,
      grid,
      tick,
      spot: Float64Array.from(spot),
      onDemand: trace.onDemand,
      predicted: at(trace.predicted, firstTick + tick),
      risk: at(trace.risk, firstTick + tick),
      horizonTicks,
    });
    const price = to === onDemandAt ? trace.onDemand : (spot[to - 1] ?? Number.NaN);
    units = tick * grid.unitsPerTick + paidUnits(state.left, overheadAt(state, to, grid), grid);
    state = run(state, to, price);
  }
  const isLate = state.left > 0;
  if (isLate) units = grid.deadlineTicks * grid.unitsPerTick;
  while (state.left > 0 && !Number.isNaN(trace.onDemand)) {
    units += paidUnits(state.left, overheadAt(state, onDemandAt, grid), grid);
    state = run(state, onDemandAt, trace.onDemand);
  }
  const unitMs = trace.stepMs / grid.unitsPerTick;
  return {
    policy: policy.name,
    costMicroUsd: sum.cost,
    interruptions: sum.interruptions,
    starts: sum.starts,
    onDemandHours: sum.onDemandUnits * hoursPerUnit,
    spotHours: sum.spotUnits * hoursPerUnit,
    finishedAtMs: state.left > 0 ? null : trace.startMs + firstTick * trace.stepMs + units * unitMs,
    isLate,
  };
}
