import { z } from 'zod';
import { policyReport } from './policy-backtests.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

const interval = z
  .object({ lower: z.number(), upper: z.number() })
  .nullable()
  .meta({ description: '95 % interval by block bootstrap over time; null where there is too little time' });

const heldAgainst = z.object({
  brier: z.number(),
  logLoss: z.number(),
  skill: z.number().nullable().meta({
    description: '1 − Brier of the model / Brier of this baseline; null where that one made no error',
  }),
});

/**
 * How probabilities of interruption did on recordings of availability, against the base rate and persistence on the very same
 * points. A point is a pool at a made-at time; "it happened" means that the pool could not be had at some time within the horizon.
 */
export const riskBacktestReport = z.object({
  task: z.literal('interruption'),
  model: z.string(),
  horizonHours: z.number(),
  pools: z.number().int(),
  points: z.number().int(),
  happened: z.number().int().meta({ description: 'Points at which it happened' }),
  interruptions: z.number().int().meta({
    description: 'Times that capacity went away within the horizon of some point, each counted once',
  }),
  brier: z.number(),
  logLoss: z.number(),
  baseRate: heldAgainst.meta({ description: 'As often as it had happened to all pools until then' }),
  persistence: heldAgainst.meta({
    description: 'What cannot be had now is away within the horizon, else not',
  }),
  parts: z.object({ reliability: z.number(), resolution: z.number(), uncertainty: z.number() }).meta({
    description: 'Brier ≈ reliability − resolution + uncertainty (Murphy 1973), over the bins below',
  }),
  calibrationError: z.number().meta({ description: 'Mean distance of probability and frequency over bins' }),
  calibration: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      predicted: z.number().meta({ description: 'Mean predicted probability' }),
      observed: z.number().meta({ description: 'How often it happened' }),
      points: z.number().int(),
      happened: z.number().int(),
    }),
  ),
  dieboldMariano: z.object({ statistic: z.number(), p: z.number() }).nullable().meta({
    description: 'Of the gain over the harder baseline; one-sided, Newey-West; null without an answer',
  }),
  intervals: z.object({ brier: interval, skillAgainstBaseRate: interval, skillAgainstPersistence: interval }),
  verdict: z.enum(['better', 'no-better', 'too-few-points', 'baseline']),
  sentence: z.string(),
  origins: z.enum(['all', 'available']).meta({
    description: 'Which pools are asked about: all, or those that could be had when predicted',
  }),
  nodes: z.number().int().meta({ description: 'Nodes that must be there at once' }),
  from: z.string().meta({ description: 'First made-at time, ISO 8601' }),
  to: z.string().meta({ description: 'Last made-at time, ISO 8601' }),
  stepMinutes: z.number(),
  embargo: z.object({
    trainedUntil: z.string().nullable(),
    until: z.string().nullable(),
    lifted: z.boolean(),
    pointsBefore: z.number().int(),
  }),
  leftOut: z.object({
    pools: z.number().int().meta({ description: 'Pools without a single point' }),
    unknownState: z.number().int().meta({ description: 'Pool-times at which nobody looked' }),
    away: z.number().int().meta({ description: 'Pool-times without capacity, where only the others count' }),
    unknownOutcome: z
      .number()
      .int()
      .meta({ description: 'Pool-times whose horizon was not recorded from beginning to end' }),
    unknownBaseRate: z
      .number()
      .int()
      .meta({ description: 'Pool-times before enough had happened to know a base rate' }),
    noForecast: z.number().int().meta({ description: 'Pool-times for which the model said nothing' }),
    unknownFeatures: z.array(z.object({ feature: z.string(), rows: z.number().int() })),
  }),
  timeline: z
    .array(
      z.object({
        at: timeMs,
        points: z.number().int(),
        brier: z.number(),
        baseRateBrier: z.number(),
        persistenceBrier: z.number(),
      }),
    )
    .meta({ description: 'Over equal stretches of made-at time; those without points are absent' }),
  policy: policyReport
    .optional()
    .meta({ description: 'What the model is worth in dollars, where asked for' }),
  notes: z.array(z.string()),
});
export type RiskBacktestReport = z.output<typeof riskBacktestReport>;

/** How probabilities did on one pool. */
export const riskBacktestPool = z.object({
  pool: z.string(),
  points: z.number().int(),
  happened: z.number().int(),
  interruptions: z.number().int(),
  predicted: z.number().meta({ description: 'Mean probability' }),
  observed: z.number().meta({ description: 'How often it happened' }),
  brier: z.number(),
  baseRateBrier: z.number(),
  persistenceBrier: z.number(),
  skillAgainstBaseRate: z.number().nullable(),
  skillAgainstPersistence: z.number().nullable(),
});
export type RiskBacktestPoolRow = z.output<typeof riskBacktestPool>;

/** A recording that was sent to the engine; it goes down to some megabytes of text. */
const MOST_LETTERS = 7_000_000;

/** A recording of availability that the engine keeps. */
export const keptRecording = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().min(1).max(200),
  pools: z.number().int(),
  fromMs: timeMs,
  toMs: timeMs,
  interruptions: z.number().int().meta({ description: 'Times that the capacity of a pool went away' }),
});
export type KeptRecording = z.output<typeof keptRecording>;

export const recordings = {
  keepRecording: procedure({
    method: 'POST',
    path: '/api/v1/ml/evaluate/recordings',
    access: 'operator',
    tag: 'forecasts',
    summary: 'Keep a recording of availability, to test models of interruptions on',
    action: 'model.recording',
    body: z.object({
      name: z.string().min(1).max(200),
      text: z.string().max(MOST_LETTERS).meta({
        description: 'CSV as `cloudoptim evaluate --availability` reads it, not compressed',
      }),
    }),
    response: keptRecording,
  }),
};
