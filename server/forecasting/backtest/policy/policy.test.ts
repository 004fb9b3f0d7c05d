import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { type CapacityTrace, gridOf, type JobGrid } from './capacity-trace.ts';
import { hindsightOptimum } from './hindsight-optimum.ts';
import { afterTick, IDLE, type JobState, overheadAt, paidUnits } from './job-state.ts';
import { policies } from './policies.ts';
import { simulateJob } from './simulate-job.ts';

const ON_DEMAND = 300_000;

/** Rows of hourly prices by pool; a dash cannot be had. */
function traceOf(
  rows: readonly string[],
  onDemand = ON_DEMAND,
  predicted?: readonly number[][],
): CapacityTrace {
  const numbers = (row: string) =>
    row.split(' ').map(cell => (cell === '-' ? Number.NaN : Number(cell) * 1_000));
  return {
    name: 'made',
    startMs: 0,
    stepMs: MS_PER_HOUR,
    pools: rows.map((_, index) => `pool-${index}`),
    spot: rows.map(row => Float64Array.from(numbers(row))),
    onDemand,
    ...(predicted
      ? { predicted: predicted.map(prices => Float64Array.from(prices, price => price * 1_000)) }
      : {}),
    horizonMs: 6 * MS_PER_HOUR,
  };
}

const policyNamed = (name: string) => {
  const policy = policies.find(known => known.name === name);
  if (!policy) throw new Error(`no policy ${name}`);
  return policy;
};
const grid = (workHours: number, deadlineHours: number, changeoverMinutes = 0) =>
  gridOf(
    {
      workMs: workHours * MS_PER_HOUR,
      deadlineMs: deadlineHours * MS_PER_HOUR,
      changeoverMs: changeoverMinutes * MS_PER_MINUTE,
    },
    MS_PER_HOUR,
  );

describe('the grid of a job', () => {
  it('divides a tick so that the changeover is whole', () => {
    expect(grid(4, 6, 6)).toEqual({ unitsPerTick: 10, workUnits: 40, changeoverUnits: 1, deadlineTicks: 6 });
    expect(grid(4, 6, 90)).toEqual({ unitsPerTick: 1, workUnits: 4, changeoverUnits: 2, deadlineTicks: 6 });
    // 7 minutes are no whole part down to a twentieth: rounded up to 9.
    expect(grid(1, 6, 7)).toEqual({ unitsPerTick: 20, workUnits: 20, changeoverUnits: 3, deadlineTicks: 6 });
  });
});

describe('policies, worked out by hand', () => {
  it('on demand pays the list price for the work and one changeover', () => {
    const outcome = simulateJob(
      traceOf(['100 100 100 100 100 100']),
      grid(4, 6, 6),
      0,
      policyNamed('on-demand'),
    );
    expect(outcome.costMicroUsd).toBeCloseTo(4.1 * ON_DEMAND, 6);
    expect(outcome).toMatchObject({
      starts: 1,
      interruptions: 0,
      isLate: false,
      finishedAtMs: 246 * MS_PER_MINUTE,
    });
  });

  it('the cheapest Spot alone waits, is interrupted, and finishes late on demand', () => {
    // Two hours, taken away, one hour more, then nothing.
    const trace = traceOf(['100 100 - 120 - -']);
    const outcome = simulateJob(trace, grid(4, 6), 0, policyNamed('spot-cheapest'));
    expect(outcome).toMatchObject({
      interruptions: 2,
      starts: 3,
      spotHours: 3,
      onDemandHours: 1,
      isLate: true,
    });
    expect(outcome.costMicroUsd).toBeCloseTo(320_000 + ON_DEMAND, 6);
    expect(outcome.finishedAtMs).toBe(7 * MS_PER_HOUR);
  });

  it('greedy waits until only on demand can meet the deadline', () => {
    const trace = traceOf(['- - - - 100 100']);
    const outcome = simulateJob(trace, grid(4, 6), 0, policyNamed('greedy'));
    // Idle for two hours, then no time to leave on demand any more.
    expect(outcome).toMatchObject({
      onDemandHours: 4,
      spotHours: 0,
      isLate: false,
      finishedAtMs: 6 * MS_PER_HOUR,
    });
  });

  it('Uniform Progress works on demand while it lags behind, and takes Spot when it comes', () => {
    const trace = traceOf(['- - - - 100 100 100 100']);
    const outcome = simulateJob(trace, grid(4, 8), 0, policyNamed('uniform-progress'));
    // ep(t) = t / 2: idle, on demand, idle, on demand; then Spot for the other two hours.
    expect(outcome).toMatchObject({
      onDemandHours: 2,
      spotHours: 2,
      isLate: false,
      finishedAtMs: 6 * MS_PER_HOUR,
    });
  });

  it('stays on demand until two changeovers are made up for', () => {
    const trace = traceOf(['- - - 100 100 100 100 100 100 100']);
    // ep(t) = t / 2; two changeovers of an hour ask for one hour more.
    const outcome = simulateJob(trace, grid(5, 10, 60), 0, policyNamed('uniform-progress'));
    expect(outcome.isLate).toBe(false);
    const plain = simulateJob(trace, grid(5, 10, 0), 0, policyNamed('uniform-progress'));
    expect(outcome.onDemandHours).toBeGreaterThan(plain.onDemandHours);
  });

  it('persistence moves when that pays more than the changeover, the model before the price comes', () => {
    const rows = ['100 100 100 200 200 200 200 200', '150 150 150 100 100 100 100 100'];
    const foretold = [
      [200, 200, 200, 200, 200, 200, 200, 200],
      [100, 100, 100, 100, 100, 100, 100, 100],
    ];
    const trace = traceOf(rows, ON_DEMAND, foretold);
    const kept = simulateJob(trace, grid(6, 8, 6), 0, policyNamed('persistence'));
    expect(kept).toMatchObject({ starts: 2, interruptions: 0 });
    const early = simulateJob(trace, grid(6, 8, 6), 0, policyNamed('model'));
    // It starts in the second pool at once, since (150 + 100) / 2 is below (100 + 200) / 2.
    expect(early).toMatchObject({ starts: 1 });
    const best = hindsightOptimum(trace, grid(6, 8, 6), 0);
    expect(best.costMicroUsd).toBeLessThanOrEqual(Math.min(kept.costMicroUsd, early.costMicroUsd));
  });

  it('has no outcome in time where nobody knows the price of on-demand capacity and Spot is away', () => {
    const trace = traceOf(['- - - -'], Number.NaN);
    expect(simulateJob(trace, grid(2, 4), 0, policyNamed('greedy'))).toMatchObject({
      finishedAtMs: null,
      isLate: true,
    });
    expect(hindsightOptimum(trace, grid(2, 4), 0).costMicroUsd).toBeUndefined();
  });
});

