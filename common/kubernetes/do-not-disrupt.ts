import type { KubernetesObject } from './kubernetes-objects.ts';

/** What says so in each of the dialects that are in use. */
const MARKS: readonly (readonly [string, string])[] = [
  ['karpenter.sh/do-not-disrupt', 'true'],
  ['cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
  ['cluster-autoscaler.kubernetes.io/scale-down-disabled', 'true'],
  ['autoscaling.cast.ai/removal-disabled', 'true'],
  ['spotinst.io/restrict-scale-down', 'true'],
];

/** The pod, or the node, asks to be left alone, in any of the dialects that are in use. */
export function doNotDisrupt(object: KubernetesObject): boolean {
  return doNotDisruptMark(object) !== undefined;
}

/** The label or annotation by which it asks; the first in the order of `MARKS` where there are several. */
export function doNotDisruptMark({ metadata }: KubernetesObject): string | undefined {
  // Vendors read theirs from labels or annotations.
  const marks = { ...metadata?.labels, ...metadata?.annotations };
  return MARKS.find(([name, value]) => marks[name] === value)?.[0];
}
