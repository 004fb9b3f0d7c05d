import type {
  ForecastSummary,
  Model,
  NumberRows,
  Prediction,
  PricePoint,
  Provenance,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR, type Pool, type PoolKey, parsePoolKey } from '../../common/units/index.ts';
import type { ForecastSubject } from '../models/index.ts';
import type { Clock, Database, Job, JobQueue, LiveHub, Logger } from '../platform/index.ts';
import { priceAt } from './features/index.ts';
import type { ForecastParts, MarketOfForecasts, ModelsOfForecasts } from './forecast-parts.ts';
import { forecastPools, type PoolForecast, predictNow } from './forecast-pools.ts';
import { predictRaw } from './predict-raw.ts';
import { PredictionStore } from './prediction-store.ts';
import { runForecast } from './run-forecast.ts';

const FORECAST = 'forecast';
const EVERY_MS = MS_PER_HOUR;
/** The queue of jobs starts after the rooms do. */
const FIRST_AFTER_MS = 3_000;

/** How often instances of a pool are interrupted, and who says so. */
export interface InterruptionRisk {
  readonly maxPercentPerMonth: number;
  readonly provenance: Provenance;
}

/** The room of forecasts. */
export interface Forecasting {
  /** Prices at the horizon; see `forecastPools`. Never fails for a model's sake. */
  forecastFor(pools: readonly Pool[], subject?: ForecastSubject): Promise<Map<PoolKey, PoolForecast>>;
  /** Starts to predict and compare; answers at once, progress is on `forecasts/{model}`. */
  evaluate(modelId: string): Promise<ForecastSummary>;
  /** Upper end of the advisor's band; `undefined` where it is unknown. */
  interruptionRisk(pool: Pool): InterruptionRisk | undefined;
  /** What a model says now, and how it did. */
  summary(modelId: string): Promise<ForecastSummary>;
  summaries(): Promise<ForecastSummary[]>;
  /** Predictions of a pool whose time lies in `[fromMs, toMs]`, and what then happened. */
  series(
    modelId: string,
    pool: string,
    fromMs: number,
    toMs: number,
  ): Promise<{ actual: PricePoint[]; predictions: Prediction[] }>;
  /** Predictions as of now, of the champion unless told. @throws AppError `model.not-ready` without one. */
  predict(
    modelId: string | undefined,
    pools: readonly string[] | undefined,
  ): Promise<{ modelId: string; predictions: Prediction[] }>;
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
  const store = new PredictionStore(database);
  const parts: ForecastParts = { market, models, store, clock };
  const latestJobs = new Map<string, Job>();
  let first: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;

  const summaryOf = async (model: Model): Promise<ForecastSummary> => {
    const run = await store.lastRun(model.id);
    const job = latestJobs.get(model.id);
    const isRunning = job?.state === 'queued' || job?.state === 'running';
    const hasFailed = job?.state === 'failed';
    return {
      modelId: model.id,
      modelName: model.manifest.name,
      horizonHours: model.manifest.horizonHours,
      state: isRunning ? 'running' : hasFailed ? 'failed' : run ? 'ready' : 'none',
      message: hasFailed ? job.message : null,
      madeAt: run?.endedAt ?? null,
      pools: run?.pools ?? 0,
      predictions: run?.predictions ?? 0,
      serving: run?.evaluation?.verdict === 'better' ? 'model' : 'persistence',
      evaluation: run?.evaluation ?? null,
    };
  };
  const summary = async (modelId: string) => summaryOf(await models.get(modelId));
  const inBackground = (work: () => Promise<unknown>) => {
    work().catch((error: unknown) => log.error({ err: error }, 'forecasts could not be brought up to date'));
  };
  const enqueue = (modelId: string) => jobs.enqueue(FORECAST, modelId, { modelId });
  const refreshAll = async () => {
    await models.refreshCoverage();
    for (const model of await models.list()) {
      const canPredict = model.state === 'ready' || model.state === 'active';
      if (canPredict && model.manifest.task === 'spot-price') await enqueue(model.id);
    }
  };

  jobs.define(
    FORECAST,
    async ({ input, signal }) => {
      await runForecast(parts, await models.get((input as { modelId: string }).modelId), signal);
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
  market.onFilled(() => inBackground(refreshAll));
  models.onActivated(model => inBackground(() => enqueue(model.id)));
  models.onRegistered(model => {
    if (model.state === 'ready') inBackground(() => enqueue(model.id));
  });

  return {
    forecastFor: (pools, subject) => forecastPools(parts, pools, subject, log),
    evaluate: async modelId => {
      const model = await models.get(modelId);
      if (model.manifest.task !== 'spot-price') {
        throw new AppError(
          'input.invalid',
          `"${model.manifest.name}" is a model for ${model.manifest.task}; only spot-price models are compared with prices.`,
        );
      }
      await enqueue(modelId);
      return summary(modelId);
    },
    interruptionRisk: pool => interruptionRisk(market, pool),
    summary,
    summaries: async () => Promise.all((await models.list()).map(summaryOf)),
    series: async (modelId, key, fromMs, toMs) => {
      await models.get(modelId);
      const pool = poolOf(key);
      const { points } = await market.history(key, fromMs, toMs);
      const made = await store.ofPool(modelId, key as PoolKey, fromMs, toMs);
      const nowMs = clock.now();
      const [records] = await market.prices.series([pool], fromMs, Math.min(toMs, nowMs) + 1);
      const predictions = made.map(prediction => {
        const hasCome = prediction.forMs <= nowMs && records !== undefined;
        const actual = hasCome ? priceAt(records, prediction.forMs) : Number.NaN;
        return { ...prediction, actualMicroUsdPerHour: Number.isNaN(actual) ? null : actual };
      });
      return { actual: points, predictions };
    },
    predict: async (modelId, keys) => {
      const model = modelId === undefined ? await models.champion('spot-price') : await models.get(modelId);
      if (!model) {
        throw new AppError('model.not-ready', 'There is no champion for spot-price yet.', {
          hint: 'Activate a model, or name one in modelId.',
        });
      }
      const pools = keys?.map(poolOf) ?? (await market.prices.pools(model.manifest.scope));
      return { modelId: model.id, predictions: await predictNow(parts, model, pools) };
    },
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

/** The advisor speaks of Linux alone. */
function interruptionRisk({ catalog }: MarketOfForecasts, pool: Pool): InterruptionRisk | undefined {
  if (pool.product !== 'Linux/UNIX') return undefined;
  const maxPercentPerMonth = catalog.interruptionMaxPercent(pool.region, pool.instanceType);
  return maxPercentPerMonth === undefined
    ? undefined
    : { maxPercentPerMonth, provenance: catalog.riskProvenance };
}

function poolOf(key: string): Pool {
  const pool = parsePoolKey(key);
  if (!pool)
    throw new AppError('input.invalid', `"${key}" is no pool; a pool is region/zone/instanceType/product.`);
  return pool;
}
