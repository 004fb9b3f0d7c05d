import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import type { MarketScope } from '../../common/contracts/index.ts';
import { formatDuration, MS_PER_SECOND } from '../../common/units/index.ts';
import type { Clock, JobContext, Logger } from '../platform/index.ts';
import type { CoverageStore } from './coverage-store.ts';
import { type FillSlice, planFill, wholeSeconds } from './fill-plan.ts';
import { FillMeter } from './fill-progress.ts';
import { type Gap, needsArchive, rowsPerDayOf } from './gap.ts';
import { workInParallel } from './parallel.ts';
import type { PriceStore } from './price-store.ts';
import type { PricePage, SpotPriceSource } from './sources/spot-price-source.ts';

/** Slices that are walked side by side: paging within one is sequential by nature. */
const SLICES_AT_ONCE = 3;
const REPORT_EVERY_MS = 250;

/** Input of the job kind `gap-fill`. The end is fixed when the job is made, so that a resumed fill ends where it would have. */
export interface FillInput {
  readonly modelId: string | null;
  /** The collection that asks for it. */
  readonly collectionId?: string;
  readonly scope: MarketScope;
  readonly fromMs: number;
  readonly toMs: number;
  readonly trainedUntilMs: number | null;
  /** Asks for time on disk once more; after a kill it begins anew, since coverage does not tell how far it came. */
  readonly again?: boolean;
}

export interface FillParts {
  readonly prices: PriceStore;
  readonly coverage: CoverageStore;
  readonly source: SpotPriceSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly analyze: (input: FillInput) => Promise<Gap>;
}

/** Counters over all runs of a job. What remains to be done is no part: coverage itself tells. */
const fillCheckpoint = z.object({
  totalMs: z.number(),
  rows: z.number(),
  newRows: z.number(),
  requests: z.number(),
  throttled: z.number(),
  refusedPrices: z.number(),
});
type FillCheckpoint = z.output<typeof fillCheckpoint>;

/**
 * Fills what a gap analysis finds. Each page is one transaction: its rows, the coverage that vouches for them, and the
 * counters. After a kill the analysis finds what is left, to the page, and the end is the same to the byte.
 * @returns what was left out, in words, or `null`
 * @throws AppError `market.gap-needs-archive` when nothing of the gap is within reach of the API; what the source throws
 */
