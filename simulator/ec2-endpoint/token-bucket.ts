/** EC2's request throttle: a bucket of `capacity` requests, refilled steadily. */
export interface TokenBucketOptions {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/**
 * A full bucket; the result takes one token at `nowMs` and says whether there was one. Time going backwards adds
 * nothing. Source: EC2 "Request throttling", token bucket algorithm.
 */
export function createTokenBucket(options: TokenBucketOptions, startMs: number): (nowMs: number) => boolean {
  let tokens = options.capacity;
  let filledMs = startMs;
  return nowMs => {
    const elapsedMs = Math.max(0, nowMs - filledMs);
    filledMs = Math.max(filledMs, nowMs);
    tokens = Math.min(options.capacity, tokens + (elapsedMs / 1000) * options.refillPerSecond);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
