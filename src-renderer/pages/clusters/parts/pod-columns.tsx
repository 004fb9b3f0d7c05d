import type { PodView } from '../../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../../common/units/index.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';

const NO_USAGE = 'The metrics of the cluster have not arrived; metrics-server may be missing.';

/** Columns of the pods of a cluster. */
export const podColumns: readonly TableColumn<PodView>[] = [
  { id: 'namespace', header: 'Namespace', value: pod => pod.namespace },
  { id: 'name', header: 'Pod', value: pod => pod.name },
  {
    id: 'state',
    header: 'State',
    value: podState,
    cell: pod => (
      <ToneBadge tone={pod.ready ? 'good' : pod.phase === 'Pending' ? 'risk' : 'neutral'}>
        {podState(pod)}
      </ToneBadge>
    ),
  },
  {
    id: 'node',
    header: 'Node',
    value: pod => pod.nodeName,
    cell: pod => pod.nodeName ?? <UnknownText reason="The scheduler has found no node for this pod yet." />,
  },
  {
    id: 'owner',
    header: 'Owner',
    value: pod => (pod.ownerKind === null ? 'none' : `${pod.ownerKind} ${pod.ownerName ?? ''}`),
  },
  {
    id: 'cpu',
    header: 'CPU requested',
    csvHeader: 'CPU requested (m)',
    align: 'right',
    value: pod => pod.requests.cpuMilli,
    cell: pod => formatCpu(pod.requests.cpuMilli),
  },
  {
    id: 'cpu-used',
    header: 'CPU used',
    csvHeader: 'CPU used (m)',
    align: 'right',
    value: pod => pod.used?.cpuMilli ?? null,
    cell: pod => (pod.used ? formatCpu(pod.used.cpuMilli) : <UnknownText reason={NO_USAGE} />),
  },
  {
    id: 'memory',
    header: 'Memory requested',
    csvHeader: 'Memory requested (bytes)',
    align: 'right',
    value: pod => pod.requests.memoryBytes,
    cell: pod => formatBytes(pod.requests.memoryBytes),
  },
  {
    id: 'memory-used',
    header: 'Memory used',
    csvHeader: 'Memory used (bytes)',
    align: 'right',
    value: pod => pod.used?.memoryBytes ?? null,
    cell: pod => (pod.used ? formatBytes(pod.used.memoryBytes) : <UnknownText reason={NO_USAGE} />),
  },
  {
    id: 'age',
    header: 'Started',
    csvHeader: 'Started (ms UTC)',
    value: pod => pod.createdAt,
    cell: pod => <RelativeTime at={pod.createdAt} />,
    hidden: true,
  },
];

function podState(pod: PodView): string {
  if (pod.terminating) return 'Terminating';
  return pod.phase === 'Running' && !pod.ready ? 'Not ready' : pod.phase;
}
