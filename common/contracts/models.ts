import { z } from 'zod';
import { procedure } from './procedure.ts';
import { done, timeMs } from './values.ts';

export const modelTasks = ['spot-price', 'interruption', 'custom'] as const;

/**
 * What the value that a model puts out means: the price itself at the horizon, the natural logarithm of
 * (price at the horizon / price now), or the probability that a node is interrupted within the horizon.
 */
export const modelTargets = ['price-usd-per-hour', 'log-return', 'probability'] as const;

/** One value of a row that a model puts out. */
export const modelOutput = z.object({
  /** As the file has it; `name_0`, `name_1`, … where an output has several columns. */
  name: z.string().trim().min(1).max(200),
  quantile: z.number().gt(0).lt(1).optional().meta({
    description: 'Which quantile it is; without, it is the answer itself: the price, the probability',
  }),
  part: z.enum(['change-probability', 'change-size']).optional().meta({
    description:
      'Of an answer in two parts: how likely the price changes, and by how much (log-return) if it does; the answer is their product',
  }),
  unused: z.literal(true).optional().meta({ description: 'Nothing is made of it' }),
});
export type ModelOutput = z.output<typeof modelOutput>;

/** The manifest of DESIGN §4: beside the file, in ONNX `metadata_props`, or from the upload form. */
export const modelManifest = z.object({
  name: z.string().trim().min(1).max(80),
  version: z.string().trim().min(1).max(40),
  task: z.enum(modelTasks),
  /** ISO 8601; the last moment whose prices the training saw. */
  trainedUntil: z.string(),
  features: z.array(z.object({ name: z.string() })).min(1),
  target: z.enum(modelTargets),
  outputs: z.array(modelOutput).min(1).max(200).optional().meta({
    description:
      'All values of a row in order: output after output, column after column; without, the first output is the answer',
  }),
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

/** The class that a file of Python holds, as the file says. */
export const madeWith = z.object({
  model: z.string().meta({ description: 'e.g. sklearn.pipeline.Pipeline' }),
  library: z.string(),
  /** Empty where the file does not say. */
  libraryVersion: z.string(),
});
export type MadeWith = z.output<typeof madeWith>;

export const model = z.object({
  id: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
  fileName: z.string(),
  format: z.string(),
  madeWith: madeWith.nullable(),
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
  /** The file as it was uploaded; it is what runs unless it was converted. */
  original: z.object({ sha256: z.string(), bytes: z.number().int(), fileName: z.string() }),
  notes: z.string(),
  tags: z.array(z.string()),
});
export type Model = z.output<typeof model>;

/** What an A/B assigns as a whole: clusters, or workloads within every cluster. */
export const assignmentUnits = ['cluster', 'workload'] as const;

/** How clusters or workloads are shared out between champion and challenger: all that their assignment follows from. */
export const assignmentRule = z.object({
  experimentId: z.string(),
  /** `ab`: the challenger serves its share of the units; `shadow`: it serves none. */
  mode: z.enum(['ab', 'shadow']),
  unit: z.enum(assignmentUnits).default('cluster'),
  /** Part of the units that the challenger serves: 0…1. */
  challengerShare: z.number().min(0).max(1),
  salt: z.string(),
});
export type AssignmentRule = z.output<typeof assignmentRule>;

export const activationEntry = z.object({
  seq: z.number().int(),
  at: timeMs,
  modelId: z.string(),
  alias: z.enum(['champion', 'challenger']),
  kind: z.enum(['activated', 'rolled-back', 'retired', 'experiment-started', 'experiment-ended']),
  actor: z.string(),
  /** Why, where nobody pressed a button. */
  reason: z.string().nullable(),
  /** Of entries about an experiment. */
  rule: assignmentRule.nullable(),
});
export type ActivationEntry = z.output<typeof activationEntry>;

/** Which model answered for a cluster at a time, as the ledger has it. */
export const activeModel = z.object({
  at: timeMs,
  task: z.enum(modelTasks),
  /** `null`: persistence, because no model was champion. */
  modelId: z.string().nullable(),
  alias: z.enum(['champion', 'challenger']).nullable(),
  experimentId: z.string().nullable(),
  /** The entry of the ledger from which this follows. */
  seq: z.number().int().nullable(),
});
export type ActiveModel = z.output<typeof activeModel>;

/** A file that was read and is sound, but does not say well enough what it is. Kept for an hour. */
export const modelDraft = z.object({
  id: z.string(),
  fileName: z.string(),
  format: z.string(),
  madeWith: madeWith.nullable(),
  bytes: z.number().int(),
  expiresAt: timeMs,
  /** Columns that the model takes, in order; names where the file has them. */
  columns: z.array(z.object({ name: z.string(), isKnown: z.boolean(), nearMatches: z.array(z.string()) })),
  outputs: z.array(z.string()),
  /** Names of all values of a row in order, `name_0`, `name_1`, … where an output has several; empty where the file leaves that open. */
  answers: z.array(z.string()),
  /** What the file says of itself; fields that it does not say are absent. */
  suggestion: z.record(z.string(), z.unknown()),
  /** What stands against it as it is. */
  problems: z.array(z.object({ field: z.string(), message: z.string() })),
  /** What the conversion wants known, e.g. what differs from Python. */
  warnings: z.array(z.string()),
});
export type ModelDraft = z.output<typeof modelDraft>;

const MOST_NOTES = 10_000;
const MOST_TAGS = 20;

/**
 * `POST /api/v1/ml/models/upload` takes multipart form data: `file`, and optionally `manifest` (JSON text). A sound file
 * whose manifest is missing or wrong is answered by `model.manifest-needed` with the draft in `details.draft`.
 */
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
  annotateModel: procedure({
    method: 'POST',
    path: '/api/v1/ml/models/:id/annotate',
    access: 'operator',
    tag: 'models',
    summary: 'Change notes and tags of a version; everything else of a version never changes',
    action: 'model.annotate',
    params: z.object({ id: z.string() }),
    body: z.object({
      notes: z.string().max(MOST_NOTES).optional(),
      tags: z
        .array(z.string().trim().min(1).max(40))
        .max(MOST_TAGS)
        .optional()
        .meta({ description: 'Takes the place of all tags' }),
    }),
    response: model,
  }),
  deleteModel: procedure({
    method: 'DELETE',
    path: '/api/v1/ml/models/:id',
    access: 'operator',
    tag: 'models',
    summary: 'Remove a version and its files; refused while the ledger or an experiment refers to it',
    action: 'model.delete',
    params: z.object({ id: z.string() }),
    response: done,
  }),
  activeModel: procedure({
    method: 'GET',
    path: '/api/v1/ml/models/active',
    access: 'viewer',
    tag: 'models',
    summary: 'Which model answered for a cluster at a time',
    query: z.object({
      task: z.enum(modelTasks).default('spot-price'),
      clusterId: z.string().optional(),
      workload: z.string().optional(),
      at: z.coerce.number().int().optional().meta({ description: 'ms UTC; now when left out' }),
    }),
    response: activeModel,
  }),
  listDrafts: procedure({
    method: 'GET',
    path: '/api/v1/ml/models/drafts',
    access: 'viewer',
    tag: 'models',
    summary: 'Uploaded files that wait for their manifest, oldest first',
    response: z.object({ drafts: z.array(modelDraft) }),
  }),
  registerDraft: procedure({
    method: 'POST',
    path: '/api/v1/ml/models/drafts/:id/register',
    access: 'operator',
    tag: 'models',
    summary: 'Take an uploaded file in with the manifest that it lacked',
    action: 'model.upload',
    params: z.object({ id: z.string() }),
    body: z.object({ manifest: z.record(z.string(), z.unknown()) }),
    response: model,
  }),
  discardDraft: procedure({
    method: 'DELETE',
    path: '/api/v1/ml/models/drafts/:id',
    access: 'operator',
    tag: 'models',
    summary: 'Throw an uploaded file away that was not taken in',
    action: 'model.discard-draft',
    params: z.object({ id: z.string() }),
    response: done,
  }),
};

/** Kinds of a version's files that can be downloaded. */
export const modelFileKinds = ['onnx', 'original', 'manifest'] as const;
export type ModelFileKind = (typeof modelFileKinds)[number];

/** The path of a version's file: what runs, what was uploaded, or its manifest. It streams. */
export const modelFilePath = '/api/v1/ml/models/:id/files/:kind';

/** The path of the upload; it streams, so it is no procedure of the typed client. */
export const modelUploadPath = '/api/v1/ml/models/upload';
