import { z } from 'zod';
import { packingPlan } from './packing-plan.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

const kubeconfigContext = z.object({
  name: z.string(),
  file: z.string().meta({ description: 'The kubeconfig that names it' }),
  cluster: z.string(),
  server: z.string().nullable().meta({ description: 'Host and port of its API server' }),
  namespace: z.string().nullable(),
  isCurrent: z.boolean(),
  runs: z
    .string()
    .nullable()
    .meta({ description: 'The program that is run to sign in, once a plan is asked for; never before' }),
  problem: z.string().nullable().meta({ description: 'Why it cannot be used' }),
});
export type KubeconfigContext = z.output<typeof kubeconfigContext>;

export const contextPlanStates = ['signing-in', 'reading', 'planning', 'done', 'failed', 'stopped'] as const;

/** A plan for a context, as it is made; kept until the engine ends. */
export const contextPlan = z.object({
  id: z.string(),
  context: z.string(),
  file: z.string(),
  server: z.string().nullable(),
  state: z.enum(contextPlanStates),
  startedAt: timeMs,
  readAt: timeMs
    .nullable()
    .meta({ description: 'When the cluster had been read: the plan is for that moment' }),
  endedAt: timeMs.nullable(),
  reading: z.string().nullable().meta({ description: 'The kind of objects that is read now: "pods"' }),
  objects: z.number().int().meta({ description: 'Objects that were read' }),
  expected: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Objects of this kind in all; null where the cluster does not say' }),
  read: z.number().int().meta({ description: 'Objects of this kind so far' }),
  nodes: z.number().int(),
  pods: z.number().int(),
  bestUsdHour: z.number().nullable().meta({ description: 'Cost of the best plan so far' }),
  problem: z.object({ message: z.string(), hint: z.string() }).nullable(),
});
export type ContextPlan = z.output<typeof contextPlan>;

const base = '/api/v1/optimization/kubeconfig';
const params = z.object({ id: z.string() });

export const contextPlans = {
  contextPlanning: procedure({
    method: 'GET',
    path: base,
    access: 'viewer',
    tag: 'decisions',
    summary:
      'Whether this engine may read kubeconfigs of its machine and plan for their contexts, or why not',
    response: z.object({ allowed: z.boolean(), reason: z.string().nullable() }),
  }),
  listContexts: procedure({
    method: 'GET',
    path: `${base}/contexts`,
    access: 'operator',
    tag: 'decisions',
    summary:
      'Contexts of the kubeconfigs of this machine as they are now; no program is run and no cluster asked',
    response: z.object({
      contexts: z.array(kubeconfigContext),
      problems: z.array(z.string()).meta({ description: 'Files that cannot be used, one sentence each' }),
    }),
  }),
  listContextPlans: procedure({
    method: 'GET',
    path: `${base}/plans`,
    access: 'viewer',
    tag: 'decisions',
    summary: 'The last plans for contexts, newest first; they are kept until the engine ends',
    response: z.object({ plans: z.array(contextPlan) }),
  }),
  startContextPlan: procedure({
    method: 'POST',
    path: `${base}/plans`,
    access: 'operator',
    tag: 'decisions',
    summary:
      'Read the cluster of a context with the credentials of its kubeconfig, by GET alone, and plan for it; nothing is installed and nothing is written',
    action: 'context-plan.start',
    body: z.object({
      context: z.string().min(1).max(1000),
      file: z.string().max(4096).optional().meta({ description: 'Where several files name such a context' }),
      timeLimitSeconds: z.number().min(1).max(60).default(20),
    }),
    response: contextPlan,
  }),
  getContextPlan: procedure({
    method: 'GET',
    path: `${base}/plans/:id`,
    access: 'viewer',
    tag: 'decisions',
    summary: 'A plan for a context, once it is made',
    params,
    response: z.object({ progress: contextPlan, plan: packingPlan.nullable() }),
  }),
  stopContextPlan: procedure({
    method: 'POST',
    path: `${base}/plans/:id/stop`,
    access: 'operator',
    tag: 'decisions',
    summary: 'Stop reading, or take the best plan so far',
    action: 'context-plan.stop',
    params,
    response: contextPlan,
  }),
  exportContextPlan: procedure({
    method: 'GET',
    path: `${base}/plans/:id/export`,
    access: 'viewer',
    tag: 'decisions',
    summary: 'A plan for a context as Markdown or JSON, as "cloudoptim plan" prints it',
    params,
    query: z.object({ format: z.enum(['markdown', 'json']) }),
    response: z.object({ fileName: z.string(), text: z.string() }),
  }),
};
