import { z } from 'zod';
import { procedure } from './procedure.ts';
import { microUsd, timeMs } from './values.ts';

export const allocationGroups = ['cluster', 'namespace', 'workload', 'kind', 'hour', 'day', 'label'] as const;
export type AllocationGroup = (typeof allocationGroups)[number];

export const holderKinds = ['workload', 'daemonset', 'system'] as const;

/** Which part of the cost. */
export const allocationQuery = z.object({
  fromMs: z.coerce.number().int().optional().meta({ description: 'Begin, ms UTC; 30 days before the end' }),
  toMs: z.coerce.number().int().optional().meta({ description: 'End, ms UTC; now' }),
  clusterId: z.string().optional(),
  namespace: z.string().optional(),
  workload: z.string().optional().meta({ description: 'Kind/namespace/name' }),
  groupBy: z.enum(allocationGroups).default('namespace'),
  label: z.string().max(317).optional().meta({ description: 'Name of the pod label to group by' }),
});
export type AllocationQuery = z.output<typeof allocationQuery>;

/** What a group of workloads cost. */
export const allocationRow = z.object({
  key: z.string().meta({ description: 'Name, id or begin (ms UTC) of the group; empty where it has none' }),
  clusterId: z.string().nullable(),
  name: z.string(),
  kind: z.enum([...holderKinds, 'mixed']),
  workloads: z.number().int(),
  costMicroUsd: microUsd
    .nullable()
    .meta({ description: 'null when it ran on nodes without a price only: unknown, not nothing' }),
  cpuMicroUsd: microUsd,
  memoryMicroUsd: microUsd,
  idleMicroUsd: microUsd.nullable().meta({
    description: 'Beside the cost, what no pod held; null unless grouped by cluster, hour or day',
  }),
  cpuCoreHours: z
    .number()
    .meta({ description: 'Held: the larger of request and usage, container by container' }),
  memoryGibHours: z.number(),
  podHours: z.number().meta({ description: 'On nodes with a price' }),
  requestOnlyPodHours: z.number().meta({ description: 'Of them, with requests only: usage was unknown' }),
  unpricedPodHours: z.number().meta({ description: 'On nodes without a price: not in the cost' }),
});
export type AllocationRow = z.output<typeof allocationRow>;

/** Rows, idle and GPU add up to the total, to the micro-USD. */
export const allocationReport = z.object({
  fromMs: timeMs.meta({ description: 'Whole hours (UTC); whole days where hours are no longer kept' }),
  toMs: timeMs,
  groupBy: z.enum(allocationGroups),
  rows: z.array(allocationRow),
  idle: z.object({ cpuMicroUsd: microUsd, memoryMicroUsd: microUsd }).meta({
    description: 'What no pod held; of all workloads of the clusters, also where rows are filtered',
  }),
  gpuMicroUsd: microUsd.meta({ description: 'GPU part of nodes; agents do not tell who holds GPUs' }),
  othersMicroUsd: microUsd.meta({ description: 'Workloads that the filter leaves out' }),
  totalMicroUsd: microUsd.meta({ description: 'What nodes with a known price cost' }),
  nodeHours: z.number().meta({ description: 'With a price' }),
  allocatableOnlyNodeHours: z.number().meta({
    description:
      'Of them, of types the catalog does not know: the part the system reserves is shared out, too',
  }),
  unpriced: z.array(z.object({ reason: z.string(), nodeHours: z.number() })),
  unseenHours: z.number().meta({
    description:
      'Cluster-hours since the first record in which nothing was seen: the agent or the engine was away',
  }),
  requestOnlyPodHours: z.number(),
  podHours: z.number(),
});
export type AllocationReport = z.output<typeof allocationReport>;

export const allocation = {
  allocation: procedure({
    method: 'GET',
    path: '/api/v1/admin/savings/allocation',
    access: 'viewer',
    tag: 'savings',
    summary: "What clusters cost over a time and who held it, by OpenCost's rule; idle apart",
    query: allocationQuery,
    response: allocationReport,
  }),
  recomputeAllocation: procedure({
    method: 'POST',
    path: '/api/v1/admin/savings/allocation/recompute',
    access: 'operator',
    tag: 'savings',
    summary: 'Compute one day of a cluster anew from what was measured; kept for 35 days',
    action: 'savings.recompute-allocation',
    body: z.object({
      clusterId: z.string(),
      dayMs: timeMs.meta({ description: 'Begin of the day, ms UTC' }),
    }),
    response: z.object({ hours: z.number().int() }),
  }),
};
