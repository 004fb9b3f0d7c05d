import type { LeaseObject } from './lease-object.ts';

/**
 * What a replica that waits has seen of the lease. Whether it ran out is told by the replica's own monotonic clock alone,
 * from the moment it saw the record change; times in the record are another machine's and are never compared (client-go
 * `leaderelection.go`, `observedTime`).
 */
export class LeaseSight {
  readonly #leastMs: number;
  #record: string | undefined;
  #changedAtMs = 0;
  #lease: LeaseObject = {};

  /** @param leastMs a holder has at least so long, whatever its record says */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** @param nowMs of a monotonic clock */
  see(lease: LeaseObject, nowMs: number): void {
    const record = JSON.stringify([lease.metadata?.uid, lease.spec]);
    this.#lease = lease;
    if (record === this.#record) return;
    this.#record = record;
    this.#changedAtMs = nowMs;
  }

  /** Whether the lease that was seen last may be taken: given up, or not renewed for as long as it lasts. */
  isFree(nowMs: number): boolean {
    const { holderIdentity = '', leaseDurationSeconds = 0 } = this.#lease.spec ?? {};
    if (holderIdentity === '') return true;
    return nowMs >= this.#changedAtMs + Math.max(this.#leastMs, leaseDurationSeconds * 1000);
  }
}
