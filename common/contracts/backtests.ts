import { z } from 'zod';
import { fillStates } from './market.ts';
import { policyReport } from './policy-backtests.ts';
import { procedure } from './procedure.ts';
import { keptRecording, recordings, riskBacktestPool, riskBacktestReport } from './risk-backtests.ts';
import { timeMs } from './values.ts';

const interval = z
  .object({ lower: z.number(), upper: z.number() })
  .nullable()
  .meta({ description: '95 % interval by block bootstrap over time; null where there is too little time' });

/** Errors of one forecaster. USD per hour, but for `mape`. */
const baselineErrors = z.object({
  name: z.string(),
  sentence: z.string().meta({ description: 'What it says' }),
  mae: z.number(),
  rmse: z.number(),
  mape: z.number(),
});

const backtestVerdicts = ['better', 'no-better', 'too-few-points', 'baseline'] as const;

/**
 * How a forecaster did on past prices, against "the last price stays" on the very same points. Errors are in USD per hour,
 * `mape` in percent: the mean over pools, so that each pool counts the same.
 */
export const backtestReport = z.object({
  model: z.string(),
  horizonHours: z.number(),
  pools: z.number().int(),
  points: z.number().int(),
  mae: z.number(),
  rmse: z.number(),
  mape: z.number().meta({ description: 'Percent; mean over pools' }),
  mase: z
    .number()
    .nullable()
    .meta({ description: 'MAE / MAE of persistence on the same points; below 1 is better than persistence' }),
  bias: z.number().meta({ description: 'Mean error; above 0 when forecasts are too high' }),
  pinball: z.number().optional().meta({ description: 'Mean over quantiles' }),
  coverage: z.number().optional().meta({ description: 'Share of prices between the outer quantiles: 0…1' }),
  quantiles: z
    .object({
      levels: z.array(z.object({ level: z.number(), observed: z.number(), pinball: z.number() })),
      nominalCoverage: z.number(),
      meanWidth: z.number(),
    })
    .optional(),
  baseline: z.object({ name: z.string(), mae: z.number(), mape: z.number() }),
  baselines: z.array(baselineErrors),
  dieboldMariano: z
    .object({ statistic: z.number(), p: z.number() })
    .nullable()
    .meta({ description: 'One-sided, Newey-West; null where gains do not vary or time is too short' }),
  intervals: z.object({ mae: interval, baselineMae: interval, mase: interval }),
  changed: z.object({
    points: z.number().int().meta({ description: 'Points whose price is not the one when predicted' }),
    mae: z.number().nullable(),
    baselineMae: z.number().nullable(),
    direction: z
      .number()
      .nullable()
      .meta({ description: 'Share of them where the model said up or down rightly' }),
  }),
  moves: z.object({
    thresholdPercent: z.number(),
    happened: z.number().int(),
    foretold: z.number().int(),
    right: z.number().int().meta({ description: 'Foretold and happened, in the same direction' }),
    precision: z.number().nullable(),
    recall: z.number().nullable(),
  }),
  mapeOfPools: z.object({ median: z.number(), p90: z.number(), max: z.number() }),
  verdict: z.enum(backtestVerdicts),
  sentence: z.string(),
  from: z.string().meta({ description: 'First made-at time, ISO 8601' }),
  to: z.string().meta({ description: 'Last made-at time, ISO 8601' }),
  stepMinutes: z.number(),
  embargo: z.object({
    trainedUntil: z.string().nullable(),
    until: z
      .string()
      .nullable()
      .meta({ description: 'Trained until + horizon: nothing before it is counted' }),
    lifted: z.boolean().meta({ description: 'Points before it were counted, as somebody asked for' }),
    pointsBefore: z.number().int().meta({ description: 'Counted points before it; 0 unless lifted' }),
  }),
  leftOut: z.object({
    pools: z.number().int().meta({ description: 'Pools without a single point' }),
    unknownPrice: z
      .number()
      .int()
      .meta({ description: 'Pool-times without a price then, a week before, or at the horizon' }),
    noForecast: z.number().int().meta({ description: 'Pool-times for which the model said nothing' }),
    unknownFeatures: z
      .array(z.object({ feature: z.string(), rows: z.number().int() }))
      .meta({ description: 'Why not: the first unknown feature of each, most frequent first' }),
  }),
  timeline: z
    .array(z.object({ at: timeMs, points: z.number().int(), mae: z.number(), baselineMae: z.number() }))
    .meta({
      description: 'Mean errors over equal stretches of made-at time; those without points are absent',
    }),
  policy: policyReport
    .optional()
    .meta({ description: 'What the model is worth in dollars, where asked for' }),
  notes: z.array(z.string()),
});
export type BacktestReport = z.output<typeof backtestReport>;

