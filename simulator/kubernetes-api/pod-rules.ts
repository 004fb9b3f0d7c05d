import { isDeepStrictEqual } from 'node:util';
import type { Container, Pod } from '../cluster/index.ts';
import { amountOf } from '../cluster/index.ts';
import { invalid } from './status.ts';

/**
 * What may change in a pod: on the pod itself images, tolerations and grace; through `resize` only the resources of its
 * containers. Throws the 422 of anything else.
 */
export function checkPodChange(current: Pod, next: Pod, subresource: string | undefined): void {
  const { name } = current.metadata;
  if (subresource === 'resize') {
    if (!isDeepStrictEqual(fixedPart(current, withoutResources), fixedPart(next, withoutResources))) {
      throw forbidden(name, 'spec', 'Forbidden: only cpu and memory resources are mutable');
    }
    for (const [index, container] of next.spec.containers.entries()) checkLimits(name, container, index);
    return;
  }
  if (!isDeepStrictEqual(fixedPart(current, withoutImage), fixedPart(next, withoutImage))) {
    throw forbidden(
      name,
      'spec',
      'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    );
  }
}

function fixedPart(pod: Pod, ofContainer: (container: Container) => object): object {
  const { tolerations: _, terminationGracePeriodSeconds: __, ...spec } = pod.spec;
  return { ...spec, containers: spec.containers.map(ofContainer) };
}

function withoutImage({ image: _, ...container }: Container): object {
  return container;
}

function withoutResources({ resources: _, ...container }: Container): object {
  return container;
}

function checkLimits(name: string, container: Container, index: number): void {
  const { requests, limits } = container.resources ?? {};
  const wanted = amountOf(requests);
  const most = amountOf(limits);
  for (const [resource, over] of [
    ['cpu', limits?.cpu !== undefined && wanted.cpuMilli > most.cpuMilli],
    ['memory', limits?.memory !== undefined && wanted.memoryBytes > most.memoryBytes],
  ] as const) {
    if (!over) continue;
    throw invalid('Pod', '', name, {
      reason: 'FieldValueInvalid',
      field: `spec.containers[${index}].resources.requests`,
      message: `Invalid value: "${requests?.[resource]}": must be less than or equal to ${resource} limit of ${limits?.[resource]}`,
    });
  }
}

function forbidden(name: string, field: string, message: string) {
  return invalid('Pod', '', name, { reason: 'FieldValueForbidden', field, message });
}
