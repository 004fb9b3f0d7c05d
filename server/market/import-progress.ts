import { z } from 'zod';
import { type ImportProgress, importProgress } from '../../common/contracts/index.ts';
import type { Job } from '../platform/index.ts';

/** What the job itself reports; the rest of ImportProgress is what every job has. */
const importReport = importProgress.pick({
  phase: true,
  rows: true,
  newRows: true,
  percent: true,
  rowsPerSecond: true,
  summary: true,
});
export type ImportReport = z.output<typeof importReport>;

const emptyReport: ImportReport = {
  phase: 'reading',
  rows: 0,
  newRows: 0,
  percent: 0,
  rowsPerSecond: 0,
  summary: null,
};

/** Input of the job kind `market-import`: a file that waits in the spool, and how to read it. */
export const importInput = z.object({
  spooled: z.string(),
  fileName: z.string(),
  region: z.string().optional(),
  product: z.string().optional(),
  zones: z.string().optional(),
  upToDamage: z.boolean(),
  allTypes: z.boolean(),
});
export type ImportInput = z.output<typeof importInput>;

/** An import as the API shows it. */
export function progressOfImport(job: Job): ImportProgress {
  const report = importReport.safeParse(job.progress).data ?? emptyReport;
  return importProgress.parse({
    ...report,
    jobId: job.id,
    fileName: importInput.parse(job.input).fileName,
    state: job.state,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    message: job.message,
  });
}
