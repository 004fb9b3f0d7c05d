import type { NodeView, PodView } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import { CapacityBadge } from '../../components/capacity-badge.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { ownerWords } from '../../components/owner-words.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';

const NO_USAGE = 'The metrics of the cluster have not arrived; metrics-server may be missing.';

/** Columns of the nodes of a cluster. */
export const nodeColumns: readonly TableColumn<NodeView>[] = [
  { id: 'name', header: 'Node', value: node => node.name },
  { id: 'type', header: 'Instance type', value: node => node.instanceType },
  {
    id: 'capacity',
    header: 'Capacity',
    value: node => node.capacityType,
    cell: node => <CapacityBadge type={node.capacityType} />,
  },
  { id: 'zone', header: 'Zone', value: node => node.zone },
  {
    id: 'owner',
    header: 'Owner',
    value: node => (node.owner ? ownerWords(node.owner) : null),
    cell: node =>
      node.owner ? (
        <span title={node.owner.evidence}>{ownerWords(node.owner)}</span>
      ) : (
        <UnknownText reason="Nobody looked who brings this node back." />
      ),
  },
  {
    id: 'state',
    header: 'State',
    value: nodeState,
    cell: node => (
      <ToneBadge tone={!node.ready ? 'risk' : node.cordoned ? 'busy' : 'good'}>{nodeState(node)}</ToneBadge>
    ),
  },
  {
    id: 'price',
    header: 'Price',
    align: 'right',
    value: node => node.priceMicroUsdPerHour,
    cell: node => (
      <MoneyText
        value={node.priceMicroUsdPerHour}
        per="hour"
        provenance={node.priceProvenance}
        {...(node.priceUnknownReason === null ? {} : { unknown: node.priceUnknownReason })}
      />
    ),
  },
  {
    id: 'cpu',
    header: 'CPU requested',
    value: node => node.requested.cpuMilli / node.allocatable.cpuMilli,
    cell: node => (
      <ShareBar
        label={`CPU of ${formatCpu(node.allocatable.cpuMilli)}`}
        share={node.requested.cpuMilli / node.allocatable.cpuMilli}
        line={node.used && node.used.cpuMilli / node.allocatable.cpuMilli}
      />
    ),
  },
  {
    id: 'memory',
    header: 'Memory requested',
    value: node => node.requested.memoryBytes / node.allocatable.memoryBytes,
    cell: node => (
      <ShareBar
        label={`Memory of ${formatBytes(node.allocatable.memoryBytes)}`}
        share={node.requested.memoryBytes / node.allocatable.memoryBytes}
        line={node.used && node.used.memoryBytes / node.allocatable.memoryBytes}
      />
    ),
  },
  { id: 'arch', header: 'Architecture', value: node => node.arch, hidden: true },
  {
    id: 'age',
    header: 'Started',
    value: node => node.createdAt,
    cell: node => <RelativeTime at={node.createdAt} />,
  },
];

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
    align: 'right',
    value: pod => pod.requests.cpuMilli,
    cell: pod => formatCpu(pod.requests.cpuMilli),
  },
  {
    id: 'cpu-used',
    header: 'CPU used',
    align: 'right',
    value: pod => pod.used?.cpuMilli ?? null,
    cell: pod => (pod.used ? formatCpu(pod.used.cpuMilli) : <UnknownText reason={NO_USAGE} />),
  },
  {
    id: 'memory',
    header: 'Memory requested',
    align: 'right',
    value: pod => pod.requests.memoryBytes,
    cell: pod => formatBytes(pod.requests.memoryBytes),
  },
  {
    id: 'memory-used',
    header: 'Memory used',
    align: 'right',
    value: pod => pod.used?.memoryBytes ?? null,
    cell: pod => (pod.used ? formatBytes(pod.used.memoryBytes) : <UnknownText reason={NO_USAGE} />),
  },
  {
    id: 'age',
    header: 'Started',
    value: pod => pod.createdAt,
    cell: pod => <RelativeTime at={pod.createdAt} />,
    hidden: true,
  },
];

function nodeState(node: NodeView): string {
  if (!node.ready) return 'Not ready';
  return node.cordoned ? 'Cordoned' : 'Ready';
}

function podState(pod: PodView): string {
  if (pod.terminating) return 'Terminating';
  return pod.phase === 'Running' && !pod.ready ? 'Not ready' : pod.phase;
}
