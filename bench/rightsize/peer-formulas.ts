/**
 * What the Vertical Pod Autoscaler (1.7.1) and KRR (2026-07-27) recommend, by their published formulas.
 * Sources: kubernetes/autoscaler `recommender/util/histogram.go`, `decaying_histogram.go`, `model/aggregations_config.go`,
 * `logic/recommender.go`, `model/container.go`; robusta-dev/krr `strategies/simple.py`.
 */

/** A sample: what was used at a moment (ms). */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

const DAY_MS = 86_400_000;
const MARGIN = 1.15;
const RATIO = 1.05;

/** VPA: the 90th percentile of a histogram whose weights halve each day, and 15 % more; at least 25 m. Milli-cores. */
export function vpaCpu(history: readonly Sample[]): number {
  return Math.max(25, MARGIN * decayedPercentile(history, 0.9, 10));
}

/**
 * VPA: the same of the peaks of each day, of the last eight; at least 250 MiB. A kill counts as a peak of
 * max(used + 100 MiB, used × 1.2). Bytes.
 */
export function vpaMemory(history: readonly Sample[], kills: readonly Sample[]): number {
  const MIB = 2 ** 20;
  const samples = [
    ...history,
    ...kills.map(({ at, value }) => ({ at, value: Math.max(value + 100 * MIB, value * 1.2) })),
  ];
  const last = Math.max(...samples.map(({ at }) => Math.floor(at / DAY_MS)));
  const peaks = [...Map.groupBy(samples, ({ at }) => Math.floor(at / DAY_MS))]
    .filter(([day]) => day > last - 8)
    .map(([day, own]) => ({ at: (day + 1) * DAY_MS, value: Math.max(...own.map(({ value }) => value)) }));
  return Math.max(250 * MIB, MARGIN * decayedPercentile(peaks, 0.9, 1e7));
}

/** KRR `simple`: the 95th percentile of 14 days; at least 10 m. Milli-cores. */
export function krrCpu(history: readonly Sample[]): number {
  const values = lastDays(history, 14).toSorted((a, b) => a - b);
  // Prometheus quantile_over_time interpolates linearly.
  const rank = 0.95 * (values.length - 1);
  const low = values[Math.floor(rank)] ?? 0;
  const high = values[Math.ceil(rank)] ?? 0;
  return Math.max(10, low + (high - low) * (rank - Math.floor(rank)));
}

/** KRR `simple`: the largest of 14 days and 15 % more, or with `--use-oomkill-data` the limit that was hit × 1.25; at least 100 MB. */
export function krrMemory(history: readonly Sample[], kills: readonly Sample[]): number {
  const most = Math.max(...lastDays(history, 14)) * MARGIN;
  const killed = Math.max(0, ...kills.map(({ value }) => value * 1.25));
  return Math.max(100e6, most, killed);
}

function lastDays(history: readonly Sample[], days: number): number[] {
  const end = history.at(-1)?.at ?? 0;
  return history.filter(({ at }) => at > end - days * DAY_MS).map(({ value }) => value);
}

/** Buckets that grow by 5 %; the answer is the end of the bucket, as VPA's histogram gives it. */
function decayedPercentile(samples: readonly Sample[], percentile: number, firstBucket: number): number {
  const weights: number[] = [];
  const reference = samples[0]?.at ?? 0;
  let total = 0;
  for (const { at, value } of samples) {
    const bucket =
      value < firstBucket
        ? 0
        : Math.floor(Math.log((value / firstBucket) * (RATIO - 1) + 1) / Math.log(RATIO));
    const weight = 2 ** ((at - reference) / DAY_MS);
    weights[bucket] = (weights[bucket] ?? 0) + weight;
    total += weight;
  }
  let below = 0;
  for (let bucket = 0; bucket < weights.length; bucket++) {
    below += weights[bucket] ?? 0;
    if (below >= percentile * total) return bucketStart(bucket + 1, firstBucket);
  }
  return bucketStart(weights.length, firstBucket);
}

function bucketStart(bucket: number, firstBucket: number): number {
  return (firstBucket * (RATIO ** bucket - 1)) / (RATIO - 1);
}
