import { z } from 'zod';
import { procedure } from './procedure.ts';
import { done, microUsdPerHourOrUnknown, provenance, timeMs } from './values.ts';

export const capacityTypes = ['spot', 'on-demand', 'unknown'] as const;
export type CapacityType = (typeof capacityTypes)[number];

export const resources = z.object({ cpuMilli: z.number(), memoryBytes: z.number(), pods: z.number() });
export type Resources = z.output<typeof resources>;

const usage = z.object({ cpuMilli: z.number(), memoryBytes: z.number() });

export const nodeOwnerKinds = ['karpenter', 'eks-node-group', 'auto-scaling-group', 'nobody'] as const;

/** Who brings a node back, or another one in its place: in whose objects a change of nodes has to be said. */
export const nodeOwner = z.object({
  kind: z.enum(nodeOwnerKinds),
  name: z.string().nullable().meta({ description: 'Of its NodePool or group; null where it is not known' }),
  evidence: z.string().meta({ description: 'What says so: the label, the NodeClaim, the taint' }),
});
export type NodeOwner = z.output<typeof nodeOwner>;

export const nodeView = z.object({
  name: z.string(),
  uid: z.string(),
  instanceType: z.string().nullable(),
  zone: z.string().nullable(),
  region: z.string().nullable(),
  capacityType: z.enum(capacityTypes),
  arch: z.string().nullable(),
  ready: z.boolean(),
  cordoned: z.boolean(),
  createdAt: timeMs,
  allocatable: resources,
  requested: resources,
  used: usage.nullable(),
  priceMicroUsdPerHour: microUsdPerHourOrUnknown,
  priceProvenance: provenance.nullable(),
  priceUnknownReason: z.string().nullable(),
  owner: nodeOwner.optional().meta({ description: 'Absent where nobody looked' }),
});
export type NodeView = z.output<typeof nodeView>;

export const podView = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  nodeName: z.string().nullable(),
  phase: z.string(),
  ready: z.boolean(),
  terminating: z.boolean(),
  ownerKind: z.string().nullable(),
  ownerName: z.string().nullable(),
  createdAt: timeMs,
  requests: usage,
  used: usage.nullable(),
});
export type PodView = z.output<typeof podView>;

export const clusterSummary = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  state: z.enum(['waiting', 'live', 'away', 'revoked']),
  agentVersion: z.string().nullable(),
  enrolledAt: timeMs,
  lastSeenAt: timeMs.nullable(),
  dataAt: timeMs
    .nullable()
    .optional()
    .meta({ description: 'When its agent last reported objects or usage; null until the first report' }),
  nodes: z.number().int(),
  spotNodes: z.number().int(),
  pods: z.number().int(),
  pendingPods: z.number().int(),
  /** Sum over nodes with a known price; null when no node's price is known. */
  costMicroUsdPerHour: microUsdPerHourOrUnknown,
  nodesWithUnknownPrice: z.number().int(),
  requestedCpuShare: z.number().nullable().meta({ description: 'Requested / allocatable CPU: 0…1' }),
  requestedMemoryShare: z.number().nullable(),
  home: z
    .object({
      epoch: z
        .number()
        .int()
        .meta({ description: 'Grows each time that the cluster goes to another engine' }),
      movedTo: z.object({ engineId: z.string(), name: z.string() }).nullable(),
    })
    .optional()
    .meta({ description: 'Which engine acts on it: this one where movedTo is null' }),
});
export type ClusterSummary = z.output<typeof clusterSummary>;

export const joinToken = z.object({
  token: z.string().meta({ description: 'Shown this once; works once for each replica, for 15 minutes' }),
  expiresAt: timeMs,
  clusterName: z.string(),
});

export const clusters = {
  listClusters: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters',
    access: 'viewer',
    tag: 'clusters',
    summary: 'Clusters with nodes, pods and hourly cost',
    response: z.object({ clusters: z.array(clusterSummary) }),
  }),
  getCluster: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters/:id',
    access: 'viewer',
    tag: 'clusters',
    summary: 'One cluster with its nodes and pods',
    params: z.object({ id: z.string() }),
    response: z.object({ summary: clusterSummary, nodes: z.array(nodeView), pods: z.array(podView) }),
  }),
  createJoinToken: procedure({
    method: 'POST',
    path: '/api/v1/admin/enrolment/tokens',
    access: 'admin',
    tag: 'clusters',
    summary: 'A join token for the agent of one cluster: works once for each replica, for 15 minutes',
    action: 'enrolment.create-token',
    body: z.object({
      clusterName: z
        .string()
        .trim()
        .regex(
          /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
          'a cluster name is lower-case letters, digits and dashes, 63 at most',
        ),
      replicas: z
        .number()
        .int()
        .min(1)
        .max(3)
        .optional()
        .meta({ description: 'Replicas of the agent that lead in turns; 1 when left out' }),
    }),
    response: joinToken,
  }),
  revokeAgent: procedure({
    method: 'POST',
    path: '/api/v1/admin/clusters/:id/revoke',
    access: 'admin',
    tag: 'clusters',
    summary: 'Revoke the key of the agent of a cluster; its connection is cut at once',
    action: 'agent.revoke',
    params: z.object({ id: z.string() }),
    response: done,
  }),
  rotateAgentKey: procedure({
    method: 'POST',
    path: '/api/v1/admin/clusters/:id/rotate-key',
    access: 'admin',
    tag: 'clusters',
    summary:
      'Give the agent of a cluster a new key, as soon as it is connected; the one before works until the new one is used',
    action: 'agent.rotate-key',
    params: z.object({ id: z.string() }),
    response: done,
  }),
  enrol: procedure({
    method: 'POST',
    path: '/api/v1/client/enrol',
    access: 'public',
    tag: 'agents',
    summary: 'Exchange a join token for the key of an agent',
    action: 'agent.enrol',
    body: z.object({
      joinToken: z.string().max(200),
      agentVersion: z.string().max(40),
      instanceId: z.string().max(80),
    }),
    response: z.object({
      agentId: z.string(),
      clusterId: z.string(),
      clusterName: z.string(),
      key: z.string(),
    }),
  }),
};
