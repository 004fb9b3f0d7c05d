import { z } from 'zod';
import { capacityTypes } from './clusters.ts';
import { planResize } from './container-sizes.ts';
import { packingPlan } from './packing-plan.ts';
import { planStep } from './plan-step.ts';
import { procedure } from './procedure.ts';
import { microUsd, timeMs } from './values.ts';

export const planStates = [
  'proposed',
  'approved',
  'running',
  'stopping',
  'succeeded',
  'failed',
  'rejected',
  'stopped',
  'stale',
] as const;
export type PlanState = (typeof planStates)[number];

/** A reason in words, with a code that the UI may switch on. */
export const reason = z.object({ code: z.string(), text: z.string() });
export type Reason = z.output<typeof reason>;

/** Which file of an uploaded engine it was; absent for a built-in one. */
const plugInIdentity = z.object({ version: z.string(), sha256: z.string() });
export type PlugInIdentity = z.output<typeof plugInIdentity>;

/**
 * What is decided: one node replaced by a cheaper one, pods packed anew onto fewer or cheaper nodes, or other requests and limits for
 * the containers of a workload.
 */
export const planKinds = ['replace-node', 'repack', 'resize'] as const;
export type PlanKind = (typeof planKinds)[number];

/** Who ends the instance of a node that goes. */
const instanceEnders = ['owner', 'engine', 'nobody'] as const;

const machine = {
  instanceType: z.string(),
  zone: z.string(),
  capacityType: z.enum(capacityTypes),
  priceMicroUsdPerHour: microUsd,
};

/** A node that goes; its price is what leaves the bill with it, after the nodes of the plan before it. */
export const planNode = z.object({
  name: z.string(),
  uid: z.string(),
  nodePool: z
    .string()
    .nullable()
    .optional()
    .meta({ description: 'NodePool or node group, where its labels say so' }),
  endedBy: z.enum(instanceEnders).optional().meta({
    description:
      'Who ends its instance: owner (Karpenter), engine (a step of the plan), or nobody, and then it goes on costing; absent in older plans',
  }),
  instanceId: z
    .string()
    .optional()
    .meta({ description: 'Of an instance that nobody ends, where the node tells it' }),
  ...machine,
});
export type PlanNode = z.output<typeof planNode>;

/** A node that stays, off which pods are moved to make room for others. */
export const roomyNode = z.object({
  name: z.string(),
  uid: z.string(),
  nodePool: z.string().nullable(),
  instanceType: z.string(),
  zone: z.string(),
  capacityType: z.enum(capacityTypes),
});
export type RoomyNode = z.output<typeof roomyNode>;

const amounts = z.object({ cpuMilli: z.number(), memoryBytes: z.number() });

/** A node that comes; its price is that of now. */
export const planTarget = z.object({
  key: z.string().meta({ description: 'How pods of the plan name it: "new-1"' }),
  ...machine,
  allocatable: amounts.nullable().meta({ description: 'null in plans of older engines' }),
  predictedMicroUsdPerHour: microUsd.meta({ description: 'Price that the forecast expects at its horizon' }),
  forecastBy: z
    .string()
    .meta({ description: 'Name and version of the model, "persistence", or "catalog" for on-demand' }),
  interruptionMaxPercentPerMonth: z.number().meta({ description: '0 for on-demand' }),
});
export type PlanTarget = z.output<typeof planTarget>;

/** A pod that moves. */
export const planPod = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  owner: z.string().nullable(),
  from: z.string().nullable().meta({ description: 'Node that it leaves; null while it waits for one' }),
  to: z.string().nullable().meta({
    description:
      'Node, or key of one that comes; a forecast: the scheduler has the last word. null when nothing is foreseen',
  }),
  requests: amounts.nullable().meta({ description: 'null in plans of older engines' }),
});
export type PlanPod = z.output<typeof planPod>;

/** The whole cluster with this plan and those of its run before it, and what no set of nodes can undercut. */
export const planProof = z.object({
  nowMicroUsdPerHour: microUsd,
  afterMicroUsdPerHour: microUsd,
  lowerBoundMicroUsdPerHour: microUsd,
});
export type PlanProof = z.output<typeof planProof>;

