import type {
  Experiment,
  ExperimentResult,
  ForecastSummary,
  Model,
  NumberRows,
  PoolForecastLine,
  PoolRiskLine,
  PricePoint,
  Recomputation,
  SeriesPrediction,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR, type Pool, type PoolKey } from '../../common/units/index.ts';
import type { ForecastSubject } from '../models/index.ts';
import type { Clock, Database, Job, JobQueue, LiveHub, Logger } from '../platform/index.ts';
import { answerPrices, answerRisks, type PriceAnswers, type RiskAnswers } from './answer-now.ts';
import { BacktestStore } from './backtest-store.ts';
import { BlockStore } from './block-store.ts';
import { checkDrift } from './check-drift.ts';
import { type Backtests, createBacktests } from './create-backtests.ts';
import type { ForecastParts, MarketOfForecasts, ModelsOfForecasts } from './forecast-parts.ts';
import { demandTask, isForecast } from './forecast-parts.ts';
import { forecastPools, type PoolForecast } from './forecast-pools.ts';
import { type InterruptionRisk, interruptionRisks } from './interruption-risk.ts';
import { judgeExperiment } from './judge-experiment.ts';
import { judgeGate } from './judge-gate.ts';
import { LivePredictionStore } from './live-prediction-store.ts';
import { loadSeries } from './load-series.ts';
import { watchSpotNodes } from './observe-spot-nodes.ts';
import { forecastLines, riskLines } from './pool-lines.ts';
import { predictRaw } from './predict-raw.ts';
import { PredictionStore } from './prediction-store.ts';
import { recomputePrediction } from './recompute-prediction.ts';
import { RecordingStore } from './recording-store.ts';
import { RiskStore } from './risk-store.ts';
import { runForecast } from './run-forecast.ts';
import { runRiskForecast } from './run-risk-forecast.ts';
import { RunStore } from './run-store.ts';
import type { ObservedInterruption, ObservedSpotNode, SpotNotice } from './spot-node.ts';
import { SpotNodeStore } from './spot-node-store.ts';
import { summarizeForecast } from './summarize-forecast.ts';
import { watchExperiment } from './watch-experiment.ts';

const FORECAST = 'forecast';
const EVERY_MS = MS_PER_HOUR;
/** The queue of jobs starts after the rooms do. */
const FIRST_AFTER_MS = 3_000;

