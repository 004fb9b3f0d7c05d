/** How rightsizing decides. Shares and percentiles are 0…1 unless said otherwise, times in ms. */
export interface SizingPolicy {
  /** How many days of usage are looked at … */
  readonly windowDays: number;
  /** … and how many of the last of them also count alone, so that growth is not averaged away. */
  readonly recentDays: number;
  /** The CPU request is this percentile of usage … */
  readonly cpuPercentile: number;
  /** … and this share more. */
  readonly cpuHeadroom: number;
  /** The memory request is this percentile of usage, or the start-up peak where that is larger … */
  readonly memoryPercentile: number;
  /** … and this share more. */
  readonly memoryHeadroom: number;
  /** After a kill for want of memory: the limit that was hit and this share, or these bytes more, whichever is larger. */
  readonly oomShare: number;
  readonly oomBytes: number;
  /** What a runtime takes beside its heap, as a share of it. */
  readonly heapOverhead: {
    readonly jvm: number;
    readonly go: number;
    readonly node: number;
    readonly declared: number;
  };
  /** Nothing smaller is recommended. */
  readonly leastCpuMilli: number;
  readonly leastMemoryBytes: number;
  /** A change by a smaller share of what is asked for now is not worth a restart. */
  readonly minimumChangeShare: number;
  /** With less than this there is no recommendation … */
  readonly leastSamples: number;
  readonly leastMs: number;
  /** … nor when nothing was heard for so long. */
  readonly staleMs: number;
  /** Without so many days no recommendation is carried out by itself. */
  readonly automaticDays: number;
}

const MIB = 2 ** 20;

/**
 * The policy where nobody said otherwise. The window is KRR's (14 days), so are the least evidence (3 hours, 100 samples) and
 * the least memory and CPU (100 MB, 10 m). 15 % above is what VPA and KRR add. A kill adds what VPA adds: the larger of 20 % and
 * 100 MiB. What a runtime takes beside its heap (metaspace, threads, code, buffers) is a judgement: measure and declare it
 * where it matters.
 */
export const defaultSizingPolicy: SizingPolicy = {
  windowDays: 14,
  recentDays: 2,
  cpuPercentile: 0.95,
  cpuHeadroom: 0.15,
  memoryPercentile: 1,
  memoryHeadroom: 0.15,
  oomShare: 0.2,
  oomBytes: 100 * MIB,
  heapOverhead: { jvm: 0.25, go: 0.1, node: 0.25, declared: 0.25 },
  leastCpuMilli: 10,
  leastMemoryBytes: 100 * MIB,
  minimumChangeShare: 0.1,
  leastSamples: 100,
  leastMs: 3 * 3_600_000,
  staleMs: 24 * 3_600_000,
  automaticDays: 7,
};