/** One decision: nodes that go, nodes that come in their place, and every dollar of it; or new sizes for a workload. */
export const plan = z.object({
  id: z.string(),
  runId: z.string(),
  clusterId: z.string(),
  clusterName: z.string(),
  engine: z.string(),
  plugIn: plugInIdentity.optional(),
  kind: z.enum(planKinds),
  state: z.enum(planStates),
  createdAt: timeMs,
  changedAt: timeMs,
  title: z.string(),
  reasons: z.array(reason),
  remove: z.array(planNode).meta({ description: 'Empty in plans of kind resize' }),
  add: z.array(planTarget),
  makeRoom: z.array(roomyNode).optional().meta({
    description:
      'Nodes that stay and give up pods, so that others find room: they are cordoned only while these pods look for a place, which the scheduler chooses',
  }),
  resize: planResize.optional().meta({ description: 'In plans of kind resize' }),
  dependsOn: z.array(z.string()).optional().meta({
    description: 'Plans of the same run that make room for this one; it starts when they have ended',
  }),
  cost: z.object({
    nowMicroUsdPerHour: microUsd,
    afterMicroUsdPerHour: microUsd.meta({ description: 'Expected price of what comes' }),
    riskMicroUsdPerHour: microUsd.meta({ description: 'Interruption risk × restart cost' }),
    switchingMicroUsd: microUsd.meta({ description: 'Once: old and new nodes overlap while pods move' }),
    savingMicroUsdPerHour: microUsd.meta({ description: 'Now − after − risk' }),
    paybackMs: z.number().nullable(),
  }),
  pods: z.array(planPod),
  more: z
    .object({
      reasons: z.number().int(),
      pods: z.number().int(),
      remove: z.number().int(),
      add: z.number().int(),
      steps: z.number().int(),
      stepsEnded: z.number().int().meta({ description: 'Of these steps: done or skipped' }),
    })
    .optional()
    .meta({ description: 'In lists: how many more there are of each, which the plan itself tells' }),
  proof: planProof.nullable().meta({ description: 'null where the engine proves nothing' }),
  steps: z.array(planStep),
  approval: z
    .object({
      by: z.string(),
      at: timeMs,
      policy: z
        .object({ scope: z.string(), revision: z.number().int() })
        .optional()
        .meta({ description: 'The revision that approved it, where no person did' }),
    })
    .nullable(),
  outcome: z.string().nullable().meta({ description: 'How it ended, in words' }),
});
export type Plan = z.output<typeof plan>;

/** A node as a run saw it. */
export const runNode = z.object({
  name: z.string(),
  uid: z.string(),
  instanceType: z.string().nullable(),
  zone: z.string().nullable(),
  capacityType: z.enum(capacityTypes),
  cordoned: z.boolean(),
  allocatable: amounts,
  requested: amounts,
  priceMicroUsdPerHour: microUsd.nullable(),
});
export type RunNode = z.output<typeof runNode>;

/** Why a node stays, the object that keeps it, and the smallest change that would free it. */
export const blockedNode = z.object({
  node: z.string(),
  reasons: z.array(
    z.object({
      code: z.string(),
      object: z.string().nullable(),
      text: z.string(),
      unblock: z.string().nullable(),
      savesMicroUsdPerHour: microUsd.nullable(),
      allowedAt: timeMs
        .optional()
        .meta({ description: 'When the reason lapses by itself, where that is known' }),
    }),
  ),
});
export type BlockedNode = z.output<typeof blockedNode>;

/** What an uploaded engine proposed and may not: it never becomes a plan. */
export const refusedMove = z.object({
  node: z.string(),
  target: z.string(),
  reasons: z.array(reason),
});
export type RefusedMove = z.output<typeof refusedMove>;

export const decisionRun = z.object({
  id: z.string(),
  clusterId: z.string(),
  engine: z.string(),
  plugIn: plugInIdentity.optional(),
  state: z.enum(['running', 'finished', 'failed']),
  startedAt: timeMs,
  endedAt: timeMs.nullable(),
  nodesConsidered: z.number().int(),
  proposals: z.number().int(),
  unknownPrices: z.number().int(),
  unknownRisks: z.number().int(),
  costNowMicroUsdPerHour: microUsd.nullable(),
  costAfterMicroUsdPerHour: microUsd.nullable(),
  blocked: z.array(blockedNode),
  moreBlocked: z
    .number()
    .int()
    .optional()
    .meta({ description: 'In lists: how many more nodes stay, which the run itself tells' }),
  refused: z.array(refusedMove).optional().meta({ description: 'Of uploaded engines only' }),
  message: z.string().nullable(),
});
export type DecisionRun = z.output<typeof decisionRun>;

