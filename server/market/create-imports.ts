import type { Readable } from 'node:stream';
import type { ImportProgress, ImportSummary, MarketScope } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { JobContext, JobQueue, LiveHub } from '../platform/index.ts';
import { parseZones } from './archives/parse-zones.ts';
import { FillMeter } from './fill-progress.ts';
import { type ImportOptions, type ImportParts, type ImportStep, importArchive } from './import-archive.ts';
import { type ImportInput, type ImportReport, importInput, progressOfImport } from './import-progress.ts';
import { ImportSpool } from './import-spool.ts';

const IMPORT = 'market-import';
const IMPORTS_SHOWN = 50;
const REPORT_EVERY_MS = 250;

/** How an uploaded file is to be read; see `ImportOptions`. `zones` is text: `eu-west-1a=euw1-az1,…`. */
export type ImportOrder = Omit<ImportInput, 'spooled' | 'fileName'>;

/** Imports of files of prices. Of uploaded ones each is a job that can be watched and cancelled, one at a time. */
export interface Imports {
  /** Takes a file in and queues its import; resolves once the file is on disk. */
  receive(file: Readable, fileName: string, order: () => Promise<ImportOrder>): Promise<ImportProgress>;
  /** Imports a file of this machine at once, outside the queue; see `importArchive`. */
  importFile(
    path: string,
    options: ImportOptions,
    signal: AbortSignal,
    tell: (step: ImportStep) => void,
  ): Promise<ImportSummary>;
  get(jobId: string): Promise<ImportProgress>;
  list(): Promise<ImportProgress[]>;
  cancel(jobId: string): Promise<ImportProgress>;
  start(): Promise<void>;
}

/** Opens the way in for files of prices. @param onImported hears of each import that brought rows or coverage */
export function createImports(
  parts: ImportParts & { readonly jobs: JobQueue; readonly live: LiveHub; readonly folder: string },
  onImported: (scope: MarketScope) => void,
): Imports {
  const { jobs, live, clock } = parts;
  const spool = new ImportSpool(parts.folder);

  const run = async (context: JobContext): Promise<string | null> => {
    const { spooled, fileName, zones, ...options } = importInput.parse(context.input);
    const report = reporter(context, () => clock.now());
    const summary = await importArchive(
      parts,
      { path: spool.pathOf(spooled), name: fileName },
      { ...options, ...(zones === undefined ? {} : { zones: parseZones(zones) }) },
      context.signal,
      report.tell,
    );
    report.end(summary);
    if (summary.outcome === 'refused') throw refusalOf(summary);
    return summary.damagedAt
      ? `Imported up to line ${summary.damagedAt.line}: ${summary.damagedAt.reason}.`
      : null;
  };
  jobs.define(IMPORT, run, job => {
    const progress = progressOfImport(job);
    live.publish('imports', job.id, progress);
    if (!['succeeded', 'failed', 'cancelled'].includes(job.state)) return;
    void spool.discard(importInput.parse(job.input).spooled);
    const { summary } = progress;
    const regions = [...new Set(summary?.covered.map(({ region }) => region))];
    const products = [...new Set(summary?.covered.map(({ product }) => product))];
    if (progress.newRows > 0 || regions.length > 0) onImported({ regions, products, instanceTypes: [] });
  });
  const list = async () => (await jobs.list(IMPORT, IMPORTS_SHOWN)).map(progressOfImport);
  live.define('imports', async () => (await list()).map(value => ({ key: value.jobId, value })));
  const known = async (jobId: string) => {
    const job = await jobs.get(jobId);
    if (job?.kind !== IMPORT) throw new AppError('resource.not-found', `There is no import "${jobId}".`);
    return job;
  };

  return {
    receive: async (file, fileName, order) => {
      const spooled = await spool.receive(file);
      try {
        const { zones, ...rest } = await order();
        if (zones !== undefined) parseZones(zones);
        const input: ImportInput = { spooled, fileName, ...rest, ...(zones === undefined ? {} : { zones }) };
        return progressOfImport(await jobs.enqueue(IMPORT, spooled, input));
      } catch (error) {
        await spool.discard(spooled);
        throw error;
      }
    },
    importFile: (path, options, signal, tell) => importArchive(parts, { path }, options, signal, tell),
    get: async jobId => progressOfImport(await known(jobId)),
    list,
    cancel: async jobId => {
      await known(jobId);
      await jobs.cancel(jobId);
      return progressOfImport(await known(jobId));
    },
    start: async () => {
      const open = (await jobs.list(IMPORT, Number.MAX_SAFE_INTEGER)).filter(({ state }) =>
        ['queued', 'running'].includes(state),
      );
      await spool.prepare(new Set(open.map(job => importInput.parse(job.input).spooled)));
    },
  };
}

/** Reports at most four times a second; both passes go through the same file, so each is half of the way. */
function reporter(context: JobContext, now: () => number) {
  let meter: { phase: ImportStep['phase']; meter: FillMeter } | undefined;
  let last: ImportReport | undefined;
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  return {
    tell: ({ phase, rows, newRows, readBytes, totalBytes }: ImportStep) => {
      const share = Math.min(1, readBytes / Math.max(1, totalBytes));
      if (meter?.phase !== phase) meter = { phase, meter: new FillMeter(now(), 0) };
      else if (now() - reportedAtMs < REPORT_EVERY_MS) return;
      reportedAtMs = now();
      const { rowsPerSecond } = meter.meter.measure(reportedAtMs, rows, share);
      const percent = 50 * share + (phase === 'writing' ? 50 : 0);
      last = { phase, rows, newRows, percent, rowsPerSecond, summary: null };
      context.report(last);
    },
    end: (summary: ImportSummary) => {
      const { rows, newRows } = summary;
      const phase = summary.outcome === 'refused' ? 'reading' : 'writing';
      context.report({
        phase,
        rows,
        newRows,
        percent: 100,
        rowsPerSecond: last?.rowsPerSecond ?? 0,
        summary,
      });
    },
  };
}

function refusalOf({ file, damagedAt, rows }: ImportSummary): AppError {
  const { line, reason } = damagedAt ?? { line: 0, reason: '' };
  return new AppError(
    'market.archive-damaged',
    `"${file}" is damaged in line ${line}: ${reason}. Nothing of it was imported; ${rows} rows come before that.`,
  );
}
