import { z } from 'zod';
import { timeMs } from './values.ts';

/**
 * What a step does. A `check` holds the wave against the cluster as it is, and nothing of the wave begins before it passes; a `watch`
 * looks after pods with new sizes for a while. An `evict` moves one pod off a node that stays, `settle` waits until such pods run again and
 * tells where, `release` uncordons the nodes that they left.
 */
export const planStepKinds = [
  'check',
  'add-node',
  'wait-ready',
  'cordon',
  'evict',
  'settle',
  'release',
  'drain',
  'end-instance',
  'delete-node',
  'uncordon',
  'terminate',
  'resize-pod',
  'resize-workload',
  'watch',
] as const;

export const planStep = z.object({
  index: z.number().int(),
  wave: z.number().int().meta({
    description:
      'From 1; the cluster is looked at again before each wave, and one begins when the one before has ended',
  }),
  kind: z.enum(planStepKinds),
  node: z.object({ name: z.string(), uid: z.string() }).nullable().meta({
    description: 'The node that it is about; null where it is about none, or one that has yet to come',
  }),
  target: z.number().int().optional().meta({ description: 'Place in `add` of the node that it brings' }),
  instanceId: z
    .string()
    .optional()
    .meta({ description: 'Of the instance that it launched, waits for or ends' }),
  group: z
    .object({ name: z.string(), from: z.number().int(), to: z.number().int() })
    .optional()
    .meta({ description: 'Auto Scaling group that shrinks with the instance, and its desired sizes' }),
  pod: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }).optional().meta({
    description:
      'The pod that is evicted from a node that stays, or that gets new sizes before all others, which is named when the step begins',
  }),
  lingers: z.boolean().optional().meta({
    description:
      'true where AWS had taken the order but did not show the instance gone in time: it costs until it does',
  }),
  undoes: z.number().int().optional().meta({ description: 'Index of the step that it takes back' }),
  taskId: z.string().nullable().meta({ description: 'Of the agent; null where the engine does it' }),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  startedAt: timeMs.nullable(),
  endedAt: timeMs.nullable(),
  detail: z.string().nullable().meta({ description: 'Where it stands, in words: "6 of 9 pods evicted"' }),
});
export type PlanStep = z.output<typeof planStep>;
