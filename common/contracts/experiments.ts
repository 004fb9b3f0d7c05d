import { z } from 'zod';
import { assignmentRule, assignmentUnits, modelTasks } from './models.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

/** What ends an experiment by itself. */
export const guardrails = z.object({
  /** How much larger than the champion's the challenger's mean error may surely be: 0.1 is 10 %. */
  worstRelative: z.number().min(0).max(10).default(0.1),
  /** Part of the champion's points for which the challenger may have no prediction: 0…1. */
  missingShare: z.number().min(0).max(1).default(0.05),
  /** Failures of the challenger's process that end it. */
  failures: z.number().int().min(1).max(1_000).default(3),
});
export type Guardrails = z.output<typeof guardrails>;

/** A comparison of two versions on what happens from now on. What it was started with never changes. */
export const experiment = z.object({
  id: z.string(),
  task: z.enum(modelTasks),
  championId: z.string(),
  challengerId: z.string(),
  rule: assignmentRule,
  /** Chance of seeing a difference where there is none, over all looks together. */
  alpha: z.number().positive().max(0.5),
  guardrails,
  startedAt: timeMs,
  startedBy: z.string(),
  /** `null` while it runs. */
  endedAt: timeMs.nullable(),
  endedBy: z.string().nullable(),
  outcome: z.enum(['running', 'promoted', 'stopped', 'guardrail', 'champion-changed']),
  endReason: z.string().nullable(),
});
export type Experiment = z.output<typeof experiment>;

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

/** What an experiment is started with. */
export const experimentOrder = z.object({
  challengerId: z.string(),
  mode: z.enum(['ab', 'shadow']).default('shadow'),
  unit: z
    .enum(assignmentUnits)
    .default('cluster')
    .meta({ description: 'What an A/B splits: whole clusters, or the workloads of each' }),
  challengerShare: z.number().min(0).max(1).default(0.5),
  alpha: z.number().min(0.001).max(0.2).default(0.05),
  guardrails: guardrails.prefault({}),
});
export type ExperimentOrder = z.output<typeof experimentOrder>;

export const experiments = {
  startExperiment: procedure({
    method: 'POST',
    path: '/api/v1/ml/models/experiments',
    access: 'operator',
    tag: 'models',
    summary: 'Compare a challenger with the champion: in shadow, or serving a share of clusters or workloads',
    action: 'experiment.start',
    body: experimentOrder,
    response: experiment,
  }),
  stopExperiment: procedure({
    method: 'POST',
    path: '/api/v1/ml/models/experiments/:id/stop',
    access: 'operator',
    tag: 'models',
    summary: 'End an experiment; the champion serves everywhere again',
    action: 'experiment.stop',
    params: z.object({ id: z.string() }),
    body: z.object({ reason: z.string().max(500).optional() }),
    response: experiment,
  }),
  listExperiments: procedure({
    method: 'GET',
    path: '/api/v1/ml/models/experiments',
    access: 'viewer',
    tag: 'models',
    summary: 'Experiments, newest first',
    response: z.object({ experiments: z.array(experiment) }),
  }),
  getExperiment: procedure({
    method: 'GET',
    path: '/api/v1/ml/models/experiments/:id',
    access: 'viewer',
    tag: 'models',
    summary: 'One experiment and what it shows so far',
    params: z.object({ id: z.string() }),
    response: z.object({ experiment, result: experimentResult }),
  }),
};
