import { z } from 'zod';
import { catalogType } from './catalog.ts';
import { capacityTypes, resources } from './clusters.ts';
import { microUsd, microUsdPerHourOrUnknown, timeMs } from './values.ts';

/**
 * Version of what a plug-in engine is given and answers.
 * 1 (2026-11-26): one cluster, moves of single nodes to Spot pools.
 */
export const ENGINE_CONTRACT_VERSION = 1;

const labels = z.record(z.string(), z.string());
const requests = z.object({ cpuMilli: z.number(), memoryBytes: z.number() });

const inputNode = z.object({
  uid: z.string(),
  name: z.string(),
  instanceType: z.string().nullable(),
  zone: z.string().nullable(),
  region: z.string().nullable(),
  arch: z.string().nullable(),
  capacityType: z.enum(capacityTypes),
  ready: z.boolean(),
  cordoned: z.boolean(),
  createdAt: timeMs,
  labels,
  taints: z.array(z.object({ key: z.string(), value: z.string().optional(), effect: z.string() })),
  allocatable: resources,
  requested: resources,
  priceMicroUsdPerHour: microUsdPerHourOrUnknown.meta({ description: 'List price' }),
  savedMicroUsdPerHour: microUsdPerHourOrUnknown.meta({
    description: 'What leaves the bill with this node, after all agreements; savings count from here',
  }),
  isMoving: z.boolean().meta({ description: 'An approved plan replaces it already; leave it alone' }),
  blockers: z
    .array(z.object({ code: z.string(), object: z.string().nullable(), text: z.string() }))
    .meta({ description: 'Why it may not be drained; empty when it may' }),
});

const inputPod = z.object({
  uid: z.string(),
  namespace: z.string(),
  name: z.string(),
  nodeName: z.string().nullable(),
  phase: z.string(),
  terminating: z.boolean(),
  workload: z.string().nullable().meta({ description: 'Topmost owner: Deployment/shop/web' }),
  ownerKind: z.string().nullable(),
  requests,
  labels,
  nodeSelector: labels,
  tolerations: z.array(
    z.object({
      key: z.string().optional(),
      operator: z.string().optional(),
      value: z.string().optional(),
      effect: z.string().optional(),
    }),
  ),
  priority: z.number().int().nullable(),
  hasLocalStorage: z.boolean(),
  hasAffinity: z.boolean(),
  doNotDisrupt: z.boolean(),
});

const inputWorkload = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  replicas: z.number().int(),
  readyReplicas: z.number().int(),
});

const inputBudget = z.object({
  namespace: z.string(),
  name: z.string(),
  selector: z.object({
    matchLabels: labels.optional(),
    matchExpressions: z
      .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
      .optional(),
  }),
  disruptionsAllowed: z.number().int(),
});

const inputPool = z.object({
  region: z.string(),
  zone: z.string(),
  instanceType: z.string(),
  capacityType: z.literal('spot'),
  priceMicroUsdPerHour: microUsd,
  predictedMicroUsdPerHour: microUsd.meta({ description: 'What the forecast expects at its horizon' }),
  forecastBy: z.string().meta({ description: 'Name and version of the model, or "persistence"' }),
  horizonHours: z.number(),
  interruptionMaxPercentPerMonth: z
    .number()
    .nullable()
    .meta({ description: 'null when unknown; such a pool is refused' }),
});

/** The part of the policy that bounds what a plug-in may propose. Shares 0…1. */
const inputPolicy = z.object({
  minimumSavingShare: z.number(),
  minimumSavingMicroUsdPerHour: microUsd,
  minimumSpotToSpotSavingShare: z.number(),
  maximumPaybackMs: z.number(),
  overlapMs: z.number(),
  lostWorkMs: z.number(),
  interruptionMicroUsd: microUsd,
  maximumPoolShare: z.number(),
  minimumPoolNodes: z.number(),
  onDemandShare: z.number(),
  onDemandNodes: z.number(),
  allowLocalStorage: z.boolean(),
  allowOtherZones: z.boolean(),
});

/** A value of a parameter. */
export const parameterValue = z.union([z.number(), z.string(), z.boolean()]);

