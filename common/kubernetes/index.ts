export { doNotDisrupt } from './do-not-disrupt.ts';
export type {
  ApiStatus,
  BudgetObject,
  ContainerSpec,
  EventObject,
  KubernetesObject,
  NodeClaimObject,
  NodeObject,
  NodePoolObject,
  ObjectList,
  ObjectMeta,
  PodObject,
  PodSpec,
  Selector,
  SelectorRequirement,
  StorageClassObject,
  VolumeClaimObject,
  VolumeObject,
  WeightedPodAffinityTerm,
  WorkloadObject,
} from './kubernetes-objects.ts';
export { controllerOf, isSystemNamespace } from './object-facts.ts';
export {
  type Amounts,
  add,
  amounts,
  podResources,
  type ResourceAmounts,
} from './pod-requests.ts';
export { projectHorizontalAutoscaler, projectVerticalAutoscaler } from './project-autoscaler.ts';
export { projectBudget } from './project-budget.ts';
export { projectNodeClaim, projectNodePool } from './project-karpenter.ts';
export { projectNamespace } from './project-namespace.ts';
export { projectNode } from './project-node.ts';
export { hasLocalStorage, isFinished, isMirror, projectPod } from './project-pod.ts';
export { projectPodShape, projectTemplateShape } from './project-pod-shape.ts';
export { projectStorageClass, projectVolume, projectVolumeClaim } from './project-volume.ts';
export { projectWorkload } from './project-workload.ts';
