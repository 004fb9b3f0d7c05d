import { z } from 'zod';
import { containerResources } from '../agent-protocol/index.ts';
import { sizedWorkload } from './container-sizes.ts';
import { plan, reason } from './decisions.ts';
import { procedure } from './procedure.ts';
import { microUsd, microUsdPerHourOrUnknown, timeMs } from './values.ts';

export const usageEvidence = z.object({
  days: z.number().int().meta({ description: 'Days (UTC) with samples, within the window' }),
  weekendDays: z.number().int(),
  hours: z.number().int().meta({ description: 'Hours of the day (UTC) with samples: 0…24' }),
  samples: z.number().int(),
  firstSeenAt: timeMs,
  lastSeenAt: timeMs,
});
export type UsageEvidence = z.output<typeof usageEvidence>;

export const confidenceLevels = ['low', 'medium', 'high'] as const;

/** A change of what a container asks for, with all that it follows from. */
export const sizingProposal = z.object({
  workload: sizedWorkload,
  container: z.string(),
  /** Pods that run now, and how many the autoscaler would keep with the new requests. */
  replicas: z.number().int(),
  replicasAfter: z.number().int(),
  now: containerResources,
  recommended: containerResources,
  savingMicroUsdPerHour: microUsdPerHourOrUnknown.meta({
    description:
      'Share of the prices of their nodes that is given back; negative when it costs more; null when no price is known. It leaves the bill only when packing removes nodes',
  }),
  podsWithUnknownPrice: z.number().int(),
  reasons: z.array(reason),
  evidence: usageEvidence,
  confidence: z.enum(confidenceLevels),
  automatic: z.boolean().meta({
    description:
      'May be carried out without a person by a policy that allows it; never under a week of evidence',
  }),
  /** What was used, in figures. */
  used: z.object({
    cpuTargetMilli: z.number().nullable(),
    cpuMaxMilli: z.number().nullable(),
    memoryMaxBytes: z.number().nullable(),
    startUpCpuMilli: z.number().nullable(),
    startUpMemoryBytes: z.number().nullable(),
    oomKills: z.number().int(),
  }),
});
export type SizingProposal = z.output<typeof sizingProposal>;

/** A container that keeps what it has, with all reasons. */
export const sizedAsIs = z.object({
  workload: sizedWorkload,
  container: z.string(),
  now: containerResources,
  reasons: z.array(reason),
  evidence: usageEvidence.nullable(),
});
export type SizedAsIs = z.output<typeof sizedAsIs>;

export const rightsizingAnswer = z.object({
  clusterId: z.string(),
  asOf: timeMs,
  proposals: z.array(sizingProposal),
  left: z.array(sizedAsIs),
  savingMicroUsdPerHour: microUsd.meta({ description: 'Sum over the proposals whose saving is known' }),
  proposalsWithUnknownSaving: z.number().int(),
  gatheringContainers: z
    .number()
    .int()
    .meta({ description: 'Containers of which too little was measured so far' }),
});
export type RightsizingAnswer = z.output<typeof rightsizingAnswer>;

const share = z.number().min(0).max(10);
const percentile = z.number().min(0.5).max(1);

/** What may be asked for other than the defaults; see the guide. */
export const rightsizingPolicy = z.object({
  windowDays: z.number().int().min(1).max(35),
  cpuPercentile: percentile,
  cpuHeadroom: share.min(0.02),
  memoryPercentile: percentile,
  memoryHeadroom: share.min(0.02),
  minimumChangeShare: z.number().min(0).max(1),
});

const band = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }).nullable();

export const usageDay = z.object({
  at: timeMs.meta({ description: 'Begin of the day, UTC' }),
  samples: z.number().int(),
  cpuMilli: band,
  memoryBytes: band,
  startUp: z.object({ cpuMilli: z.number(), memoryBytes: z.number() }).nullable(),
});
export type UsageDay = z.output<typeof usageDay>;

const clusterParams = z.object({ id: z.string() });

export const rightsizing = {
  decide: procedure({
    method: 'POST',
    path: '/api/v1/ml/decision/rightsizing',
    access: 'viewer',
    tag: 'decisions',
    summary: 'What rightsizing says of a cluster under another policy; nothing is stored and nothing acts',
    body: z.object({ clusterId: z.string(), policy: rightsizingPolicy.partial().default({}) }),
    response: rightsizingAnswer,
  }),
  recommendations: procedure({
    method: 'GET',
    path: '/api/v1/optimization/rightsizing/:id',
    access: 'viewer',
    tag: 'decisions',
    summary: 'What each container of a cluster should ask for, with evidence and reasons',
    params: clusterParams,
    response: rightsizingAnswer,
  }),
  plan: procedure({
    method: 'POST',
    path: '/api/v1/optimization/rightsizing/:id/plan',
    access: 'operator',
    tag: 'decisions',
    summary: 'Make a plan of what is recommended for a workload; nothing is changed before it is approved',
    action: 'rightsizing.plan',
    params: clusterParams,
    body: z.object({ workload: z.string().meta({ description: '"Deployment/shop/web"' }) }),
    response: plan,
  }),
  usage: procedure({
    method: 'GET',
    path: '/api/v1/optimization/rightsizing/:id/usage',
    access: 'viewer',
    tag: 'decisions',
    summary: 'What a container used, day by day, and when it was killed for want of memory',
    params: clusterParams,
    query: z.object({
      workload: z.string().meta({ description: '"Deployment/shop/web"' }),
      container: z.string(),
    }),
    response: z.object({
      days: z.array(usageDay),
      oomKills: z.array(z.object({ at: timeMs, memoryBytes: z.number().nullable() })),
    }),
  }),
};