/** All that a plug-in engine sees. A pool whose price is unknown is absent. */
export const engineInput = z.object({
  contractVersion: z.literal(ENGINE_CONTRACT_VERSION),
  asOf: timeMs.meta({ description: 'When the cluster was as it is told; there is no other clock' }),
  cluster: z.object({ name: z.string(), region: z.string().nullable() }),
  nodes: z.array(inputNode),
  pods: z.array(inputPod),
  workloads: z.array(inputWorkload),
  budgets: z.array(inputBudget),
  types: z.array(catalogType),
  pools: z.array(inputPool),
  poolsOfWorkload: z
    .record(z.string(), z.array(inputPool))
    .meta({ description: 'Of workloads that another model serves than the cluster, by their key' }),
  policy: inputPolicy,
  parameters: z.record(z.string(), parameterValue),
});
export type EngineInput = z.output<typeof engineInput>;

const MOST_TEXT = 500;
const MOST_REASONS = 10;
const MOST_NODES = 20_000;

/** A reason in the words of a plug-in. */
const engineReason = z.strictObject({
  code: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a code is lower-case letters, digits and dashes, 40 at most'),
  text: z.string().min(1).max(MOST_TEXT),
});
const reasons = z.array(engineReason).max(MOST_REASONS).default([]);

/** A move of one node. It holds no money: every figure is calculated here, from what is known here. */
export const proposedMove = z.strictObject({
  nodeUid: z.string().max(200),
  target: z.strictObject({
    instanceType: z.string().max(100),
    zone: z.string().max(100),
    capacityType: z.literal('spot'),
  }),
  reasons,
});
export type ProposedMove = z.output<typeof proposedMove>;

/** All that a plug-in engine may answer. */
export const engineAnswer = z.strictObject({
  proposals: z.array(proposedMove).max(MOST_NODES),
  blocked: z
    .array(z.strictObject({ nodeUid: z.string().max(200), reasons }))
    .max(MOST_NODES)
    .default([])
    .meta({ description: 'Nodes that stay, and why' }),
});
export type PlugInAnswer = z.output<typeof engineAnswer>;

const title = z.string().max(100).optional();
const description = z.string().max(500).optional();

const numberParameter = z.strictObject({
  type: z.enum(['number', 'integer']),
  title,
  description,
  default: z.number(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const textParameter = z.strictObject({
  type: z.literal('string'),
  title,
  description,
  default: z.string().max(200),
  enum: z.array(z.string().max(200)).min(1).max(50).optional(),
  maxLength: z.number().int().min(1).max(200).optional(),
});
const flagParameter = z.strictObject({
  type: z.literal('boolean'),
  title,
  description,
  default: z.boolean(),
});

/** One parameter: the part of JSON Schema that a form can be drawn from. The default is required: a form is never half filled. */
export const engineParameter = z.discriminatedUnion('type', [numberParameter, textParameter, flagParameter]);
export type EngineParameter = z.output<typeof engineParameter>;

/** Names that are engines of this program, now or later. */
const RESERVED = new Set(['spot', 'bin-packing', 'packing', 'rightsizing', 'list', 'upload', 'choose']);

/** What a plug-in says of itself. */
export const engineManifest = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
      'a name is lower-case letters, digits and dashes, 63 at most',
    )
    .refine(name => !RESERVED.has(name), 'this name belongs to a built-in engine'),
  version: z
    .string()
    .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9a-z.-]{1,40})?$/, 'a version is written like 1.2.0'),
  contractVersion: z.literal(
    ENGINE_CONTRACT_VERSION,
    `this program speaks contract version ${ENGINE_CONTRACT_VERSION}`,
  ),
  description: z.string().max(500).default(''),
  parameters: z
    .strictObject({
      type: z.literal('object'),
      properties: z
        .record(
          z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/, 'a parameter is letters and digits, 40 at most'),
          engineParameter,
        )
        .refine(properties => Object.keys(properties).length <= 30, 'at most 30 parameters'),
    })
    .default({ type: 'object', properties: {} }),
});
export type EngineManifest = z.output<typeof engineManifest>;
