import type { ContainerResources, Reason } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import type { ContainerToSize } from './sizing-state.ts';

/** What a container should ask for before its autoscaler and small changes are looked at; `null` where that is unknown. */
export interface ContainerTarget {
  readonly cpuMilli: number | null;
  readonly memoryBytes: number | null;
  /** The request may not be below this, whatever else: it was used. */
  readonly usedCpuMilli: number;
  readonly usedMemoryBytes: number;
  readonly cpuReasons: readonly Reason[];
  readonly memoryReasons: readonly Reason[];
}

const MIB = 2 ** 20;
/** A sketch may show a percentile 1 % below the value that has its rank. */
const SKETCH_ERROR = 0.01;

/** What was really used at least, when a sketch shows `value`. */
export function atMost(value: number): number {
  return value / (1 - SKETCH_ERROR);
}

/** What a container asks for as the API has it; `null` where it states nothing. */
export function statedResources({ requests, limits }: ContainerToSize): ContainerResources {
  return {
    cpuRequestMilli: requests.cpuMilli ?? null,
    memoryRequestBytes: requests.memoryBytes ?? null,
    cpuLimitMilli: limits.cpuMilli ?? null,
    memoryLimitBytes: limits.memoryBytes ?? null,
  };
}

/** Sizes one container by what it used. More use never gives less. */
export function containerTarget(container: ContainerToSize, policy: SizingPolicy): ContainerTarget {
  const cpu = cpuTarget(container, policy);
  const memory = memoryTarget(container, policy);
  return {
    cpuMilli: cpu.request,
    usedCpuMilli: cpu.used,
    cpuReasons: cpu.reasons,
    memoryBytes: memory.request,
    usedMemoryBytes: memory.used,
    memoryReasons: memory.reasons,
  };
}

interface Target {
  readonly request: number | null;
  readonly used: number;
  readonly reasons: readonly Reason[];
}

function cpuTarget({ usage, limits, requests }: ContainerToSize, policy: SizingPolicy): Target {
  const spread = usage?.cpuMilli;
  if (!spread)
    return unknown('cpu-unknown', 'Only start-ups were measured, so what it takes to run is unknown.');
  const reasons: Reason[] = [];
  const percentile = percentileName(policy.cpuPercentile);
  const isRecent = spread.recent > spread.target;
  const used = atMost(Math.max(spread.target, spread.recent));
  reasons.push({
    code: isRecent ? 'cpu-growth' : 'cpu-percentile',
    text: isRecent
      ? `CPU grew: its ${percentile} of the last ${policy.recentDays} days is ${formatCpu(spread.recent)}, of all days ${formatCpu(spread.target)}; ${percent(policy.cpuHeadroom)} are added.`
      : `CPU: the ${percentile} is ${formatCpu(spread.target)}; ${percent(policy.cpuHeadroom)} are added.`,
  });
  let request = used * (1 + policy.cpuHeadroom);
  // Where the limit follows the request, what is above it is throttled at once.
  if (limits.cpuMilli !== undefined && limits.cpuMilli === requests.cpuMilli && spread.max > request) {
    request = spread.max;
    reasons.push({
      code: 'cpu-limit-follows',
      text: `Its CPU limit equals its request, so the request covers the largest use, ${formatCpu(spread.max)}.`,
    });
  }
  if (request < policy.leastCpuMilli) {
    request = policy.leastCpuMilli;
    reasons.push({
      code: 'cpu-floor',
      text: `${formatCpu(policy.leastCpuMilli)} is the least that is recommended; it used less.`,
    });
  }
  return { request: Math.ceil(request), used: Math.ceil(used), reasons };
}

function memoryTarget({ usage, heap, limits, kills }: ContainerToSize, policy: SizingPolicy): Target {
  const spread = usage?.memoryBytes;
  if (!spread)
    return unknown('memory-unknown', 'Only start-ups were measured, so what it takes to run is unknown.');
  const reasons: Reason[] = [];
  const running = atMost(Math.max(spread.target, spread.recent));
  const starting = usage?.startUp?.memoryBytes ?? 0;
  const used = Math.max(running, starting);
  let request = used * (1 + policy.memoryHeadroom);
  reasons.push(
    starting > running
      ? {
          code: 'memory-start-up',
          text: `Memory: it takes ${formatBytes(starting)} to start, more than to run; ${percent(policy.memoryHeadroom)} are added.`,
        }
      : {
          code: 'memory-peak',
          text: `Memory: ${policy.memoryPercentile === 1 ? 'the most' : `the ${percentileName(policy.memoryPercentile)}`} used is ${formatBytes(Math.max(spread.target, spread.recent))}; ${percent(policy.memoryHeadroom)} are added.`,
        },
  );
  for (const { memoryBytes } of kills) {
    const hit = Math.max(memoryBytes ?? 0, memoryBytes === null ? spread.max : 0);
    const after = Math.max(hit * (1 + policy.oomShare), hit + policy.oomBytes);
    if (after <= request) continue;
    request = after;
    reasons.push({
      code: 'memory-oom',
      text: `It was killed for want of memory at ${formatBytes(hit)}; ${percent(policy.oomShare)} or ${formatBytes(policy.oomBytes)} are added.`,
    });
  }
  if (heap) {
    const { maxBytes, shareOfLimit, runtime } = heap;
    const heapBytes =
      maxBytes ??
      (shareOfLimit === undefined || limits.memoryBytes === undefined
        ? undefined
        : shareOfLimit * limits.memoryBytes);
    if (heapBytes === undefined) {
      return unknown(
        'heap-unknown',
        `It runs a ${runtime.toUpperCase()} heap whose largest size is not stated, so it may grow beyond what was seen: state it (-Xmx, GOMEMLIMIT) or declare it in the pod's annotation cloudoptim.io/heap.<container>.`,
      );
    }
    const whole = heapBytes * (1 + policy.heapOverhead[runtime]);
    reasons.push({
      code: 'memory-heap',
      text: `Its heap may grow to ${formatBytes(heapBytes)}; with ${percent(policy.heapOverhead[runtime])} beside it, it stays at ${formatBytes(whole)} or more.`,
    });
    request = Math.max(request, whole);
  }
  if (request < policy.leastMemoryBytes) {
    request = policy.leastMemoryBytes;
    reasons.push({
      code: 'memory-floor',
      text: `${formatBytes(policy.leastMemoryBytes)} is the least that is recommended; it used less.`,
    });
  }
  return { request: Math.ceil(request / MIB) * MIB, used: Math.ceil(used), reasons };
}

function unknown(code: string, text: string): Target {
  return { request: null, used: 0, reasons: [{ code, text }] };
}

/** `95 %`, `99.9 %`. */
function percent(share: number): string {
  return `${Math.round(share * 1e5) / 1e3} %`;
}

/** `95th percentile`. */
function percentileName(share: number): string {
  const rank = Math.round(share * 1e5) / 1e3;
  const last = rank % 10;
  const ending =
    rank > 10 && rank < 14 ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th';
  return `${rank}${ending} percentile`;
}
