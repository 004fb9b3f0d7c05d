import type { KubernetesObject } from './kubernetes-objects.ts';

/** The pod, or the node, asks to be left alone, in any of the dialects that are in use. */
export function doNotDisrupt({ metadata }: KubernetesObject): boolean {
  // Vendors read theirs from labels or annotations.
  const marks = { ...metadata?.labels, ...metadata?.annotations };
  return (
    marks['karpenter.sh/do-not-disrupt'] === 'true' ||
    marks['cluster-autoscaler.kubernetes.io/safe-to-evict'] === 'false' ||
    marks['cluster-autoscaler.kubernetes.io/scale-down-disabled'] === 'true' ||
    marks['autoscaling.cast.ai/removal-disabled'] === 'true' ||
    marks['spotinst.io/restrict-scale-down'] === 'true'
  );
}
