import { z } from 'zod';
import { amountsByName, labels, requirement, selector, toleration } from './scheduling-terms.ts';

const nodeTerm = z.object({
  matchExpressions: z.array(requirement).optional(),
  matchFields: z.array(requirement).optional(),
});

const podTerm = z.object({
  topologyKey: z.string(),
  /** Absent, it selects no pod. */
  labelSelector: selector.optional(),
  namespaces: z.array(z.string()).optional(),
  namespaceSelector: selector.optional(),
});

const preferred = <Term extends z.ZodType>(term: Term) => z.object({ weight: z.number(), term });

const spreadConstraint = z.object({
  topologyKey: z.string(),
  maxSkew: z.number().int(),
  whenUnsatisfiable: z.string().optional(),
  minDomains: z.number().int().optional(),
  /** Absent, it selects no pod. */
  labelSelector: selector.optional(),
  matchLabelKeys: z.array(z.string()).optional(),
  nodeAffinityPolicy: z.string().optional(),
  nodeTaintsPolicy: z.string().optional(),
});

/**
 * What a pod asks of nodes and of other pods, besides its size, its labels and its volumes. Pods of one workload have the same
 * shape, which is sent once. Every part is as in the Kubernetes API (core/v1); absent means none. Since version 3.
 */
export const inventoryPodShape = z.object({
  kind: z.literal('PodShape'),
  /** Made from all the rest: the same shape has the same name, whoever has it. */
  name: z.string(),
  /** Requests besides CPU and memory, by resource name, in bytes or pieces. */
  extended: amountsByName.optional(),
  nodeSelector: labels.optional(),
  /** Required terms, of which one must hold. Of a DaemonSet's pods they are left out: they name the pod's node. */
  nodeAffinity: z.array(nodeTerm).optional(),
  tolerations: z.array(toleration).optional(),
  hostPorts: z
    .array(
      z.object({ port: z.number().int(), hostIp: z.string().optional(), protocol: z.string().optional() }),
    )
    .optional(),
  /** Required terms. */
  podAffinity: z.array(podTerm).optional(),
  /** Required terms. */
  podAntiAffinity: z.array(podTerm).optional(),
  /** What it would rather have; the weight is 1 to 100. */
  preferredNodeAffinity: z.array(preferred(nodeTerm)).optional(),
  preferredPodAffinity: z.array(preferred(podTerm)).optional(),
  preferredPodAntiAffinity: z.array(preferred(podTerm)).optional(),
  topologySpread: z.array(spreadConstraint).optional(),
  /** Absent: the default scheduler. */
  schedulerName: z.string().optional(),
  /** It claims devices by `resourceClaims`. */
  claimsDevices: z.literal(true).optional(),
});
export type InventoryPodShape = z.output<typeof inventoryPodShape>;
