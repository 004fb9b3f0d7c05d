import { z } from 'zod';
import { containerChanges, resizableKinds } from './container-resources.ts';
import { nodePoolFields } from './node-pool-fields.ts';

const nodeRef = z.object({ name: z.string(), uid: z.string() });
const podRef = z.object({ namespace: z.string(), name: z.string(), uid: z.string() });

/** As Kubernetes takes them: an optional domain, then a name. */
const labelKey = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/);
const labelValue = z.string().regex(/^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/);

/** The closed list of what an agent may do. There is no generic patch. A uid that no longer fits is refused. */
export const taskAction = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cordon'), node: nodeRef }),
  z.object({ kind: z.literal('uncordon'), node: nodeRef }),
  z.object({ kind: z.literal('evict'), pod: podRef, gracePeriodSeconds: z.number().int().optional() }),
  z.object({
    kind: z.literal('drain'),
    node: nodeRef,
    /** Pods with emptyDir volumes lose them: refused unless allowed. */
    deleteLocalStorage: z.boolean(),
  }),
  z.object({ kind: z.literal('delete-node'), node: nodeRef }),
  /** In place, without a restart. A container that asks for anything else than `now` is left alone; since version 3. */
  z.object({ kind: z.literal('resize-pod'), pod: podRef, containers: containerChanges }),
  /** In the template, so that its controller replaces the pods one by one; since version 3. */
  z.object({
    kind: z.literal('resize-workload'),
    workload: z.object({
      kind: z.enum(resizableKinds),
      namespace: z.string(),
      name: z.string(),
      uid: z.string(),
    }),
    containers: containerChanges,
  }),
  /** One label of a node; `null` removes it; since version 4. */
  z.object({ kind: z.literal('label'), node: nodeRef, key: labelKey, value: labelValue.nullable() }),
  /** One taint of a node, by key and effect. NoExecute is not in the list: it removes pods and asks no budget; since version 4. */
  z.object({
    kind: z.literal('taint'),
    node: nodeRef,
    taint: z.object({
      key: labelKey,
      value: labelValue.optional(),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule']),
    }),
    present: z.boolean(),
  }),
  /** Fields of a Karpenter NodePool; since version 4. */
  z.object({
    kind: z.literal('change-nodepool'),
    pool: z.object({ name: z.string(), uid: z.string() }),
    set: nodePoolFields,
  }),
]);
export type TaskAction = z.output<typeof taskAction>;

export const agentTask = z.object({
  taskId: z.string(),
  /** Grows with every new order for the same cluster; an agent refuses an older one. */
  epoch: z.number().int(),
  deadlineAt: z.number().int(),
  dryRun: z.boolean(),
  action: taskAction,
});
export type AgentTask = z.output<typeof agentTask>;

/** Progress (`running`) or end of a task. Results are idempotent by `taskId` and state. */
export const taskResult = z.object({
  taskId: z.string(),
  epoch: z.number().int(),
  state: z.enum(['running', 'done', 'failed', 'refused', 'cancelled']),
  /** In words: "6 of 9 pods evicted; waits for PodDisruptionBudget shop/web". */
  detail: z.string(),
  evicted: z.array(podRef).default([]),
  at: z.number().int(),
});
export type TaskResult = z.output<typeof taskResult>;
