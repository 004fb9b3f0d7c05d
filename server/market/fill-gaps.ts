import { setImmediate as turn } from 'node:timers/promises';
import type { GapAnalysis, MarketScope } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatDuration } from '../../common/units/index.ts';
import type { Clock, Database, JobContext, Logger } from '../platform/index.ts';
import type { CoverageStore } from './coverage-store.ts';
import { type FillSlice, planFill } from './fill-plan.ts';
import { emptyReport, FillMeter, type FillReport } from './fill-progress.ts';
import type { MarketTables } from './market-tables.ts';
import type { PriceStore } from './price-store.ts';
import type { SpotPriceSource } from './sources/spot-price-source.ts';

/** Slices that are paged side by side: paging within one is sequential by nature. */
const SLICES_AT_ONCE = 3;
const REPORT_EVERY_MS = 250;

/** Input of the job kind `gap-fill`. */
export interface FillInput {
  readonly modelId: string | null;
  readonly scope: MarketScope;
  readonly fromMs: number;
  readonly trainedUntilMs: number | null;
}

export interface FillParts {
  readonly database: Database;
  readonly prices: PriceStore;
  readonly coverage: CoverageStore;
  readonly source: SpotPriceSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly analyze: (input: FillInput) => Promise<GapAnalysis>;
}

/**
 * Fills what a gap analysis finds. There is no checkpoint: rows and the coverage that vouches for them are committed
 * together, so that after a kill the analysis itself finds what is left, and the end is the same to the byte.
 * @returns what could not be filled, in words, or `null`
 * @throws AppError `market.gap-needs-archive` when nothing of the gap is within reach of the API
 */
export async function fillGaps(parts: FillParts, context: JobContext): Promise<string | null> {
  const { clock, source } = parts;
  const input = context.input as FillInput;
  const analysis = await parts.analyze(input);
  if (analysis.fillableMs === 0 && analysis.archiveMs > 0) {
    throw new AppError(
      'market.gap-needs-archive',
      `The whole gap of ${formatDuration(analysis.archiveMs)} lies before the 90 days that EC2 keeps.`,
    );
  }

  const days = analysis.fillableMs / 86_400_000;
  const slices = planFill(analysis.slices, days > 0 ? analysis.estimatedRows / days : 0);
  const before = source.pace;
  const meter = new FillMeter(clock.now());
  let report: FillReport = emptyReport;
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  const doneMs = new Map<FillSlice, number>();
  const tell = (force: boolean) => {
    const nowMs = clock.now();
    if (!force && nowMs - reportedAtMs < REPORT_EVERY_MS) return;
    reportedAtMs = nowMs;
    const done = [...doneMs.values()].reduce((sum, ms) => sum + ms, 0);
    const share = analysis.fillableMs === 0 ? 1 : done / analysis.fillableMs;
    const { requests, throttled } = source.pace;
    report = {
      ...report,
      ...meter.measure(nowMs, report.rows, share),
      requests: requests - before.requests,
      throttled: throttled - before.throttled,
      percent: Math.min(100, 100 * share),
    };
    context.report(report);
  };

  tell(true);
  await inParallel(SLICES_AT_ONCE, slices, context.signal, async (slice, signal) => {
    for await (const page of source.pages({ ...slice, instanceTypes: input.scope.instanceTypes }, signal)) {
      const newRows = await parts.prices.insert(page.records);
      report = { ...report, rows: report.rows + page.records.length, newRows: report.newRows + newRows };
      if (page.refusedPrices > 0)
        parts.log.warn({ slice, count: page.refusedPrices }, 'records without a usable price');
      const oldestMs = page.records.at(-1)?.atMs ?? slice.toMs;
      doneMs.set(slice, Math.max(doneMs.get(slice) ?? 0, slice.toMs - Math.max(oldestMs, slice.fromMs)));
      tell(false);
      // Another page may be there already; live topics and requests come first.
      await turn();
    }
    await parts.database.write<MarketTables, void>(transaction =>
      parts.coverage.addIn(transaction, { ...slice, instanceTypes: input.scope.instanceTypes }),
    );
    doneMs.set(slice, slice.toMs - slice.fromMs);
    tell(false);
  });
  tell(true);
  if (analysis.archiveMs === 0) return null;
  return `${formatDuration(analysis.archiveMs)} of the gap lie before the 90 days that EC2 keeps and need an archive.`;
}

/** Works through items with a few at a time; the first failure stops the others. */
async function inParallel<T>(
  count: number,
  items: readonly T[],
  outer: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      signal.throwIfAborted();
      await work(item, signal);
    }
  };
  const workers = Array.from({ length: Math.min(count, items.length) }, async () => {
    try {
      await worker();
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const results = await Promise.allSettled(workers);
  outer.throwIfAborted();
  // The first cause; the others ended because of it.
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
