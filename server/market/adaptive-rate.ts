/** Bounds of the rate, in requests a second. EC2 documents a bucket of 100 that refills at 20/s as its example. */
export interface RateLimits {
  readonly startPerSecond: number;
  readonly minPerSecond: number;
  readonly maxPerSecond: number;
}

export const ec2RateLimits: RateLimits = { startPerSecond: 40, minPerSecond: 1, maxPerSecond: 80 };

/** A refusal halves the rate once for each of these, however many requests were under way. */
const HALVING_PAUSE_MS = 1_000;
/**
 * Requests a second that a success adds. A steady share of refusals, one in n, then leaves a rate of about n × this: the
 * growth has to be a sum, because a growth by a factor dies down to the floor when refusals are more frequent than it heals.
 */
const GROWTH_PER_SUCCESS = 0.5;

/** Paces requests: each success lets it grow a little, each refusal halves it (AIMD, as TCP does; RFC 5681 §3.1). */
export class AdaptiveRate {
  readonly #limits: RateLimits;
  #perSecond: number;
  #nextAtMs = 0;
  #halvedAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#perSecond = limits.startPerSecond;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** Takes the next place; the milliseconds to wait for it. */
  reserve(nowMs: number): number {
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + 1_000 / this.#perSecond;
    return atMs - nowMs;
  }

  succeeded(): void {
    this.#perSecond = Math.min(this.#limits.maxPerSecond, this.#perSecond + GROWTH_PER_SUCCESS);
  }

  refused(nowMs: number): void {
    if (nowMs - this.#halvedAtMs < HALVING_PAUSE_MS) return;
    this.#halvedAtMs = nowMs;
    this.#perSecond = Math.max(this.#limits.minPerSecond, this.#perSecond / 2);
  }
}
