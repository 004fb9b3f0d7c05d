import type { NodeView } from '../../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../../common/units/index.ts';
import { ShareBar } from '../../../components/share-bar.tsx';

/** What of a node's CPU is requested, and as a line what is used. */
export function CpuBar({ node: { allocatable, requested, used } }: { readonly node: NodeView }) {
  return (
    <ShareBar
      label={`CPU of ${formatCpu(allocatable.cpuMilli)}`}
      share={requested.cpuMilli / allocatable.cpuMilli}
      line={used && used.cpuMilli / allocatable.cpuMilli}
    />
  );
}

/** The same of its memory. */
export function MemoryBar({ node: { allocatable, requested, used } }: { readonly node: NodeView }) {
  return (
    <ShareBar
      label={`Memory of ${formatBytes(allocatable.memoryBytes)}`}
      share={requested.memoryBytes / allocatable.memoryBytes}
      line={used && used.memoryBytes / allocatable.memoryBytes}
    />
  );
}
