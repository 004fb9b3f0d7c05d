import type { ContainerResources, Reason } from '../../../common/contracts/index.ts';
import { statedResources } from './container-target.ts';
import type { ContainerToSize, WorkloadToSize } from './sizing-state.ts';

/** Says so where a change gives pods another class. Kubernetes, "Configure Quality of Service for Pods": the class is fixed for the life of a pod. */
export function qosReason(
  { containers }: WorkloadToSize,
  changed: ContainerToSize,
  recommended: ContainerResources,
): Reason | undefined {
  const before = containers.map(statedResources);
  const after = containers.map(one => (one === changed ? recommended : statedResources(one)));
  const [from, to] = [qosClass(before), qosClass(after)];
  if (from === to) return undefined;
  return {
    code: 'qos-class',
    text: `Its pods change from ${from} to ${to}: they have to be made anew, not resized in place.`,
  };
}

function qosClass(all: readonly ContainerResources[]): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const isEmpty = (one: ContainerResources) =>
    one.cpuRequestMilli === null &&
    one.memoryRequestBytes === null &&
    one.cpuLimitMilli === null &&
    one.memoryLimitBytes === null;
  if (all.every(isEmpty)) return 'BestEffort';
  const isGuaranteed = (one: ContainerResources) =>
    one.cpuLimitMilli !== null &&
    one.memoryLimitBytes !== null &&
    one.cpuRequestMilli === one.cpuLimitMilli &&
    one.memoryRequestBytes === one.memoryLimitBytes;
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}
