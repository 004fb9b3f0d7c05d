import { setImmediate as turn } from 'node:timers/promises';
import type { PolicyReport, PolicyStanding } from '../../../../common/contracts/index.ts';
import { AppError } from '../../../../common/errors.ts';
import { MICRO_USD_PER_USD, MS_PER_HOUR, MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { type CapacityTrace, gridOf, type JobOrder } from './capacity-trace.ts';
import { hindsightOptimum } from './hindsight-optimum.ts';
import { type Policy, policies } from './policies.ts';
import { type JobOutcome, simulateJob } from './simulate-job.ts';

/** Jobs to compare policies with. */
export interface PolicyOrder {
  readonly job: JobOrder;
  /** Time between starts of jobs on a trace. */
  readonly everyMs: number;
  readonly assumptions: readonly string[];
}

/**
 * Runs the same jobs by every policy and by the hindsight optimum on every trace. A job that some policy could never finish is left
 * out for all, so that sums are of the same jobs. Policies that need what no trace knows (an on-demand price, a model's forecasts)
 * are left out where any trace lacks it.
 * @throws AppError `input.invalid` when the deadline cannot be met at all, or no trace is long enough for a job; what `signal`
 * was aborted with
 */
export async function comparePolicies(
  traces: readonly CapacityTrace[],
  { job, everyMs, assumptions }: PolicyOrder,
  signal: AbortSignal,
  tell: (traces: number, jobs: number) => void,
): Promise<PolicyReport> {
  if (job.workMs + job.changeoverMs > job.deadlineMs) {
    throw new AppError(
      'input.invalid',
      `A job of ${hours(job.workMs)} h cannot be done in ${hours(job.deadlineMs)} h with a changeover of ${job.changeoverMs / MS_PER_MINUTE} min.`,
      { hint: 'Give it a later --deadline.' },
    );
  }
  const chosen = policies.filter(
    policy =>
      (policy.name !== 'on-demand' || traces.every(trace => !Number.isNaN(trace.onDemand))) &&
      (policy.name !== 'model' || traces.every(({ predicted, risk }) => predicted ?? risk)),
  );
  const standings = new Map<string, Standing>();
  const leftOut = { traces: 0, jobs: 0 };
  let jobs = 0;
  for (const [index, trace] of traces.entries()) {
    const grid = gridOf(job, trace.stepMs);
    const ticks = trace.spot[0]?.length ?? 0;
    const every = Math.max(1, Math.round(everyMs / trace.stepMs));
    if (ticks < grid.deadlineTicks) leftOut.traces++;
    for (let first = 0; first + grid.deadlineTicks <= ticks; first += every) {
      signal.throwIfAborted();
      const optimum = hindsightOptimum(trace, grid, first);
      const outcomes = [optimum.policy, ...chosen].map(
        policy => [policy, simulateJob(trace, grid, first, policy)] as const,
      );
      if (outcomes.some(([, { finishedAtMs }]) => finishedAtMs === null)) leftOut.jobs++;
      else {
        jobs++;
        for (const [policy, outcome] of outcomes) count(standings, policy, outcome);
      }
      await turn();
    }
    tell(index + 1, jobs);
  }
  if (jobs === 0) {
    throw new AppError(
      'input.invalid',
      `No job can be run: of ${traces.length} traces ${leftOut.traces} are shorter than the deadline of ${hours(job.deadlineMs)} h, and ${leftOut.jobs} jobs could not be finished without an on-demand price.`,
      { hint: 'Give longer traces, a shorter --deadline, or --on-demand-price.' },
    );
  }
  const best = standings.get('hindsight-optimal')?.costUsd ?? 0;
  const costOf = (name: string) => standings.get(name)?.costUsd;
  const [byModel, byPersistence] = [costOf('model'), costOf('persistence')];
  return {
    traces: traces.length,
    pools: traces.reduce((sum, trace) => sum + trace.pools.length, 0),
    jobs,
    job: {
      workHours: hours(job.workMs),
      deadlineHours: hours(job.deadlineMs),
      changeoverMinutes: job.changeoverMs / MS_PER_MINUTE,
      everyHours: hours(everyMs),
    },
    policies: [...standings.values()].map(standing => ({
      ...standing,
      ofOptimum: best === 0 ? null : standing.costUsd / best,
    })),
    modelSavesUsd: byModel === undefined || byPersistence === undefined ? null : byPersistence - byModel,
    leftOut,
    assumptions: [...assumptions, ...assumptionsOfAll],
  };
}

const assumptionsOfAll: readonly string[] = [
  'A job runs on one instance, keeps its progress when it is interrupted, and may run in any pool of its trace.',
  'Each start of an instance costs the changeover: time that is paid and brings no progress, rounded up to the grid of the trace.',
  'Capacity that can be had at the beginning of a tick can be had to its end; prices are those of its beginning. On-demand capacity can always be had.',
  'The hindsight optimum knows all prices and interruptions to come and meets the deadline: no policy that is in time costs less. One that is late may.',
  'What is not done by the deadline is done on demand after it.',
];

type Standing = { -readonly [Key in keyof Omit<PolicyStanding, 'ofOptimum'>]: PolicyStanding[Key] };

function count(standings: Map<string, Standing>, { name, sentence }: Policy, outcome: JobOutcome): void {
  const empty = { jobs: 0, costUsd: 0, interruptions: 0, starts: 0, onDemandHours: 0, spotHours: 0, late: 0 };
  const standing = standings.get(name) ?? { policy: name, sentence, ...empty };
  standing.jobs++;
  standing.costUsd += outcome.costMicroUsd / MICRO_USD_PER_USD;
  standing.interruptions += outcome.interruptions;
  standing.starts += outcome.starts;
  standing.onDemandHours += outcome.onDemandHours;
  standing.spotHours += outcome.spotHours;
  if (outcome.isLate) standing.late++;
  standings.set(name, standing);
}

function hours(ms: number): number {
  return ms / MS_PER_HOUR;
}
