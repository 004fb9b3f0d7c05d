import type { NodeView } from '../../../../common/contracts/index.ts';
import { CapacityBadge } from '../../../components/capacity-badge.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { ownerWords } from '../../../components/owner-words.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';
import { CpuBar, MemoryBar } from './node-bars.tsx';

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
    cell: node => <NodeStateBadge node={node} />,
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
    cell: node => <CpuBar node={node} />,
  },
  {
    id: 'memory',
    header: 'Memory requested',
    value: node => node.requested.memoryBytes / node.allocatable.memoryBytes,
    cell: node => <MemoryBar node={node} />,
  },
  { id: 'arch', header: 'Architecture', value: node => node.arch, hidden: true },
  {
    id: 'age',
    header: 'Started',
    value: node => node.createdAt,
    cell: node => <RelativeTime at={node.createdAt} />,
  },
];

/** Whether a node is ready and takes pods. */
export function NodeStateBadge({ node }: { readonly node: NodeView }) {
  return (
    <ToneBadge tone={!node.ready ? 'risk' : node.cordoned ? 'busy' : 'good'}>{nodeState(node)}</ToneBadge>
  );
}

function nodeState(node: NodeView): string {
  if (!node.ready) return 'Not ready';
  return node.cordoned ? 'Cordoned' : 'Ready';
}
