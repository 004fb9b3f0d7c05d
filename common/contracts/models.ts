import { z } from 'zod';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

export const modelTasks = ['spot-price', 'interruption', 'custom'] as const;

/**
 * What the value that a model puts out means: the price itself at the horizon, or the natural logarithm of
 * (price at the horizon / price now).
 */
export const modelTargets = ['price-usd-per-hour', 'log-return'] as const;

/** The manifest of DESIGN §4: beside the file, in ONNX `metadata_props`, or from the upload form. */
export const modelManifest = z.object({
  name: z.string().trim().min(1).max(80),
  version: z.string().trim().min(1).max(40),
  task: z.enum(modelTasks),
  /** ISO 8601; the last moment whose prices the training saw. */
  trainedUntil: z.string(),
  features: z.array(z.object({ name: z.string() })).min(1),
  target: z.enum(modelTargets),
  horizonHours: z
    .number()
    .positive()
    .max(24 * 30),
  resolutionMinutes: z.number().int().positive().default(60),
  scope: z.object({
    regions: z.array(z.string()).min(1),
    instanceTypes: z.array(z.string()).default([]),
    products: z.array(z.string()).default(['Linux/UNIX']),
  }),
  golden: z.array(z.object({ input: z.array(z.number()), output: z.array(z.number()) })).default([]),
  description: z.string().optional(),
  trainedOn: z.string().optional().meta({ description: 'What data, in a sentence' }),
  /** What the makers measured at training time, against "the last price stays" on the same points. */
  reported: z
    .object({
      mae: z.number(),
      baselineMae: z.number(),
      points: z.number().int(),
      note: z.string().optional(),
    })
    .optional(),
});
export type ModelManifest = z.output<typeof modelManifest>;

export const modelStates = [
  'uploaded',
  'inspected',
  'gap-open',
  'ready',
  'active',
  'retired',
  'rejected',
  'faulty',
] as const;

export const model = z.object({
  id: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
  fileName: z.string(),
  format: z.string(),
  state: z.enum(modelStates),
  aliases: z.array(z.enum(['champion', 'challenger'])),
  uploadedAt: timeMs,
  trainedUntilMs: timeMs,
  gapDays: z.number().meta({ description: 'Days between "trained until" and now' }),
  /** Part of the time that the model's features need for today which is on disk: 0…1. */
  coveredShare: z.number().min(0).max(1),
  manifest: modelManifest,
  operators: z.array(z.string()),
  verdict: z.enum(['accepted', 'rejected']),
  reasons: z.array(z.string()),
});
export type Model = z.output<typeof model>;

export const activationEntry = z.object({
  seq: z.number().int(),
  at: timeMs,
  modelId: z.string(),
  alias: z.enum(['champion', 'challenger']),
  kind: z.enum(['activated', 'rolled-back', 'retired']),
  actor: z.string(),
});
export type ActivationEntry = z.output<typeof activationEntry>;

/** `POST /api/v1/ml/models/upload` takes multipart form data: `file`, and optionally `manifest` (JSON text). */
export const models = {
  listModels: procedure({
    method: 'GET',
    path: '/api/v1/ml/models/list',
    access: 'viewer',
    tag: 'models',
    summary: 'Versions with state, aliases and gap',
    response: z.object({ models: z.array(model) }),
  }),
  getModel: procedure({
    method: 'GET',
    path: '/api/v1/ml/models/:id',
    access: 'viewer',
    tag: 'models',
    summary: 'One model version',
    params: z.object({ id: z.string() }),
    response: z.object({ model, activations: z.array(activationEntry) }),
  }),
  activateModel: procedure({
    method: 'POST',
    path: '/api/v1/ml/models/activate',
    access: 'operator',
    tag: 'models',
    summary:
      'Load, check golden rows, warm up, then make it champion; on failure the old one goes on serving',
    action: 'model.activate',
    body: z.object({ modelId: z.string() }),
    response: model,
  }),
  rollbackModel: procedure({
    method: 'POST',
    path: '/api/v1/ml/models/rollback',
    access: 'operator',
    tag: 'models',
    summary: 'Make the previous champion champion again',
    action: 'model.rollback',
    body: z.object({ task: z.enum(modelTasks).default('spot-price') }),
    response: model,
  }),
};

/** The path of the upload; it streams, so it is no procedure of the typed client. */
export const modelUploadPath = '/api/v1/ml/models/upload';