export const planComment = z.object({ comment: z.string().max(500).optional() });
const planParams = z.object({ id: z.string() });

export const decisions = {
  trigger: procedure({
    method: 'POST',
    path: '/api/v1/optimization/trigger',
    access: 'operator',
    tag: 'decisions',
    summary: 'Run the engine on the present state of a cluster; plans appear on the live topic "decisions"',
    action: 'optimization.trigger',
    body: z.object({
      clusterId: z.string(),
      engine: z
        .string()
        .optional()
        .meta({ description: 'Name, or name@version; the engine of the cluster when left out' }),
    }),
    response: decisionRun,
  }),
  listPlans: procedure({
    method: 'GET',
    path: '/api/v1/optimization/plans',
    access: 'viewer',
    tag: 'decisions',
    summary: 'Plans, newest first, and the last run of each cluster; of large ones, the first parts',
    query: z.object({
      clusterId: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    response: z.object({ plans: z.array(plan), runs: z.array(decisionRun) }),
  }),
  getPlan: procedure({
    method: 'GET',
    path: '/api/v1/optimization/plans/:id',
    access: 'viewer',
    tag: 'decisions',
    summary: 'One plan',
    params: planParams,
    response: plan,
  }),
  getRun: procedure({
    method: 'GET',
    path: '/api/v1/optimization/runs/:id',
    access: 'viewer',
    tag: 'decisions',
    summary: 'One run, with every node that stays and why',
    params: planParams,
    response: decisionRun,
  }),
  getRunNodes: procedure({
    method: 'GET',
    path: '/api/v1/optimization/runs/:id/nodes',
    access: 'viewer',
    tag: 'decisions',
    summary: 'The nodes of the cluster as a run saw them; kept for the last 20 runs of each cluster',
    params: planParams,
    response: z.object({ clusterId: z.string(), asOf: timeMs, nodes: z.array(runNode) }),
  }),
  approvePlan: procedure({
    method: 'POST',
    path: '/api/v1/optimization/plans/:id/approve',
    access: 'operator',
    tag: 'decisions',
    summary: 'Approve a plan; the agent starts at once',
    action: 'plan.approve',
    params: planParams,
    body: planComment,
    response: plan,
  }),
  rejectPlan: procedure({
    method: 'POST',
    path: '/api/v1/optimization/plans/:id/reject',
    access: 'operator',
    tag: 'decisions',
    summary: 'Reject a plan; nothing happens to the node',
    action: 'plan.reject',
    params: planParams,
    body: planComment,
    response: plan,
  }),
  stopPlan: procedure({
    method: 'POST',
    path: '/api/v1/optimization/plans/:id/stop',
    access: 'operator',
    tag: 'decisions',
    summary: 'Stop a running plan after the safe step, and uncordon the node where it still stands',
    action: 'plan.stop',
    params: planParams,
    body: planComment,
    response: plan,
  }),
  decideSpot: procedure({
    method: 'POST',
    path: '/api/v1/ml/decision/spot',
    access: 'viewer',
    tag: 'decisions',
    summary: 'What the Spot engine says of a cluster now; nothing is stored and nothing acts',
    body: z.object({ clusterId: z.string() }),
    response: z.object({ run: decisionRun, plans: z.array(plan) }),
  }),
  decideBinPacking: procedure({
    method: 'POST',
    path: '/api/v1/ml/decision/bin-packing',
    access: 'viewer',
    tag: 'decisions',
    summary:
      'The cheapest nodes for a cluster as it is now, with a proof of how far from the cheapest possible; nothing is stored and nothing acts',
    body: z.object({
      clusterId: z.string(),
      timeLimitSeconds: z
        .number()
        .min(1)
        .max(60)
        .default(20)
        .meta({ description: 'The best plan so far is the answer then; it may be there sooner' }),
    }),
    response: packingPlan,
  }),
};
