import { z } from 'zod';
import { inventoryPodShape } from './pod-shape.ts';
import { amountsByName, labels, requirement, selector, taint, toleration } from './scheduling-terms.ts';

const quantities = z.object({ cpuMilli: z.number(), memoryBytes: z.number(), pods: z.number() });
const amounts = z.object({ cpuMilli: z.number(), memoryBytes: z.number() });

/** What the server needs of a Node; annotations and addresses stay in the cluster. */
export const inventoryNode = z.object({
  kind: z.literal('Node'),
  name: z.string(),
  uid: z.string(),
  providerId: z.string().nullable(),
  labels,
  taints: z.array(taint),
  unschedulable: z.boolean(),
  ready: z.boolean(),
  createdAt: z.number().int(),
  allocatable: quantities,
  /** What else pods may use, by resource name, in bytes or pieces; since version 3. */
  extended: amountsByName.optional(),
  /** It asks to be left alone, in any dialect; since version 3. */
  doNotDisrupt: z.boolean().optional(),
});
export type InventoryNode = z.output<typeof inventoryNode>;

/** What a container states of a resource; what it leaves out is not stated. */
const stated = z.object({ cpuMilli: z.number().optional(), memoryBytes: z.number().optional() });

/** A container that runs beside others in a pod, sidecars among them; since version 2. */
export const inventoryContainer = z.object({
  name: z.string(),
  requests: stated,
  limits: stated,
  /** When it last started; absent while it does not run. */
  startedAt: z.number().int().optional(),
  /** When its run before this one ended for want of memory. */
  oomKilledAt: z.number().int().optional(),
  /** Why it does not run although it should: "CrashLoopBackOff"; since version 3. */
  waiting: z.string().optional(),
  /** Its runtime keeps a heap; the figures are absent where neither arguments, environment nor annotation state them. */
  heap: z
    .object({
      runtime: z.enum(['jvm', 'go', 'node', 'declared']),
      maxBytes: z.number().optional(),
      /** Of the memory limit: 0…1. */
      shareOfLimit: z.number().optional(),
    })
    .optional(),
});
export type InventoryContainer = z.output<typeof inventoryContainer>;

/** What the server needs of a Pod; environment, commands and secrets stay in the cluster. */
export const inventoryPod = z.object({
  kind: z.literal('Pod'),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  labels,
  nodeName: z.string().nullable(),
  phase: z.string(),
  ready: z.boolean(),
  terminating: z.boolean(),
  createdAt: z.number().int(),
  ownerKind: z.string().nullable(),
  ownerName: z.string().nullable(),
  /** Sum over containers, init containers by the scheduler's rule. */
  requests: amounts,
  priority: z.number().int().nullable(),
  nodeSelector: labels,
  tolerations: z.array(toleration),
  hasLocalStorage: z.boolean(),
  hasAffinity: z.boolean(),
  isMirror: z.boolean(),
  doNotDisrupt: z.boolean(),
  /** Since version 2. */
  containers: z.array(inventoryContainer).optional(),
  /** Name of the `PodShape` with its rules of scheduling; since version 3. */
  shape: z.string().optional(),
  /** PersistentVolumeClaims of its namespace that it mounts; absent where there are none. Since version 3. */
  claims: z.array(z.string()).optional(),
});
export type InventoryPod = z.output<typeof inventoryPod>;

export const inventoryBudget = z.object({
  kind: z.literal('PodDisruptionBudget'),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  selector,
  minAvailable: z.string().nullable(),
  maxUnavailable: z.string().nullable(),
  disruptionsAllowed: z.number().int(),
  currentHealthy: z.number().int(),
  desiredHealthy: z.number().int(),
  expectedPods: z.number().int(),
});
export type InventoryBudget = z.output<typeof inventoryBudget>;