/** The room of forecasts. */
export interface Forecasting {
  /** Prices at the horizon for each subject; see `forecastPools`. Never fails for a model's sake. */
  forecastFor(
    pools: readonly Pool[],
    subjects: readonly ForecastSubject[],
  ): Promise<ReadonlyMap<PoolKey, PoolForecast>[]>;
  /** Starts to predict and compare; answers at once, progress is on `forecasts/{model}`. */
  evaluate(modelId: string): Promise<ForecastSummary>;
  /** What decisions use; pools of which nothing is known are absent. See `interruptionRisks`. */
  interruptionRisks(pools: readonly Pool[]): Promise<Map<PoolKey, InterruptionRisk>>;
  /**
   * Takes in all Spot nodes that a cluster has now: what ran and for how long is what probabilities are held against. A node
   * that is not among them any more has gone for a reason that nobody knows, unless a notice says so.
   */
  observeSpotNodes(clusterId: string, nodes: readonly ObservedSpotNode[]): Promise<void>;
  /** Takes in notices that AWS takes nodes away. @returns how many were new and of known nodes */
  recordInterruptions(notices: readonly ObservedInterruption[]): Promise<number>;
  /** Takes in recommendations to leave a node. @returns how many were of known nodes */
  recordRebalances(notices: readonly ObservedInterruption[]): Promise<number>;
  /** What AWS has said of nodes since a time (ms UTC), by pool; pools of which it said nothing are absent. */
  poolNotices(fromMs: number): Promise<Map<PoolKey, SpotNotice[]>>;
  /** What a model says now, and how it did. */
  summary(modelId: string): Promise<ForecastSummary>;
  summaries(): Promise<ForecastSummary[]>;
  /** Predictions of a pool whose time lies in `[fromMs, toMs]`, and what then happened. */
  series(
    modelId: string,
    pool: string,
    fromMs: number,
    toMs: number,
  ): Promise<{ actual: PricePoint[]; predictions: SeriesPrediction[] }>;
  /** See `forecastLines`. @throws AppError `input.invalid` for a model of another task */
  forecastLines(modelId: string): Promise<PoolForecastLine[]>;
  /** See `riskLines`. @throws AppError `input.invalid` for a model of another task */
  riskLines(modelId: string): Promise<PoolRiskLine[]>;
  /** Prices as of now, of the champion unless told; see `answerPrices`. */
  predict(modelId: string | undefined, pools: readonly string[] | undefined): Promise<PriceAnswers>;
  /** Risks as of now, of what decisions use unless told; see `answerRisks`. */
  predictRisks(modelId: string | undefined, pools: readonly string[]): Promise<RiskAnswers>;
  /** See `recomputePrediction`. */
  recompute(modelId: string, pool: string, madeAt: number): Promise<Recomputation>;
  /** An experiment and what it shows so far; see `judgeExperiment`. @throws AppError `resource.not-found` */
  experiment(id: string): Promise<{ experiment: Experiment; result: ExperimentResult }>;
  readonly backtests: Backtests;
  /** Removes all that is kept here of a model that was deleted. */
  forgetModel(modelId: string): Promise<void>;
  /** See `predictRaw`. */
  predictRaw(modelId: string, rows: NumberRows): Promise<NumberRows>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ForecastingParts {
  readonly database: Database;
  readonly jobs: JobQueue;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly market: MarketOfForecasts;
  readonly models: ModelsOfForecasts;
}

/** Opens the room: forecasts run after a fill, an activation or an upload, each hour, and when asked for. */
export async function createForecasting(options: ForecastingParts): Promise<Forecasting> {
  const { database, jobs, live, clock, log, market, models } = options;
  const predictions = new PredictionStore(database);
  const risks = new RiskStore(database);
  const nodes = new SpotNodeStore(database);
  const watch = watchSpotNodes(nodes, clock);
  const runs = new RunStore(database);
  const blocks = new BlockStore(database);
  const parts: ForecastParts = {
    market,
    models,
    predictions,
    live: new LivePredictionStore(database),
    risks,
    nodes,
    runs,
    blocks,
    clock,
  };
  const backtests = createBacktests(parts, {
    ...{ jobs, live },
    store: new BacktestStore(database),
    recordings: new RecordingStore(database),
  });
  const latestJobs = new Map<string, Job>();
  let first: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;

  const summaryOf = (model: Model) => summarizeForecast(parts, model, latestJobs.get(model.id));
  const summary = async (modelId: string) => summaryOf(await models.get(modelId));
  const inBackground = (work: () => Promise<unknown>) => {
    work().catch((error: unknown) => log.error({ err: error }, 'forecasts could not be brought up to date'));
  };
  const enqueue = (modelId: string) => jobs.enqueue(FORECAST, modelId, { modelId });
  const refreshTask = async (...tasks: readonly Model['manifest']['task'][]) => {
    for (const model of await models.list()) {
      const canPredict = model.state === 'ready' || model.state === 'active';
      if (canPredict && tasks.includes(model.manifest.task)) await enqueue(model.id);
    }
  };
  const refreshAll = async () => {
    await models.refreshCoverage();
    await refreshTask('spot-price', 'interruption');
  };

  const holdGate = async (model: Model) => {
    const gate = await judgeGate(parts, model);
    if (!gate?.breached) return;
    log.warn({ model: model.id, blocks: gate.blocks }, gate.sentence);
    await models.breachGate(model.id, gate.sentence);
  };

  const forgetModel = async (modelId: string) => {
    // A run that is under way would write about the model once more.
    const job = latestJobs.get(modelId);
    if (job?.state === 'queued' || job?.state === 'running') await jobs.cancel(job.id);
    latestJobs.delete(modelId);
    await predictions.forgetModel(modelId);
    await risks.forgetModel(modelId);
    await blocks.forgetModel(modelId);
    await runs.forgetModel(modelId);
    await backtests.forgetModel(modelId);
  };
  const resultOf = async (id: string) => {
    const experiment = (await models.experiments()).find(known => known.id === id);
    if (!experiment) throw new AppError('resource.not-found', `There is no experiment "${id}".`);
    return { experiment, result: await judgeExperiment(parts, experiment) };
  };

  jobs.define(
    FORECAST,
    async ({ input, signal }) => {
      const model = await models.get((input as { modelId: string }).modelId);
      try {
        await (model.manifest.task === 'interruption' ? runRiskForecast : runForecast)(parts, model, signal);
      } catch (error) {
        if (error instanceof AppError && error.code === 'model.faulty') {
          await runs.recordFailure(model.id, clock.now(), error.message);
        }
        throw error;
      }
      await holdGate(await models.get(model.id));
      await watchExperiment(parts, model.id, log, result =>
        live.publish(`experiment/${result.experimentId}`, 'result', result),
      );
      await checkDrift(parts, model, signal);
      return null;
    },
    job => {
      latestJobs.set(job.key, job);
      inBackground(async () => live.publish(`forecasts/${job.key}`, 'summary', await summary(job.key)));
    },
  );
  live.define('forecasts/*', async topic => {
    const modelId = topic.slice('forecasts/'.length);
    return [{ key: 'summary', value: await summary(modelId) }];
  });
  live.define('experiment/*', async topic => {
    const result = await resultOf(topic.slice('experiment/'.length));
    return [{ key: 'result', value: result.result }];
  });
  models.onDeleted(id => inBackground(() => forgetModel(id)));
  market.onFilled(() => inBackground(refreshAll));
  models.onActivated(model => {
    if (isForecast(model)) inBackground(() => enqueue(model.id));
  });
  models.onRegistered(model => {
    if (model.state === 'ready' && isForecast(model)) inBackground(() => enqueue(model.id));
  });

  return {
    forecastFor: (pools, subjects) => forecastPools(parts, pools, subjects, log),
    evaluate: async modelId => {
      const model = await models.get(modelId);
      if (!isForecast(model)) {
        throw new AppError(
          'input.invalid',
          `"${model.manifest.name}" is a model for ${model.manifest.task}; only those for spot-price and interruption predict what can be compared.`,
        );
      }
      await enqueue(modelId);
      return summary(modelId);
    },
    interruptionRisks: async pools => (await interruptionRisks(parts, pools, log)).risks,
    observeSpotNodes: (clusterId, seen) => watch.observe(clusterId, seen),
    recordInterruptions: async notices => {
      let counted = 0;
      for (const notice of notices) if (await watch.interrupt(notice)) counted++;
      if (counted > 0) inBackground(() => refreshTask('interruption'));
      return counted;
    },
    recordRebalances: async notices => {
      let counted = 0;
      for (const notice of notices) if (await watch.recommend(notice)) counted++;
      return counted;
    },
    poolNotices: fromMs => nodes.noticesSince(fromMs),
    summary,
    summaries: async () => Promise.all((await models.list()).map(summaryOf)),
    series: (modelId, key, fromMs, toMs) => loadSeries(parts, modelId, key, fromMs, toMs),
    forecastLines: async modelId => forecastLines(parts, demandTask(await models.get(modelId), 'spot-price')),
    riskLines: async modelId => riskLines(parts, demandTask(await models.get(modelId), 'interruption')),
    predict: (modelId, keys) => answerPrices(parts, modelId, keys),
    predictRisks: (modelId, keys) => answerRisks(parts, modelId, keys, log),
    recompute: (modelId, pool, madeAt) => recomputePrediction(parts, modelId, pool, madeAt),
    experiment: resultOf,
    backtests,
    forgetModel,
    predictRaw: (modelId, rows) => predictRaw(parts, modelId, rows),
    start: async () => {
      timer = setInterval(() => inBackground(refreshAll), EVERY_MS);
      first = setTimeout(() => inBackground(refreshAll), FIRST_AFTER_MS);
      timer.unref();
      first.unref();
    },
    stop: async () => {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}
