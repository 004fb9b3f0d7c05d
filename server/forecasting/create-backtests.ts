import type {
  Backtest,
  BacktestOrder,
  BacktestPoolRow,
  BacktestReport,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Job, JobQueue, LiveHub } from '../platform/index.ts';
import { isBaseline } from './backtest/index.ts';
import type { BacktestStore } from './backtest-store.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { type BacktestStep, runBacktestJob } from './run-backtest-job.ts';

const BACKTEST = 'backtest';
const SHOWN = 50;
const REPORT_EVERY_MS = 250;

/** Backtests of the engine: jobs that can be watched and cancelled, one at a time, whose results are kept. */
export interface Backtests {
  /** Queues a backtest; the same order that waits or runs already is answered by that one. @throws AppError `resource.not-found` */
  start(order: BacktestOrder): Promise<Backtest>;
  /** Newest first, without reports. */
  list(): Promise<Backtest[]>;
  /** With the report, once it succeeded. @throws AppError `resource.not-found` */
  get(jobId: string): Promise<Backtest>;
  /** What it found out. @throws AppError `resource.not-found` while there is nothing, or not any more */
  result(jobId: string): Promise<{ report: BacktestReport; pools: BacktestPoolRow[] }>;
  cancel(jobId: string): Promise<Backtest>;
  forgetModel(modelId: string): Promise<void>;
}

interface BacktestInput {
  readonly order: BacktestOrder;
  readonly model: string;
}

const beginning: BacktestStep = { phase: 'reading', pools: 0, poolsTotal: 0, points: 0 };

/** Opens backtests. One that a stop of the engine interrupted begins anew at the next start. */
export function createBacktests(
  parts: ForecastParts,
  { jobs, live, store }: { readonly jobs: JobQueue; readonly live: LiveHub; readonly store: BacktestStore },
): Backtests {
  jobs.define(
    BACKTEST,
    async ({ jobId, input, signal, report }) => {
      const { order } = input as BacktestInput;
      let reportedAtMs = Number.NEGATIVE_INFINITY;
      const result = await runBacktestJob(parts, order, signal, step => {
        const nowMs = performance.now();
        if (nowMs - reportedAtMs < REPORT_EVERY_MS && step.pools < step.poolsTotal) return;
        reportedAtMs = nowMs;
        report(step);
      });
      await store.save(jobId, order.modelId, parts.clock.now(), result);
      return result.report.sentence;
    },
    job => live.publish(`backtest/${job.id}`, 'progress', progressOf(job)),
  );
  live.define('backtest/*', async topic => {
    const job = await known(topic.slice('backtest/'.length));
    return [{ key: 'progress', value: progressOf(job) }];
  });
  const known = async (jobId: string): Promise<Job> => {
    const job = await jobs.get(jobId);
    if (job?.kind !== BACKTEST) throw new AppError('resource.not-found', `There is no backtest "${jobId}".`);
    return job;
  };
  const get = async (jobId: string): Promise<Backtest> => {
    const progress = progressOf(await known(jobId));
    return { ...progress, report: (await store.report(jobId)) ?? null };
  };

  return {
    start: async order => {
      const { modelId } = order;
      const model = isBaseline(modelId) ? modelId : (await parts.models.get(modelId)).manifest.name;
      const input: BacktestInput = { order, model };
      return progressOf(await jobs.enqueue(BACKTEST, JSON.stringify(order), input));
    },
    list: async () => (await jobs.list(BACKTEST, SHOWN)).map(progressOf),
    get,
    result: async jobId => {
      const job = await known(jobId);
      const [report, pools] = [await store.report(jobId), await store.pools(jobId)];
      if (report && pools) return { report, pools };
      throw new AppError('resource.not-found', `The backtest "${jobId}" is ${job.state} and has no result.`, {
        hint: 'Results are kept of the last fifty backtests that succeeded.',
      });
    },
    cancel: async jobId => {
      await known(jobId);
      await jobs.cancel(jobId);
      return get(jobId);
    },
    forgetModel: modelId => store.forgetModel(modelId),
  };
}

function progressOf(job: Job): Backtest {
  const { order, model } = job.input as BacktestInput;
  const step = (job.progress as BacktestStep | null) ?? beginning;
  const share = step.poolsTotal === 0 ? 0 : step.pools / step.poolsTotal;
  // Reading takes about a tenth of the time.
  const percent = job.state === 'succeeded' ? 100 : step.phase === 'reading' ? 10 * share : 10 + 90 * share;
  const { id: jobId, state, queuedAt, startedAt, endedAt, message } = job;
  return {
    ...{ jobId, order, model, state, ...step },
    percent: Math.min(100, percent),
    ...{ queuedAt, startedAt, endedAt, message, report: null },
  };
}