const anyTrace = (ticks: number, pools: number) =>
  fc
    .array(
      fc.array(fc.constantFrom('-', '60', '100', '140', '250'), { minLength: ticks, maxLength: ticks }),
      {
        minLength: pools,
        maxLength: pools,
      },
    )
    .map(rows => traceOf(rows.map(row => row.join(' '))));

/** The cheapest of all sequences of places, tried one by one. */
function byTrying(trace: CapacityTrace, of: JobGrid, state: JobState, tick: number): number {
  if (state.left === 0) return 0;
  if (tick === of.deadlineTicks) return Number.POSITIVE_INFINITY;
  let best = Number.POSITIVE_INFINITY;
  for (let to = IDLE; to <= trace.pools.length + 1; to++) {
    const price =
      to === IDLE ? 0 : to > trace.pools.length ? trace.onDemand : (trace.spot[to - 1]?.[tick] ?? 0);
    if (Number.isNaN(price)) continue;
    const paid = to === IDLE ? 0 : paidUnits(state.left, overheadAt(state, to, of), of);
    const cost = (price * paid) / of.unitsPerTick;
    best = Math.min(best, cost + byTrying(trace, of, afterTick(state, to, of), tick + 1));
  }
  return best;
}

describe('the hindsight optimum', () => {
  it('is what trying everything finds', () => {
    const jobs = fc.constantFrom(grid(2, 5, 30), grid(3, 5, 0), grid(2, 6, 60), grid(2, 6, 120));
    fc.assert(
      fc.property(anyTrace(6, 2), jobs, (trace, job) => {
        const start = { left: job.workUnits, place: IDLE, overhead: 0 };
        const tried = byTrying(trace, job, start, 0);
        const { costMicroUsd } = hindsightOptimum(trace, job, 0);
        expect(costMicroUsd ?? Number.POSITIVE_INFINITY).toBeCloseTo(tried, 4);
      }),
      { numRuns: 60 },
    );
  });

  it('is never undercut by a policy that is in time, and is reached by its own', () => {
    const jobs = fc.constantFrom(grid(10, 14, 6), grid(10, 20, 60), grid(6, 18, 150), grid(12, 14, 0));
    fc.assert(
      fc.property(anyTrace(20, 3), jobs, (trace, job) => {
        const { costMicroUsd = Number.NaN, policy } = hindsightOptimum(trace, job, 0);
        const own = simulateJob(trace, job, 0, policy);
        expect(own.isLate).toBe(false);
        expect(own.costMicroUsd).toBeCloseTo(costMicroUsd, 4);
        for (const other of policies) {
          const outcome = simulateJob(trace, job, 0, other);
          // All but one promise to be in time, whatever comes.
          if (other.name !== 'spot-cheapest') expect(outcome.isLate).toBe(false);
          if (!outcome.isLate) expect(outcome.costMicroUsd).toBeGreaterThanOrEqual(costMicroUsd - 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });
});
