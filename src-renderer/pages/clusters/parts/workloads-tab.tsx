import type { ReactNode } from 'react';
import { api, type WorkloadView } from '../../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../../common/units/index.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { counted, formatCount } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';
import { usePages } from '../../../connection/use-pages.ts';
import { PagesTable } from './pages-table.tsx';

const REFETCH_MS = 15_000;
const NO_USAGE = 'None of its pods was measured yet; metrics-server may be missing.';

const columns: readonly TableColumn<WorkloadView>[] = [
  { id: 'namespace', header: 'Namespace', value: row => row.namespace },
  { id: 'name', header: 'Workload', value: row => row.name },
  { id: 'kind', header: 'Kind', value: row => (row.kind === 'Pod' ? 'Pod, owned by nothing' : row.kind) },
  {
    id: 'state',
    header: 'State',
    value: stateOf,
    cell: row => (
      <ToneBadge tone={row.readyPods < row.pods || row.pendingPods > 0 ? 'risk' : 'good'}>
        {stateOf(row)}
      </ToneBadge>
    ),
  },
  {
    id: 'replicas',
    header: 'Wanted',
    align: 'right',
    value: row => row.replicas,
    cell: wanted,
  },
  { id: 'pods', header: 'Pods', align: 'right', value: row => row.pods },
  { id: 'nodes', header: 'On nodes', align: 'right', value: row => row.nodes },
  {
    id: 'cpu',
    header: 'CPU requested',
    csvHeader: 'CPU requested (m)',
    align: 'right',
    value: row => row.requests.cpuMilli,
    cell: row => formatCpu(row.requests.cpuMilli),
  },
  {
    id: 'cpu-used',
    header: 'CPU used',
    csvHeader: 'CPU used (m)',
    align: 'right',
    value: row => row.used?.cpuMilli ?? null,
    cell: row => <Used row={row} text={row.used && formatCpu(row.used.cpuMilli)} />,
  },
  {
    id: 'memory',
    header: 'Memory requested',
    csvHeader: 'Memory requested (bytes)',
    align: 'right',
    value: row => row.requests.memoryBytes,
    cell: row => formatBytes(row.requests.memoryBytes),
  },
  {
    id: 'memory-used',
    header: 'Memory used',
    csvHeader: 'Memory used (bytes)',
    align: 'right',
    value: row => row.used?.memoryBytes ?? null,
    cell: row => <Used row={row} text={row.used && formatBytes(row.used.memoryBytes)} />,
  },
];

/** What owns the pods of a cluster, with what it asks for and uses. */
export function WorkloadsTab({ clusterId }: { readonly clusterId: string }) {
  const read = usePages(api.clusterParts.listWorkloads, { id: clusterId }, 'after', {
    refetchMs: REFETCH_MS,
  });
  return (
    <PagesTable
      label="Workloads"
      read={read}
      rowKey={({ key }) => key}
      columns={columns}
      sort={{ id: 'cpu', desc: true }}
      empty={<EmptyState title="No workloads yet" text="They appear with the first pods." />}
    />
  );
}

/** Where only some pods were measured, the sum says so. */
function Used({ row, text }: { readonly row: WorkloadView; readonly text: string | null }) {
  if (text === null) return <UnknownText reason={NO_USAGE} />;
  if (row.measuredPods === row.pods) return text;
  const note = `Of ${row.measuredPods} of ${counted(row.pods, 'pod')}: the others were not measured yet.`;
  return (
    <span className="co-hint" data-tip={note}>
      {text}
    </span>
  );
}

/** A pod of its own is wanted by nobody. */
function wanted({ kind, replicas }: WorkloadView): ReactNode {
  if (replicas !== null) return formatCount(replicas);
  if (kind === 'Pod') return 'no owner';
  return <UnknownText reason="The agent does not tell how many pods it wants." />;
}

function stateOf({ pods, readyPods, pendingPods }: WorkloadView): string {
  if (pendingPods > 0) return `${formatCount(pendingPods)} pending`;
  return readyPods < pods ? `${formatCount(readyPods)} of ${formatCount(pods)} ready` : 'Ready';
}
