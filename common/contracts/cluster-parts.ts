import { z } from 'zod';
import { podView } from './clusters.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

const usage = z.object({ cpuMilli: z.number(), memoryBytes: z.number() });

/** What owns pods: a Deployment rather than its ReplicaSet, a CronJob rather than its Jobs. */
export const workloadView = z.object({
  key: z.string().meta({ description: 'Kind/namespace/name' }),
  kind: z.string().meta({ description: 'Pod where nothing owns it' }),
  namespace: z.string(),
  name: z.string(),
  replicas: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'How many it wants; null where that is not said' }),
  pods: z.number().int().meta({ description: 'That have not ended' }),
  readyPods: z.number().int(),
  pendingPods: z.number().int(),
  nodes: z.number().int().meta({ description: 'On which its pods are' }),
  requests: usage.meta({ description: 'Sum over its pods' }),
  used: usage.nullable().meta({ description: 'Sum over its measured pods; null when none was measured' }),
  measuredPods: z.number().int(),
});
export type WorkloadView = z.output<typeof workloadView>;

export const clusterEventView = z.object({
  seq: z.number().int(),
  at: timeMs,
  reason: z.string().meta({ description: 'As the cluster has it: OOMKilled, SpotInterrupted' }),
  object: z.string().meta({ description: 'Kind/namespace/name' }),
  message: z.string(),
  severity: z.enum(['info', 'warning']),
});
export type ClusterEventView = z.output<typeof clusterEventView>;

export const taskStates = ['queued', 'running', 'done', 'failed', 'refused', 'cancelled'] as const;

export const taskView = z.object({
  id: z.string(),
  epoch: z.number().int().meta({ description: 'Grows with each order for the cluster' }),
  kind: z.string().meta({ description: 'drain, evict, …' }),
  object: z.string().meta({ description: 'Kind/namespace/name' }),
  dryRun: z.boolean(),
  actor: z.string(),
  state: z.enum(taskStates),
  detail: z.string().nullable().meta({ description: 'Last word of the agent' }),
  isCancelRequested: z.boolean(),
  createdAt: timeMs,
  deadlineAt: timeMs,
  reportedAt: timeMs.nullable(),
  steps: z
    .array(z.object({ at: timeMs, state: z.enum(taskStates), detail: z.string() }))
    .meta({ description: 'What was reported of it, oldest first' }),
});
export type TaskView = z.output<typeof taskView>;

/** How the agent of a cluster is. */
export const agentHealth = z.object({
  isConnected: z.boolean(),
  version: z.string().nullable(),
  protocol: z.number().int().nullable().meta({ description: 'null until it has connected once' }),
  kubernetesVersion: z.string().nullable(),
  lastSeenAt: timeMs.nullable(),
  inventoryAt: timeMs.nullable().meta({ description: 'When objects last changed' }),
  usageAt: timeMs.nullable().meta({ description: 'When usage last came, since this engine started' }),
  outboxMessages: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'That waited in the cluster after the last batch; null where it does not tell' }),
  droppedMessages: z
    .record(z.string(), z.number().int())
    .nullable()
    .meta({ description: 'That it dropped since its start for want of room, by kind' }),
  missedMessages: z
    .number()
    .int()
    .meta({ description: 'That never came, counted by the holes in their numbers, since it was enrolled' }),
  events: z.number().int().meta({ description: 'Number of the newest event' }),
  tasksChanged: z.number().int().meta({ description: 'Grows with each change of a task' }),
});
export type AgentHealth = z.output<typeof agentHealth>;

const params = z.object({ id: z.string() });

/** A page in the order of keys. */
const keyPage = z.object({
  after: z.string().max(600).optional().meta({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(2_000).default(1_000),
});
const next = z.string().nullable().meta({ description: 'null on the last page' });

/** A page from the newest back. */
const newestPage = z.object({
  before: z.coerce.number().int().optional().meta({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
const nextOlder = z.number().int().nullable().meta({ description: 'null on the last page' });

/** What is in a cluster, page by page: it may be more than one answer should hold. */
export const clusterParts = {
  listPods: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters/:id/pods',
    access: 'viewer',
    tag: 'clusters',
    summary: 'Pods of a cluster by namespace and name, page by page; of one node where it is named',
    params,
    query: keyPage.extend({ node: z.string().max(300).optional() }),
    response: z.object({ rows: z.array(podView), next }),
  }),
  listWorkloads: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters/:id/workloads',
    access: 'viewer',
    tag: 'clusters',
    summary: 'What owns the pods of a cluster, with requests and use, page by page',
    params,
    query: keyPage,
    response: z.object({ rows: z.array(workloadView), next }),
  }),
  listEvents: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters/:id/events',
    access: 'viewer',
    tag: 'clusters',
    summary: 'What happened in a cluster, newest first; the last 2,000 events are kept',
    params,
    query: newestPage,
    response: z.object({ rows: z.array(clusterEventView), next: nextOlder }),
  }),
  listTasks: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters/:id/tasks',
    access: 'viewer',
    tag: 'clusters',
    summary: 'Tasks of the agent of a cluster with what it reported of each, newest first',
    params,
    query: newestPage,
    response: z.object({ rows: z.array(taskView), next: nextOlder }),
  }),
};