/** How a forecaster did on one pool. */
export const backtestPool = z.object({
  pool: z.string(),
  points: z.number().int(),
  mae: z.number(),
  rmse: z.number(),
  mape: z.number(),
  bias: z.number(),
  baselineMae: z.number(),
  baselineMape: z.number(),
  mase: z.number().nullable(),
  changedPoints: z.number().int(),
  changedMae: z.number().nullable(),
  changedBaselineMae: z.number().nullable(),
});
export type BacktestPoolRow = z.output<typeof backtestPool>;

const MOST_HOURS = 24 * 30;

/** What is to be tested on the prices in the database. */
export const backtestOrder = z.object({
  modelId: z.string().min(1).meta({
    description: 'Id of a model; or persistence, seasonal, drift to see a baseline without a model',
  }),
  fromMs: timeMs
    .optional()
    .meta({ description: 'First made-at time; the end of the embargo, or 90 days ago' }),
  toMs: timeMs.optional().meta({ description: 'Last time that is looked at; now' }),
  horizonHours: z.number().positive().max(MOST_HOURS).optional().meta({ description: 'Of a baseline; 24' }),
  stepMinutes: z.number().int().min(5).max(1_440).default(60),
  includeTrained: z
    .boolean()
    .default(false)
    .meta({ description: 'Count times that the model may have seen in training, too; the report says so' }),
  regions: z.array(z.string()).min(1).optional().meta({ description: 'Of a baseline; all on disk' }),
  policy: z
    .object({
      workHours: z.number().positive().max(MOST_HOURS).default(24),
      deadlineHours: z.number().positive().max(MOST_HOURS).default(30),
      changeoverMinutes: z.number().min(0).max(1_440).default(12),
      everyHours: z.number().positive().max(MOST_HOURS).default(168),
    })
    .optional()
    .meta({ description: 'Also say what it is worth in dollars, by such jobs' }),
  recording: keptRecording
    .pick({ sha256: true, name: true })
    .optional()
    .meta({ description: 'A model of interruptions is held against it; see /ml/evaluate/recordings' }),
  origins: z
    .enum(['all', 'available'])
    .default('all')
    .meta({ description: 'On a recording: ask about all pools, or those that could be had when predicted' }),
});
export type BacktestOrder = z.output<typeof backtestOrder>;

/** A backtest of the engine as it stands. */
export const backtest = z.object({
  jobId: z.string(),
  order: backtestOrder,
  model: z.string().meta({ description: 'Name of the model, or the baseline' }),
  state: z.enum(fillStates),
  phase: z.enum(['reading', 'testing']),
  pools: z.number().int().meta({ description: 'Pools of this phase so far' }),
  poolsTotal: z.number().int(),
  points: z.number().int(),
  percent: z.number().min(0).max(100),
  queuedAt: timeMs,
  startedAt: timeMs.nullable(),
  endedAt: timeMs.nullable(),
  message: z.string().nullable().meta({ description: 'Why it failed; the verdict once it succeeded' }),
  report: backtestReport
    .nullable()
    .meta({ description: 'Once it succeeded; null in lists and on the live topic' }),
  riskReport: riskBacktestReport.nullable().meta({ description: 'The same of a model of interruptions' }),
});
export type Backtest = z.output<typeof backtest>;

export const backtestFileKinds = ['pools.csv', 'report.html', 'report.json'] as const;

/** The path of what a backtest found out, as a file; it is no procedure of the typed client. */
export const backtestFilePath = '/api/v1/ml/evaluate/backtests/:job/files/:kind';

export const backtests = {
  ...recordings,
  startBacktest: procedure({
    method: 'POST',
    path: '/api/v1/ml/evaluate/backtests',
    access: 'operator',
    tag: 'forecasts',
    summary: 'Test a model on the prices in the database; progress on backtest/{job}',
    action: 'model.backtest',
    body: backtestOrder,
    response: backtest,
  }),
  listBacktests: procedure({
    method: 'GET',
    path: '/api/v1/ml/evaluate/backtests',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Backtests, newest first, without their reports',
    response: z.object({ backtests: z.array(backtest) }),
  }),
  getBacktest: procedure({
    method: 'GET',
    path: '/api/v1/ml/evaluate/backtests/:job',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'How far a backtest is, and its report once it is done',
    params: z.object({ job: z.string() }),
    response: backtest,
  }),
  listBacktestPools: procedure({
    method: 'GET',
    path: '/api/v1/ml/evaluate/backtests/:job/pools',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'How it did on each pool, the one with the largest error beside persistence first',
    params: z.object({ job: z.string() }),
    response: z.object({
      pools: z.array(backtestPool),
      riskPools: z.array(riskBacktestPool).meta({ description: 'Of a model of interruptions' }),
    }),
  }),
  cancelBacktest: procedure({
    method: 'POST',
    path: '/api/v1/ml/evaluate/backtests/:job/cancel',
    access: 'operator',
    tag: 'forecasts',
    summary: 'Stop a backtest; nothing of it is kept',
    action: 'model.backtest-cancel',
    params: z.object({ job: z.string() }),
    response: backtest,
  }),
};
