import { z } from 'zod';
import { bytesFromQuantity, cpuMilliFromQuantity } from '../../common/units/index.ts';

const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'give lower-case letters, digits and dashes, 63 at most');
/** Names of copies have `{n}` where their number goes. */
const numberedName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]|\{n\}){0,61}$/,
    'give lower-case letters, digits and dashes, and {n} where the number of a copy goes',
  );
const cpu = z
  .string()
  .refine(text => (cpuMilliFromQuantity(text) ?? 0) > 0, 'give a quantity of CPU like 500m or "2"');
const memory = z
  .string()
  .refine(text => (bytesFromQuantity(text) ?? 0) > 0, 'give a quantity of memory like 512Mi or 4Gi');
const capacityType = z.enum(['spot', 'on-demand']);
const labels = z.record(z.string(), z.string());
const taint = z.strictObject({
  key: z.string(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});
const podsOrShare = z.union([
  z.number().int().min(0),
  z.string().regex(/^\d+%$/, 'give a number of pods or a share like 50%'),
]);

/** A Karpenter NodePool. Its nodes have its labels and taints. */
const nodePool = z.strictObject({
  name,
  capacityTypes: z.array(capacityType).min(1),
  /** Letters of instance types: c, m, r, g. */
  categories: z.array(z.string().regex(/^[a-z]+$/, 'give letters of instance types like c, m or r')).min(1),
  labels: labels.optional(),
  taints: z.array(taint).optional(),
});

const nodes = z.strictObject({
  instanceType: z.string(),
  capacityType,
  count: z.number().int().min(1).max(2_000).default(1),
  pool: name,
});

const workload = z.strictObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod']),
  namespace: numberedName,
  name: numberedName,
  /** So many of it, numbered from 1. */
  copies: z.number().int().min(1).max(1_000).default(1),
  /** Of a Job: how many run at once. */
  replicas: z.number().int().min(0).max(5_000).default(1),
  /** Of a Job: how many have to succeed. */
  completions: z.number().int().min(1).max(1_000).optional(),
  cpu,
  memory,
  /** Whole GPUs (`nvidia.com/gpu`); its pods tolerate the taint of that name, as an admission plugin adds it. */
  gpu: z.number().int().min(1).max(16).optional(),
  image: z.string().optional(),
  /** Of a StatefulSet: a disk for each pod, each in a zone of its own. */
  disk: memory.optional(),
  budget: z
    .strictObject({ minAvailable: podsOrShare.optional(), maxUnavailable: podsOrShare.optional() })
    .refine(
      one => (one.minAvailable === undefined) !== (one.maxUnavailable === undefined),
      'give either minAvailable or maxUnavailable',
    )
    .optional(),
  /** It carries `karpenter.sh/do-not-disrupt`. */
  doNotDisrupt: z.boolean().default(false),
  /** It has an emptyDir volume, which a drain would lose. */
  localStorage: z.boolean().default(false),
  priorityClass: z.enum(['system-cluster-critical', 'system-node-critical']).optional(),
  nodeSelector: labels.optional(),
  tolerations: z
    .array(
      z.strictObject({
        key: z.string().optional(),
        operator: z.enum(['Exists', 'Equal']).optional(),
        value: z.string().optional(),
        effect: z.string().optional(),
      }),
    )
    .optional(),
  /** No node is to take its pods: the world does not wait for them. */
  pending: z.boolean().default(false),
});
export type ScenarioWorkload = z.output<typeof workload>;

/** A pretend cluster as a file describes it. */
export const scenario = z.strictObject({
  name,
  /** How old the cluster is when the world begins. */
  ageHours: z.number().positive().max(10_000).default(72),
  /** The first one brings nodes while the cluster comes up, the others from then on. */
  nodePools: z.array(nodePool).min(1),
  /** Dealt out over the zones in turn. */
  nodes: z.array(nodes).min(1),
  workloads: z.array(workload).min(1),
});
export type Scenario = z.output<typeof scenario>;
