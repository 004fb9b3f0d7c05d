import { z } from 'zod';
import { decisionRun, plan } from './decisions.ts';
import { engineManifest, parameterValue } from './engine-contract.ts';
import { procedure } from './procedure.ts';
import { done, timeMs } from './values.ts';

/** Multipart form: the module in `file`, its manifest in `manifest` where the module does not carry it. */
export const engineUploadPath = '/api/v1/ml/engines/upload';
export const engineFilePath = '/api/v1/ml/engines/:id/file';

/** One check of the conformance kit. */
export const engineCheck = z.object({
  name: z.string(),
  passed: z.boolean(),
  text: z.string().meta({ description: 'What was found, in words' }),
});
export type EngineCheck = z.output<typeof engineCheck>;

/** An engine that can be chosen. A built-in one has no file. */
export const engine = z.object({
  id: z.string(),
  name: z.string(),
  builtIn: z.boolean(),
  state: z.enum(['ready', 'faulty']),
  faultyReason: z.string().nullable(),
  manifest: engineManifest.omit({ name: true }).nullable().meta({ description: 'null of a built-in engine' }),
  file: z
    .object({
      kind: z.enum(['javascript', 'webassembly']),
      fileName: z.string(),
      sha256: z.string(),
      bytes: z.number().int(),
      uploadedAt: timeMs,
      uploadedBy: z.string(),
      checks: z.array(engineCheck),
    })
    .nullable(),
});
export type Engine = z.output<typeof engine>;

/** The engine of one cluster, with the values of its parameters. */
export const engineChoice = z.object({
  clusterId: z.string(),
  engineId: z.string(),
  parameters: z.record(z.string(), parameterValue),
  changedAt: timeMs,
  changedBy: z.string(),
});
export type EngineChoice = z.output<typeof engineChoice>;

const engineParams = z.object({ id: z.string() });
const parameters = z
  .record(z.string(), parameterValue)
  .meta({ description: 'Those left out have their default' });

export const engines = {
  listEngines: procedure({
    method: 'GET',
    path: '/api/v1/ml/engines/list',
    access: 'viewer',
    tag: 'engines',
    summary: 'Decision engines, and which cluster uses which; a cluster without a choice uses "spot"',
    response: z.object({ engines: z.array(engine), choices: z.array(engineChoice) }),
  }),
  chooseEngine: procedure({
    method: 'POST',
    path: '/api/v1/ml/engines/choose',
    access: 'operator',
    tag: 'engines',
    summary: 'Choose the engine of a cluster and the values of its parameters',
    action: 'engine.choose',
    body: z.object({ clusterId: z.string(), engineId: z.string(), parameters: parameters.default({}) }),
    response: engineChoice,
  }),
  deleteEngine: procedure({
    method: 'DELETE',
    path: '/api/v1/ml/engines/:id',
    access: 'operator',
    tag: 'engines',
    summary: 'Delete an uploaded engine that no cluster uses and no open plan came from',
    action: 'engine.delete',
    params: engineParams,
    response: done,
  }),
  decide: procedure({
    method: 'POST',
    path: '/api/v1/ml/decision/:engine',
    access: 'viewer',
    tag: 'engines',
    summary:
      'What an engine (its name, or name@version) says of a cluster now; nothing is stored and nothing acts',
    params: z.object({ engine: z.string() }),
    body: z.object({ clusterId: z.string(), parameters: parameters.optional() }),
    response: z.object({ run: decisionRun, plans: z.array(plan) }),
  }),
};
