import { z } from 'zod';
import { assignmentRule, modelTasks } from './models.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

/** What ends an experiment by itself. */
export const guardrails = z.object({
  /** The challenger may be this much worse than the champion, as part of the price: 0.02 is 2 %. */
  worstRelative: z.number().min(0).max(1).default(0.02),
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

/** What an experiment is started with. */
export const experimentOrder = z.object({
  challengerId: z.string(),
  mode: z.enum(['ab', 'shadow']).default('shadow'),
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
    summary: 'Compare a challenger with the champion: in shadow, or serving a share of clusters',
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
};
