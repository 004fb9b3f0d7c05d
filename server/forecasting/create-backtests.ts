import type { Backtest, BacktestOrder, KeptRecording } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Job, JobQueue, LiveHub } from '../platform/index.ts';
import { isBaseline, isRiskBaseline } from './backtest/index.ts';
import { type BacktestFindings, sentenceOfFindings } from './backtest-findings.ts';
import type { BacktestStore } from './backtest-store.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { keepRecording } from './keep-recording.ts';
import type { RecordingStore } from './recording-store.ts';
import { type BacktestStep, runBacktestJob } from './run-backtest-job.ts';
import { runRiskBacktestJob } from './run-risk-backtest-job.ts';

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
  result(jobId: string): Promise<BacktestFindings>;
  cancel(jobId: string): Promise<Backtest>;
  forgetModel(modelId: string): Promise<void>;
  /** See `keepRecording`. */
  keepRecording(name: string, text: string): Promise<KeptRecording>;
}

interface BacktestInput {
  readonly order: BacktestOrder;
  readonly model: string;
}

const beginning: BacktestStep = { phase: 'reading', pools: 0, poolsTotal: 0, points: 0 };

/** Opens backtests. One that a stop of the engine interrupted begins anew at the next start. */
export function createBacktests(
  parts: ForecastParts,
  {
    jobs,
    live,
    store,
    recordings,
  }: {
    readonly jobs: JobQueue;
    readonly live: LiveHub;
    readonly store: BacktestStore;
    readonly recordings: RecordingStore;
  },
): Backtests {
  jobs.define(
    BACKTEST,
    async ({ jobId, input, signal, report }) => {
      const { order } = input as BacktestInput;
      let reportedAtMs = Number.NEGATIVE_INFINITY;
      const tell = (step: BacktestStep) => {
        const nowMs = performance.now();
        if (nowMs - reportedAtMs < REPORT_EVERY_MS && step.pools < step.poolsTotal) return;
        reportedAtMs = nowMs;
        report(step);
      };
      const findings = order.recording
        ? await runRiskBacktestJob({ ...parts, recordings }, order, order.recording, signal, tell)
        : await runBacktestJob(parts, order, signal, tell);
      await store.save(jobId, order.modelId, parts.clock.now(), findings);
      return sentenceOfFindings(findings);
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
    return { ...progress, ...(await store.report(jobId)) };
  };

  return {
    start: async order => {
      const { modelId } = order;
      const isWord = order.recording ? isRiskBaseline(modelId) : isBaseline(modelId);
      const model = isWord ? modelId : (await parts.models.get(modelId)).manifest.name;
      const input: BacktestInput = { order, model };
      return progressOf(await jobs.enqueue(BACKTEST, JSON.stringify(order), input));
    },
    list: async () => (await jobs.list(BACKTEST, SHOWN)).map(progressOf),
    get,
    result: async jobId => {
      const job = await known(jobId);
      const findings = await store.findings(jobId);
      if (findings) return findings;
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
    keepRecording: (name, text) => keepRecording(recordings, { name, text, nowMs: parts.clock.now() }),
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
    ...{ queuedAt, startedAt, endedAt, message, report: null, riskReport: null },
  };
}
