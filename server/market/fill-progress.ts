import { z } from 'zod';
import { type FillProgress, fillProgress } from '../../common/contracts/index.ts';
import type { Job } from '../platform/index.ts';
import type { FillInput } from './fill-gaps.ts';

/** What the job itself reports; the rest of FillProgress is what every job has. */
const fillReport = z.object({
  rows: z.number(),
  newRows: z.number(),
  requests: z.number(),
  throttled: z.number(),
  percent: z.number(),
  rowsPerSecond: z.number(),
  etaMs: z.number().nullable(),
});
type FillReport = z.output<typeof fillReport>;

const emptyReport: FillReport = {
  rows: 0,
  newRows: 0,
  requests: 0,
  throttled: 0,
  percent: 0,
  rowsPerSecond: 0,
  etaMs: null,
};

/** A fill as the API shows it. */
export function progressOfJob(job: Job): FillProgress {
  const report = fillReport.safeParse(job.progress).data ?? emptyReport;
  const { modelId, collectionId = null, scope, fromMs, toMs } = job.input as FillInput;
  return fillProgress.parse({
    ...report,
    jobId: job.id,
    modelId,
    collectionId,
    scope,
    fromMs,
    toMs,
    state: job.state,
    percent: job.state === 'succeeded' ? 100 : report.percent,
    etaMs: job.state === 'running' ? report.etaMs : null,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    message: job.message,
  });
}

/** Rows a second over the last while, and from that the time that remains. Pure: time comes in. */
export class FillMeter {
  readonly #startedAtMs: number;
  readonly #shareAtStart: number;
  readonly #recent: { atMs: number; rows: number }[] = [];

  /** @param shareAtStart what an earlier run that was interrupted had done already: 0…1 */
  constructor(nowMs: number, shareAtStart: number) {
    this.#startedAtMs = nowMs;
    this.#shareAtStart = shareAtStart;
  }

  /** Call it with each report. */
  measure(nowMs: number, rows: number, share: number): { rowsPerSecond: number; etaMs: number | null } {
    this.#recent.push({ atMs: nowMs, rows });
    while (this.#recent.length > 2 && nowMs - (this.#recent[0]?.atMs ?? nowMs) > 10_000) this.#recent.shift();
    const first = this.#recent[0];
    const seconds = first ? (nowMs - first.atMs) / 1_000 : 0;
    const rowsPerSecond = first && seconds > 0 ? (rows - first.rows) / seconds : 0;
    const elapsedMs = nowMs - this.#startedAtMs;
    // Below a hundredth the guess would jump about.
    const done = share - this.#shareAtStart;
    const etaMs = done > 0.01 ? (elapsedMs / done) * (1 - share) : null;
    return { rowsPerSecond, etaMs };
  }
}
