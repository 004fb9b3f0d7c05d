export type { DeleteOptions } from './delete-object.ts';
export { deleteObject } from './delete-object.ts';
export type { EvictionOutcome, EvictionRequest } from './evict-pod.ts';
export { evictPod } from './evict-pod.ts';
export type {
  Condition,
  Container,
  ContainerStatus,
  KubernetesObject,
  LabelExpression,
  Node,
  ObjectMeta,
  Pod,
  PodDisruptionBudget,
  Workload,
} from './kubernetes-objects.ts';
export { matchesExpression } from './label-selectors.ts';
export type { CapacityType, CatalogType, NodeInstances, NodeRequest } from './node-instances.ts';
export type { Draft, ObjectStore, StoreEvent } from './object-store.ts';
export { formatTime } from './object-store.ts';
export { amountOf, isReady } from './pod-facts.ts';
export type { ClusterTiming, PretendCluster, PretendClusterOptions } from './pretend-cluster.ts';
export { createPretendCluster } from './pretend-cluster.ts';
export { containerUsage, nodeUsage } from './pretend-usage.ts';
export type { Offering, PriceOf } from './provisioner.ts';
export { onDemandPriceOf } from './provisioner.ts';
export type { ResourceKind, ResourceName, ResourceTypes } from './resource-kinds.ts';
export { apiVersionOf, RESOURCE_KINDS, resourceKind } from './resource-kinds.ts';
export { createSmallShop } from './small-shop.ts';
export { completePodSpec } from './stamp-pod.ts';
