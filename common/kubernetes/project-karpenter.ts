import type { InventoryNodeClaim, InventoryNodePool } from '../agent-protocol/index.ts';
import type { NodeClaimObject, NodePoolObject } from './kubernetes-objects.ts';
import { projectTaint } from './project-node.ts';

/** A NodePool as the server gets it; a budget without `nodes` stands for 10 % (`karpenter.sh/v1` defaults). */
export function projectNodePool({ apiVersion, metadata = {}, spec = {} }: NodePoolObject): InventoryNodePool {
  const { template = {}, disruption = {}, limits = {}, weight = 0, replicas } = spec;
  const { group, kind, name: nodeClass } = template.spec?.nodeClassRef ?? {};
  return {
    kind: 'NodePool',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    ...(apiVersion === undefined ? {} : { apiVersion }),
    weight,
    ...(replicas === undefined ? {} : { replicas }),
    requirements: (template.spec?.requirements ?? []).map(({ key, operator, values, minValues }) => ({
      key,
      operator,
      ...(values === undefined ? {} : { values: [...values] }),
      ...(minValues === undefined ? {} : { minValues }),
    })),
    labels: { ...template.metadata?.labels },
    taints: (template.spec?.taints ?? []).map(projectTaint),
    limits: Object.fromEntries(Object.entries(limits).map(([name, amount]) => [name, String(amount)])),
    ...(group && kind && nodeClass ? { nodeClass: { group, kind, name: nodeClass } } : {}),
    consolidationPolicy: disruption.consolidationPolicy ?? null,
    consolidateAfter: disruption.consolidateAfter ?? null,
    budgets: (disruption.budgets ?? []).map(({ nodes = '10%', reasons, schedule, duration }) => ({
      nodes,
      ...(reasons === undefined ? {} : { reasons: [...reasons] }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(duration === undefined ? {} : { duration }),
    })),
  };
}

/** A NodeClaim as the server gets it. */
export function projectNodeClaim({ metadata = {}, status = {} }: NodeClaimObject): InventoryNodeClaim {
  return {
    kind: 'NodeClaim',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    nodePool: metadata.labels?.['karpenter.sh/nodepool'] ?? null,
    nodeName: status.nodeName || null,
    terminating: metadata.deletionTimestamp !== undefined,
  };
}