export async function fillGaps(parts: FillParts, context: JobContext): Promise<string | null> {
  const { clock, source } = parts;
  const input = context.input as FillInput;
  const analysis = await parts.analyze(input);
  if (analysis.fillableMs === 0 && analysis.archiveMs > 0) throw needsArchive(analysis.archiveMs);

  const before = fillCheckpoint.safeParse(context.checkpoint).data;
  const paceBefore = source.pace;
  const totalMs = Math.max(before?.totalMs ?? 0, analysis.fillableMs);
  let remainingMs = analysis.fillableMs;
  let [rows, newRows, refusedPrices] = [before?.rows ?? 0, before?.newRows ?? 0, before?.refusedPrices ?? 0];
  /** What has been committed: nobody is told of rows that a kill could still take back. */
  let committed = { rows, newRows };
  const counters = (): FillCheckpoint => ({
    totalMs,
    rows,
    newRows,
    requests: (before?.requests ?? 0) + source.pace.requests - paceBefore.requests,
    throttled: (before?.throttled ?? 0) + source.pace.throttled - paceBefore.throttled,
    refusedPrices,
  });
  const shareDone = () => (totalMs === 0 ? 1 : 1 - remainingMs / totalMs);

  const meter = new FillMeter(clock.now(), shareDone());
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  const standing = (counted: typeof committed) => {
    const { requests, throttled } = counters();
    return { ...counted, requests, throttled, percent: Math.min(100, 100 * shareDone()) };
  };
  const tell = (force: boolean) => {
    const nowMs = clock.now();
    if (!force && nowMs - reportedAtMs < REPORT_EVERY_MS) return;
    reportedAtMs = nowMs;
    context.report({ ...standing(committed), ...meter.measure(nowMs, committed.rows, shareDone()) });
  };
  const keep = async (slice: FillSlice, page: PricePage, claim: Claim) => {
    let kept = committed;
    // What this page added to the counters, for a transaction that has to be run again.
    let own = { rows: 0, newRows: 0, refusedPrices: 0 };
    await parts.prices.insertBatch(page.batch, async (transaction, inserted) => {
      const { refusedPrices: refused } = page;
      const now = { rows: page.batch.poolOf.length, newRows: inserted, refusedPrices: refused };
      rows += now.rows - own.rows;
      newRows += now.newRows - own.newRows;
      refusedPrices += now.refusedPrices - own.refusedPrices;
      own = now;
      kept = { rows, newRows };
      if (claim.fromMs < claim.toMs) await parts.coverage.addIn(transaction, { ...slice, ...claim });
      else if (claim.fromMs > claim.toMs)
        await parts.coverage.removeIn(transaction, { ...slice, fromMs: claim.toMs, toMs: claim.fromMs });
      // After a kill the counters go on from here, those that are shown, too; how fast it goes is not known then.
      const progress = { ...standing(kept), rowsPerSecond: 0, etaMs: null };
      await context.saveCheckpoint(transaction, counters(), progress);
    });
    // Transactions end in their order, so all that was counted before this page is on disk, too.
    if (kept.rows > committed.rows) committed = kept;
    remainingMs -= claim.toMs - claim.fromMs;
    tell(false);
  };

  tell(true);
  const slices = planFill(analysis.slices, rowsPerDayOf(analysis.estimatedRows, analysis.fillableMs));
  // Refusals are to be seen while they last, when no page comes.
  const ticking = setInterval(() => tell(false), REPORT_EVERY_MS);
  try {
    await workInParallel(SLICES_AT_ONCE, slices, context.signal, async (slice, signal) => {
      let walk: Walk = {
        coveredFromMs: slice.toMs,
        oldestMs: Number.POSITIVE_INFINITY,
        inOrder: true,
        isDone: false,
      };
      for await (const page of source.pages(slice, signal)) {
        const next = stepWalk(slice, walk, page);
        await keep(slice, page, { fromMs: next.coveredFromMs, toMs: walk.coveredFromMs });
        walk = next;
        if (walk.isDone) break;
        // Another page may be there already; live topics and requests come first.
        await turn();
      }
    });
  } finally {
    clearInterval(ticking);
    tell(true);
  }
  return leftOut(analysis, refusedPrices);
}

/** What a page newly vouches for; reversed when it takes back what earlier pages of its walk vouched for. */
interface Claim {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How far a walk through a slice's pages has come. */
export interface Walk {
  /** All records of the slice from here on are on disk. */
  readonly coveredFromMs: number;
  readonly oldestMs: number;
  /** Records came newest first so far. */
  readonly inOrder: boolean;
  readonly isDone: boolean;
}

/**
 * What a further page tells. Records come newest first (so in every recorded pull, but EC2 does not promise it), so that
 * everything after the oldest second seen is complete; were the order broken, nothing counts before the last page.
 * Past the start follow the records in force there; they are needed only where no older slice follows.
 */
export function stepWalk(slice: FillSlice, walk: Walk, page: PricePage): Walk {
  let { oldestMs, inOrder } = walk;
  for (const atMs of page.batch.atMs) {
    if (atMs > oldestMs) inOrder = false;
    oldestMs = Math.min(oldestMs, atMs);
  }
  const isPastStart = inOrder && oldestMs < slice.fromMs;
  const isDone = page.isLast || (isPastStart && !slice.opensGap);
  // The oldest second may go on on the next page. The first second of all is kept back until those in force are there.
  const provenMs = Math.max(wholeSeconds(oldestMs), slice.fromMs) + MS_PER_SECOND;
  const coveredFromMs = isDone ? slice.fromMs : inOrder ? Math.min(walk.coveredFromMs, provenMs) : slice.toMs;
  return { coveredFromMs, oldestMs, inOrder, isDone };
}

function leftOut({ archiveMs }: Gap, refusedPrices: number): string | null {
  const sentences = [
    archiveMs > 0 &&
      `${formatDuration(archiveMs)} of the gap lie before the 90 days that EC2 keeps and need an archive.`,
    refusedPrices > 0 && `${refusedPrices} records without a usable price were left out.`,
  ].filter(sentence => sentence !== false);
  return sentences.length === 0 ? null : sentences.join(' ');
}
