import { z } from 'zod';
import { policyReport } from './policy-backtests.ts';
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

export const backtestVerdicts = ['better', 'no-better', 'too-few-points', 'baseline'] as const;

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
