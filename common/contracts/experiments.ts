import { z } from 'zod';
import { timeMs } from './values.ts';

/** A limit that stops an experiment when it is passed. */
export const guardrailResult = z.object({
  name: z.enum(['worse-than-champion', 'missing-predictions', 'process-failures']),
  value: z.number().nullable().meta({ description: 'Share or count so far; null while unknown' }),
  limit: z.number(),
  breached: z.boolean(),
  sentence: z.string(),
});
export type GuardrailResult = z.output<typeof guardrailResult>;

/** Mean error of one forecaster over the blocks of an experiment. */
export const meanError = z.object({
  relative: z.number().meta({ description: 'Mean absolute error as a fraction of the price when predicted' }),
  maeUsd: z.number().meta({ description: 'Mean absolute error in USD per hour' }),
});
export type MeanError = z.output<typeof meanError>;

/**
 * What an experiment between two models shows so far. Differences are (error of the champion − error of the challenger) as a
 * fraction of the price: above 0 the challenger is better. The bounds hold at all times at once, so that looking costs nothing.
 */
export const experimentResult = z.object({
  experimentId: z.string(),
  asOfMs: timeMs,
  blocks: z.number().int().meta({ description: 'Observations: stretches of one horizon that are over' }),
  points: z.number().int(),
  pools: z.number().int().meta({ description: 'In the block with the most pools' }),
  meanDifference: z.number().nullable(),
  lower: z.number().nullable().meta({ description: 'null while there are too few blocks' }),
  upper: z.number().nullable(),
  series: z.array(
    z.object({
      atMs: timeMs,
      mean: z.number(),
      lower: z.number().nullable(),
      upper: z.number().nullable(),
    }),
  ),
  championError: meanError.nullable(),
  challengerError: meanError.nullable(),
  persistenceError: meanError.nullable(),
  verdict: z.enum(['challenger-better', 'champion-better', 'undecided', 'too-few']),
  blocksLeft: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'More blocks until it is decided, if all stays as it is; null when unknown' }),
  etaMs: z
    .number()
    .nullable()
    .meta({ description: 'Milliseconds that these blocks take; null when unknown' }),
  guardrails: z.array(guardrailResult),
  sentence: z.string(),
});
export type ExperimentResult = z.output<typeof experimentResult>;