/** Deployment, ReplicaSet, StatefulSet or DaemonSet: who owns pods, and how many it wants. */
export const inventoryWorkload = z.object({
  kind: z.enum(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  replicas: z.number().int(),
  readyReplicas: z.number().int(),
  ownerKind: z.string().nullable(),
  ownerName: z.string().nullable(),
  /** Of a DaemonSet: what each of its pods will ask of a new node; since version 3. */
  template: z.object({ shape: z.string(), requests: amounts }).optional(),
});
export type InventoryWorkload = z.output<typeof inventoryWorkload>;

const target = { targetKind: z.string(), targetName: z.string() };

/** Who changes the number of replicas of a workload, and by what; since version 2. */
export const inventoryHorizontalAutoscaler = z.object({
  kind: z.literal('HorizontalPodAutoscaler'),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  ...target,
  minReplicas: z.number().int(),
  maxReplicas: z.number().int(),
  /** Metrics that depend on requests: a resource of the pods, or of one container, in percent of what is requested. */
  utilization: z.array(
    z.object({
      resource: z.string(),
      container: z.string().optional(),
      percent: z.number(),
    }),
  ),
  /** How many metrics there are in all. */
  metrics: z.number().int(),
});
export type InventoryHorizontalAutoscaler = z.output<typeof inventoryHorizontalAutoscaler>;

/** Who changes the requests of a workload already; since version 2. */
export const inventoryVerticalAutoscaler = z.object({
  kind: z.literal('VerticalPodAutoscaler'),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  ...target,
  /** `Off` only recommends. */
  updateMode: z.string(),
});
export type InventoryVerticalAutoscaler = z.output<typeof inventoryVerticalAutoscaler>;

/** Since version 3. */
export const inventoryVolumeClaim = z.object({
  kind: z.literal('PersistentVolumeClaim'),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  /** `null` while it is not bound. */
  volumeName: z.string().nullable(),
  storageClass: z.string().nullable(),
});
export type InventoryVolumeClaim = z.output<typeof inventoryVolumeClaim>;

/** From where something can be reached. */
const reach = {
  /** `null` when it is tied to no zones. */
  zones: z.array(z.string()).nullable(),
  /** It is tied to more than zones: to nodes by name, or to labels that no new node could be known to have. */
  isTiedToNodes: z.boolean(),
};

/** Since version 3. */
export const inventoryVolume = z.object({
  kind: z.literal('PersistentVolume'),
  name: z.string(),
  uid: z.string(),
  ...reach,
});
export type InventoryVolume = z.output<typeof inventoryVolume>;

/** Where volumes can be made for claims that are not bound yet; since version 3. */
export const inventoryStorageClass = z.object({
  kind: z.literal('StorageClass'),
  name: z.string(),
  uid: z.string(),
  ...reach,
});
export type InventoryStorageClass = z.output<typeof inventoryStorageClass>;

/** For terms that choose namespaces by label; since version 3. */
export const inventoryNamespace = z.object({
  kind: z.literal('Namespace'),
  name: z.string(),
  uid: z.string(),
  labels,
});
export type InventoryNamespace = z.output<typeof inventoryNamespace>;

/** What Karpenter may launch (`karpenter.sh/v1`); since version 3. */
export const inventoryNodePool = z.object({
  kind: z.literal('NodePool'),
  name: z.string(),
  uid: z.string(),
  weight: z.number().int(),
  requirements: z.array(requirement),
  labels,
  taints: z.array(taint),
  /** As the object has them: quantities as text, by resource name. */
  limits: labels,
  consolidationPolicy: z.string().nullable(),
  consolidateAfter: z.string().nullable(),
  budgets: z.array(
    z.object({
      nodes: z.string(),
      reasons: z.array(z.string()).optional(),
      schedule: z.string().optional(),
      duration: z.string().optional(),
    }),
  ),
});
export type InventoryNodePool = z.output<typeof inventoryNodePool>;

/** A node that Karpenter has launched or is launching; since version 3. */
export const inventoryNodeClaim = z.object({
  kind: z.literal('NodeClaim'),
  name: z.string(),
  uid: z.string(),
  nodePool: z.string().nullable(),
  /** `null` while there is no such node yet. */
  nodeName: z.string().nullable(),
  terminating: z.boolean(),
});
export type InventoryNodeClaim = z.output<typeof inventoryNodeClaim>;

export const inventoryObject = z.discriminatedUnion('kind', [
  inventoryNode,
  inventoryPod,
  inventoryBudget,
  inventoryWorkload,
  inventoryHorizontalAutoscaler,
  inventoryVerticalAutoscaler,
  inventoryPodShape,
  inventoryVolumeClaim,
  inventoryVolume,
  inventoryStorageClass,
  inventoryNamespace,
  inventoryNodePool,
  inventoryNodeClaim,
]);
export type InventoryObject = z.output<typeof inventoryObject>;

/** Key of an object in its cluster: `Pod/shop/web-1`, `Node//ip-10-0-0-1`. */
export function inventoryKey(object: { kind: string; namespace?: string; name: string }): string {
  return `${object.kind}/${object.namespace ?? ''}/${object.name}`;
}
