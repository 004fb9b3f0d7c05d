export { createScenario, createSmallShop, GENERAL_OWNERS, type GeneralOwner } from './create-scenario.ts';
export { deleteObject } from './delete-object.ts';
export { evictPod } from './evict-pod.ts';
export type {
  Container,
  KubernetesObject,
  LabelExpression,
  Node,
  Pod,
  PodDisruptionBudget,
  Workload,
} from './kubernetes-objects.ts';
export { matchesExpression } from './label-selectors.ts';
export type { CatalogType } from './node-instances.ts';
export type { ObjectStore, StoreEvent } from './object-store.ts';
export { formatTime } from './object-store.ts';
export { amountOf, isReady } from './pod-facts.ts';
export type { PretendCluster, PretendClusterOptions } from './pretend-cluster.ts';
export { createPretendCluster } from './pretend-cluster.ts';
export { containerUsage, MEMORY_ANNOTATION, nodeUsage } from './pretend-usage.ts';
export type { Offering, PriceOf } from './provisioner.ts';
export { onDemandPriceOf } from './provisioner.ts';
export type { ResourceKind } from './resource-kinds.ts';
export { apiVersionOf, RESOURCE_KINDS } from './resource-kinds.ts';
export { completePodSpec } from './stamp-pod.ts';
