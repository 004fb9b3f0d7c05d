import type { InventoryHorizontalAutoscaler } from '../../../common/agent-protocol/index.ts';
import type { Reason } from '../../../common/contracts/index.ts';
import { atMost, type ContainerTarget } from './container-target.ts';
import { type FixedPoint, hpaFixedPoint } from './hpa-fixed-point.ts';
import type { ContainerToSize } from './sizing-state.ts';

/** A container with what it should ask for. */
export interface Sized {
  readonly container: ContainerToSize;
  readonly target: ContainerTarget;
}

/** What the autoscaler makes of the targets of one resource. */
export type AutoscalerFit =
  | { readonly ok: true; readonly factor: number; readonly replicas: number; readonly reason?: Reason }
  | { readonly ok: false; readonly reason: Reason };

type Resource = 'cpu' | 'memory';

/**
 * Looks for the joint fixed point of requests and replicas, for each metric of the autoscaler that is a share of requests.
 * `factor` is by how much the targets of the measured containers have to be larger so that replicas do not grow.
 * @returns `undefined` where no metric depends on requests of this resource
 */
export function fitAutoscaler(
  autoscaler: InventoryHorizontalAutoscaler,
  resource: Resource,
  sized: readonly Sized[],
  podsAtOnce: { readonly min: number; readonly max: number },
): AutoscalerFit | undefined {
  let fit: Extract<AutoscalerFit, { ok: true }> | undefined;
  for (const metric of autoscaler.utilization.filter(one => one.resource === resource)) {
    const measured = sized.filter(
      ({ container }) => metric.container === undefined || container.name === metric.container,
    );
    const one = fitMetric(autoscaler, resource, metric.percent, measured, podsAtOnce);
    if (!one.ok) return one;
    if (!fit || one.factor > fit.factor) fit = one;
  }
  return fit;
}

function fitMetric(
  autoscaler: InventoryHorizontalAutoscaler,
  resource: Resource,
  percent: number,
  measured: readonly Sized[],
  podsAtOnce: { readonly min: number; readonly max: number },
): AutoscalerFit {
  const name = `HorizontalPodAutoscaler ${autoscaler.namespace}/${autoscaler.name}`;
  const word = resource === 'cpu' ? 'CPU' : 'memory';
  let request = 0;
  let used = 0;
  let wanted = 0;
  for (const { container, target } of measured) {
    const now = resource === 'cpu' ? container.requests.cpuMilli : container.requests.memoryBytes;
    const next = resource === 'cpu' ? target.cpuMilli : target.memoryBytes;
    const spread = resource === 'cpu' ? container.usage?.cpuMilli : container.usage?.memoryBytes;
    if (now === undefined || now === 0 || next === null || !spread) {
      return refused(
        'hpa-unknown',
        `${name} scales by ${word}, of which container ${container.name} states no request or is not measured enough.`,
      );
    }
    request += now;
    wanted += next;
    used += atMost(Math.max(spread.p99, spread.recent));
  }
  if (measured.length === 0 || used === 0) {
    return refused('hpa-unknown', `${name} scales by ${word}, of which nothing was measured.`);
  }
  const { minReplicas, maxReplicas } = autoscaler;
  const hasMoved = podsAtOnce.min < podsAtOnce.max;
  const pods = podsAtOnce.max;
  const point: FixedPoint = hasMoved
    ? { rests: false, gain: 1 }
    : hpaFixedPoint({
        request,
        load: used * pods,
        target: percent / 100,
        minReplicas,
        maxReplicas,
        margin: wanted / used,
      });
  if (!point.rests) {
    const seen = hasMoved
      ? `${podsAtOnce.min} to ${podsAtOnce.max} pods were seen`
      : `${pods} pods carry the load`;
    return refused(
      'hpa-loop',
      `${name} keeps ${word} at ${percent} % of the request (${seen}): another request changes the number of replicas, which changes what a pod uses, which changes the request. The gain of this loop is ${point.gain.toFixed(2)}, and below 1 it would have to be. Change its target or bounds instead.`,
    );
  }
  const factor = Math.max(1, point.request / wanted);
  const text = point.isHeldUp
    ? `${name} adds replicas above ${percent} % of the request: below this request it would go beyond ${minReplicas}.`
    : `${name} would keep ${point.replicas} replicas with this request.`;
  return { ok: true, factor, replicas: point.replicas, reason: { code: 'hpa-fixed-point', text } };
}

function refused(code: string, text: string): AutoscalerFit {
  return { ok: false, reason: { code, text } };
}
