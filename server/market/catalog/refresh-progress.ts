import { z } from 'zod';
import {
  type CatalogRefresh,
  type CatalogRefreshOrder,
  catalogRefresh,
} from '../../../common/contracts/index.ts';
import type { Job } from '../../platform/index.ts';
import { stepsOf } from './refresh-catalog.ts';

const reportShape = z.object({ steps: catalogRefresh.shape.steps });

/** A refresh as the API shows it. A step counts as much as another; within one the bytes tell, where their sum is known. */
export function refreshOfJob(job: Job): CatalogRefresh {
  const reported = reportShape.safeParse(job.progress).data?.steps;
  const steps = reported ?? stepsOf(job.input as Required<CatalogRefreshOrder>);
  const shares = steps.map(({ state, bytes, totalBytes }) => {
    if (state === 'done' || state === 'failed') return 1;
    return state === 'running' && totalBytes ? Math.min(1, bytes / totalBytes) : 0;
  });
  const sum = shares.reduce<number>((all, share) => all + share, 0);
  return {
    jobId: job.id,
    state: job.state,
    percent: job.state === 'succeeded' ? 100 : (100 * sum) / Math.max(1, steps.length),
    steps,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    message: job.message,
  };
}
