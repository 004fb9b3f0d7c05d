import type { InventoryHorizontalAutoscaler, InventoryVerticalAutoscaler } from '../agent-protocol/index.ts';
import type { HorizontalAutoscalerObject, VerticalAutoscalerObject } from './kubernetes-objects.ts';

/**
 * A HorizontalPodAutoscaler as the server gets it. Only metrics in percent of requests are told one by one: the others do
 * not change when requests do. Without metrics the API stands for 80 % of CPU (`autoscaling/v2` defaults).
 */
export function projectHorizontalAutoscaler(
  autoscaler: HorizontalAutoscalerObject,
): InventoryHorizontalAutoscaler {
  const { metadata = {}, spec = {} } = autoscaler;
  const metrics = spec.metrics ?? [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
  ];
  return {
    kind: 'HorizontalPodAutoscaler',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    targetKind: spec.scaleTargetRef?.kind ?? '',
    targetName: spec.scaleTargetRef?.name ?? '',
    minReplicas: spec.minReplicas ?? 1,
    maxReplicas: spec.maxReplicas ?? 1,
    utilization: metrics.flatMap(({ resource, containerResource }) => {
      const one = containerResource ?? resource;
      const percent = one?.target?.averageUtilization;
      if (percent === undefined) return [];
      const container = containerResource?.container;
      return [{ resource: one?.name ?? '', ...(container === undefined ? {} : { container }), percent }];
    }),
    metrics: metrics.length,
  };
}

/** A VerticalPodAutoscaler as the server gets it; without a mode the API stands for `Auto`. */
export function projectVerticalAutoscaler(autoscaler: VerticalAutoscalerObject): InventoryVerticalAutoscaler {
  const { metadata = {}, spec = {} } = autoscaler;
  return {
    kind: 'VerticalPodAutoscaler',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    targetKind: spec.targetRef?.kind ?? '',
    targetName: spec.targetRef?.name ?? '',
    updateMode: spec.updatePolicy?.updateMode ?? 'Auto',
  };
}
