import { z } from 'zod';
import { parameterValue } from './engine-contract.ts';
import { engineChoice } from './engines.ts';
import { assignmentRule } from './models.ts';
import { procedure } from './procedure.ts';
import { microUsd, pageQuery, timeMs } from './values.ts';

/** What ends an experiment between engines by itself. */
export const engineGuardrails = z.object({
  invalidAnswers: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .meta({ description: 'Questions that the challenger did not answer, or not as the contract says' }),
  overruns: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .meta({ description: 'Answers that the challenger did not give within its deadline' }),
  refusedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta({ description: 'Part of the moves of the challenger that the rules may refuse' }),
  movesFactor: z.number().min(1).max(100).default(3).meta({
    description: 'How many times as many pods as the champion the challenger may move for a saved dollar',
  }),
});
export type EngineGuardrails = z.output<typeof engineGuardrails>;

/** A comparison of two engines on what happens from now on. What it was started with never changes. */
export const engineExperiment = z.object({
  id: z.string(),
  championId: z.string(),
  challengerId: z.string(),
  championName: z.string().meta({ description: 'With its version; stays when the engine is deleted' }),
  challengerName: z.string(),
  challengerParameters: engineChoice.shape.parameters,
  rule: assignmentRule,
  /** Chance of seeing a difference where there is none, over all looks together. */
  alpha: z.number().positive().max(0.5),
  guardrails: engineGuardrails,
  startedAt: timeMs,
  startedBy: z.string(),
  /** `null` while it runs. */
  endedAt: timeMs.nullable(),
  endedBy: z.string().nullable(),
  outcome: z.enum(['running', 'promoted', 'stopped', 'guardrail']),
  endReason: z.string().nullable(),
});
export type EngineExperiment = z.output<typeof engineExperiment>;

export const engineGuardrailResult = z.object({
  name: z.enum(['invalid-answers', 'deadline-overruns', 'refused-moves', 'moves-per-dollar']),
  value: z.number().nullable().meta({ description: 'Share, factor or count so far; null while unknown' }),
  limit: z.number(),
  breached: z.boolean(),
  sentence: z.string(),
});
export type EngineGuardrailResult = z.output<typeof engineGuardrailResult>;

/** What one of the two proposed, over all runs that could be counted. */
export const engineArm = z.object({
  clusters: z.number().int(),
  runs: z.number().int().meta({ description: 'In which it answered and the cost of the cluster was known' }),
  savedMicroUsdPerHour: microUsd.nullable().meta({ description: 'Proposed saving, mean of a run' }),
  savedShare: z
    .number()
    .nullable()
    .meta({ description: 'Proposed saving as a fraction of the present cost: 0…1, mean of a run' }),
  movesPerUsdPerHour: z
    .number()
    .nullable()
    .meta({ description: 'Pods that move for each saved dollar an hour; null where nothing is saved' }),
});
export type EngineArm = z.output<typeof engineArm>;

/**
 * What an experiment between two engines shows so far. Differences are (saving proposed by the challenger − by the champion) as a
 * fraction of the present cost of the cluster: above 0 the challenger saves more. The bounds hold at all times at once.
 */
export const engineExperimentResult = z.object({
  experimentId: z.string(),
  asOfMs: timeMs,
  runs: z.number().int().meta({ description: 'Runs of clusters that take part' }),
  compared: z.number().int().meta({ description: 'Runs that both answered, with a known cost' }),
  hours: z.number().int().meta({
    description: 'Observations: hours that are over and had such runs, each the mean of its clusters',
  }),
  meanDifference: z.number().nullable(),
  lower: z.number().nullable().meta({ description: 'null while there are too few observations' }),
  upper: z.number().nullable(),
  series: z.array(
    z.object({
      atMs: timeMs,
      mean: z.number(),
      lower: z.number().nullable(),
      upper: z.number().nullable(),
    }),
  ),
  champion: engineArm,
  challenger: engineArm,
  verdict: z
    .enum(['challenger-better', 'champion-better', 'undecided', 'too-few', 'unknown'])
    .meta({ description: 'unknown in an A/B, which shows figures of each but judges nothing' }),
  hoursLeft: z.number().int().nullable().meta({
    description: 'More hours with runs until it is decided, if all stays as it is; null when unknown',
  }),
  runsLeft: z.number().int().nullable().meta({ description: 'The same in runs, at the rate so far' }),
  guardrails: z.array(engineGuardrailResult),
  sentence: z.string(),
});
export type EngineExperimentResult = z.output<typeof engineExperimentResult>;

