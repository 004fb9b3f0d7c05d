export type {
  ApiStatus,
  BudgetObject,
  ContainerSpec,
  EventObject,
  KubernetesObject,
  NodeObject,
  NodeSelectorTerm,
  ObjectList,
  ObjectMeta,
  PodAffinityTerm,
  PodObject,
  PodSpec,
  Selector,
  SelectorRequirement,
  SpreadConstraintSpec,
  TolerationSpec,
  VolumeClaimObject,
  VolumeObject,
  WorkloadObject,
} from './kubernetes-objects.ts';
export { controllerOf, isSystemNamespace } from './object-facts.ts';
export {
  type Amounts,
  add,
  amounts,
  podResources,
  type ResourceAmounts,
  resourceAmounts,
} from './pod-requests.ts';
export { projectHorizontalAutoscaler, projectVerticalAutoscaler } from './project-autoscaler.ts';
export { projectBudget } from './project-budget.ts';
export { projectNode } from './project-node.ts';
export { doNotDisrupt, hasLocalStorage, isFinished, isMirror, projectPod } from './project-pod.ts';
export { projectWorkload } from './project-workload.ts';
