import type { KubernetesObject } from '../../common/kubernetes/index.ts';

/** A Lease of `coordination.k8s.io/v1`, as far as leader election reads it. */
export interface LeaseObject extends KubernetesObject {
  readonly spec?: {
    /** Who leads; empty once it was given up. */
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with six places. */
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** One lease in one namespace. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** Where all leases of a namespace are in the API. */
export function leasesPath({ namespace }: LeaseName): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

/** Where one lease is in the API. */
export function leasePath(lease: LeaseName): string {
  return `${leasesPath(lease)}/${encodeURIComponent(lease.name)}`;
}

/** A time as `MicroTime` has it: the API server takes exactly six places. */
export function microTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}
