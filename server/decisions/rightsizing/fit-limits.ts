import type { ContainerResources, Reason } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import type { ContainerToSize } from './sizing-state.ts';

/** A limit so near to what was used has cut something off. */
const NEAR_LIMIT = 0.95;

/**
 * Limits for new requests. A limit that is not set stays unset, and none is lowered but one that equals its request: a limit
 * costs nothing, and a lower one throttles or kills.
 */
export function fitLimits(
  { requests, limits, usage, heap }: ContainerToSize,
  next: { readonly cpuMilli: number | null; readonly memoryBytes: number | null },
  policy: SizingPolicy,
): {
  readonly limits: Pick<ContainerResources, 'cpuLimitMilli' | 'memoryLimitBytes'>;
  readonly reasons: readonly Reason[];
} {
  const reasons: Reason[] = [];
  let cpu = limits.cpuMilli ?? null;
  let memory = limits.memoryBytes ?? null;
  if (cpu !== null && next.cpuMilli !== null) {
    const most = usage?.cpuMilli?.max ?? 0;
    if (cpu === requests.cpuMilli) cpu = next.cpuMilli;
    const least =
      most >= NEAR_LIMIT * (limits.cpuMilli ?? 0) ? Math.ceil(most * (1 + policy.cpuHeadroom)) : 0;
    if (limits.cpuMilli !== requests.cpuMilli && Math.max(next.cpuMilli, least) > cpu) {
      cpu = Math.max(next.cpuMilli, least);
      reasons.push({
        code: 'cpu-limit',
        text: `Its CPU limit of ${formatCpu(limits.cpuMilli ?? 0)} cuts off what it uses, so what it would use is unknown: ${formatCpu(cpu)} shows more.`,
      });
    }
  }
  if (memory !== null && next.memoryBytes !== null) {
    // A heap that is a share of the limit shrinks with it.
    const follows = memory === requests.memoryBytes && heap?.shareOfLimit === undefined;
    if (follows) memory = next.memoryBytes;
    else if (next.memoryBytes > memory) {
      memory = next.memoryBytes;
      reasons.push({
        code: 'memory-limit',
        text: `Its memory limit of ${formatBytes(limits.memoryBytes ?? 0)} is below what it should ask for, so it rises with it.`,
      });
    }
  }
  return { limits: { cpuLimitMilli: cpu, memoryLimitBytes: memory }, reasons };
}