/** What an experiment between engines is started with. */
export const engineExperimentOrder = z.object({
  championId: z.string().meta({ description: 'Clusters that use this engine take part' }),
  challengerId: z.string(),
  challengerParameters: z
    .record(z.string(), parameterValue)
    .default({})
    .meta({ description: 'Those left out have their default' }),
  mode: z.enum(['ab', 'shadow']).default('shadow').meta({
    description:
      'shadow: the challenger is asked about the same state, and only figures are kept; ab: it plans for a share of the clusters',
  }),
  challengerShare: z.number().min(0).max(1).default(0.5),
  alpha: z.number().min(0.001).max(0.2).default(0.05),
  guardrails: engineGuardrails.prefault({}),
});
export type EngineExperimentOrder = z.output<typeof engineExperimentOrder>;

/** One line of the ledger of engines, which only grows: from it follows who was active for which cluster at any time. */
export const engineLedgerEntry = z.object({
  seq: z.number().int(),
  at: timeMs,
  kind: z.enum(['chosen', 'experiment-started', 'experiment-ended']),
  engineId: z.string().meta({ description: 'The engine chosen, or the challenger' }),
  clusterId: z.string().nullable().meta({ description: 'Of choices' }),
  actor: z.string(),
  reason: z.string().nullable(),
  experiment: z
    .object({ championId: z.string(), rule: assignmentRule })
    .nullable()
    .meta({ description: 'Of entries about an experiment' }),
});
export type EngineLedgerEntry = z.output<typeof engineLedgerEntry>;

const params = z.object({ id: z.string() });

export const engineExperiments = {
  startEngineExperiment: procedure({
    method: 'POST',
    path: '/api/v1/ml/engines/experiments',
    access: 'operator',
    tag: 'engines',
    summary:
      'Compare a challenger with the engine that clusters use: in shadow, or for a share of the clusters',
    action: 'engine-experiment.start',
    body: engineExperimentOrder,
    response: engineExperiment,
  }),
  stopEngineExperiment: procedure({
    method: 'POST',
    path: '/api/v1/ml/engines/experiments/:id/stop',
    access: 'operator',
    tag: 'engines',
    summary: 'End an experiment; the champion plans for all its clusters again',
    action: 'engine-experiment.stop',
    params,
    body: z.object({ reason: z.string().max(500).optional() }),
    response: engineExperiment,
  }),
  promoteEngine: procedure({
    method: 'POST',
    path: '/api/v1/ml/engines/experiments/:id/promote',
    access: 'operator',
    tag: 'engines',
    summary: 'End an experiment and choose the challenger for every cluster that uses the champion',
    action: 'engine-experiment.promote',
    params,
    response: engineExperiment,
  }),
  listEngineExperiments: procedure({
    method: 'GET',
    path: '/api/v1/ml/engines/experiments',
    access: 'viewer',
    tag: 'engines',
    summary: 'Experiments between engines, newest first',
    response: z.object({ experiments: z.array(engineExperiment) }),
  }),
  getEngineExperiment: procedure({
    method: 'GET',
    path: '/api/v1/ml/engines/experiments/:id',
    access: 'viewer',
    tag: 'engines',
    summary: 'One experiment between engines and what it shows so far',
    params,
    response: z.object({ experiment: engineExperiment, result: engineExperimentResult }),
  }),
  engineLedger: procedure({
    method: 'GET',
    path: '/api/v1/ml/engines/ledger',
    access: 'viewer',
    tag: 'engines',
    summary: 'Who was active: choices and experiments, newest first',
    query: pageQuery,
    response: z.object({ entries: z.array(engineLedgerEntry) }),
  }),
};
