import type { Command } from 'commander';
import type { PolicyReport } from '../../common/contracts/index.ts';
import { type PolicyOrder, worthOf } from '../forecasting/index.ts';
import { durationOf } from './parse-values.ts';

/** The job with which policies are compared. */
export interface PolicyFlags {
  readonly job: string;
  readonly deadline: string;
  readonly changeover: string;
  readonly every: string;
}

/** Adds the flags of the job. @param every time between starts, unless told */
export function withPolicyFlags(command: Command, every: string): Command {
  return command
    .option('--job <time>', 'Running time of the job with which policies are compared', '24h')
    .option('--deadline <time>', 'Time from its start in which it should be done', '30h')
    .option('--changeover <time>', 'Time that each start of an instance costs', '12m')
    .option('--every <time>', 'Time between starts of jobs', every);
}

/** The jobs that flags ask for. @throws AppError `input.invalid` naming flag and value */
export function policyOrderOf(flags: PolicyFlags): Omit<PolicyOrder, 'assumptions'> {
  return {
    job: {
      workMs: durationOf('--job', flags.job),
      deadlineMs: durationOf('--deadline', flags.deadline),
      changeoverMs: durationOf('--changeover', flags.changeover),
    },
    everyMs: durationOf('--every', flags.every),
  };
}

/** A comparison of policies as lines for people. */
export function describePolicies({
  policies,
  jobs,
  job,
  traces,
  modelSavesUsd,
  leftOut,
  availability,
}: PolicyReport): string {
  const row = (cells: readonly string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(20) : cell.padStart(14))).join('');
  const lines = [
    `${jobs.toLocaleString('en-US')} jobs of ${job.workHours} h within ${job.deadlineHours} h on ${traces.toLocaleString('en-US')} traces, a start costs ${job.changeoverMinutes} min`,
    '',
    row(['policy', 'cost $', 'of optimum', 'interruptions', 'on-demand h', 'Spot h', 'late']),
    ...policies.map(standing =>
      row([
        standing.policy,
        standing.costUsd.toFixed(2),
        standing.ofOptimum === null ? '' : standing.ofOptimum.toFixed(4),
        standing.interruptions.toLocaleString('en-US'),
        standing.onDemandHours.toFixed(0),
        standing.spotHours.toFixed(0),
        standing.late.toLocaleString('en-US'),
      ]),
    ),
    '',
    ...(modelSavesUsd === null ? [] : [worthOf(modelSavesUsd)]),
    ...(leftOut.traces + leftOut.jobs === 0
      ? []
      : [
          `Left out: ${leftOut.traces} traces shorter than a deadline, ${leftOut.jobs} jobs that could not be finished without an on-demand price.`,
        ]),
    ...(availability ?? []).map(
      ({ name, brier, skillAgainstPersistence }) =>
        `can it be had in an hour? ${name}: Brier ${brier.toFixed(4)}${skillAgainstPersistence === null || name === 'persistence' ? '' : `, skill ${skillAgainstPersistence.toFixed(3)} against persistence`}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
