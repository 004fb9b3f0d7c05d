import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import type { Log } from '../log.ts';
import type { LeaseName } from './lease-object.ts';

/** What leading in turns needs. */
export interface LeadershipOptions {
  /** Not the one that only who leads may write through. */
  readonly api: KubernetesApi;
  readonly lease: LeaseName;
  readonly times: LeaseTimes;
  /** Of this process, and of no other: a process that starts again is another one. */
  readonly identity: string;
  readonly log: Log;
  /** Of the day, for the record that people read. */
  readonly now: () => number;
  /** Of this machine's monotonic clock; what counts. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Times of a lease, in ms. */
export interface LeaseTimes {
  /** Others wait so long since they saw its last renewal. */
  readonly durationMs: number;
  /** Who leads stops so long after the last renewal was sent. */
  readonly renewDeadlineMs: number;
  /** Between tries to renew or to take it. */
  readonly retryMs: number;
}

/** In the proportions of client-go: of 15 s, who leads stops after 10 s without a renewal, which is tried every 2 s. */
export function leaseTimes(seconds: number): LeaseTimes {
  const durationMs = seconds * 1000;
  return { durationMs, renewDeadlineMs: (durationMs * 2) / 3, retryMs: (durationMs * 2) / 15 };
}

/** Of one request about the lease. */
export const leaseRequestMs = 4_000;
