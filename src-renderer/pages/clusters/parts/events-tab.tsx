import { api, type ClusterEventView } from '../../../../common/contracts/index.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { usePages } from '../../../connection/use-pages.ts';
import { objectText } from './object-text.ts';
import { PagesTable } from './pages-table.tsx';

const columns: readonly TableColumn<ClusterEventView>[] = [
  {
    id: 'at',
    header: 'When',
    csvHeader: 'When (ms UTC)',
    value: event => event.at,
    cell: event => <RelativeTime at={event.at} />,
  },
  {
    id: 'reason',
    header: 'What',
    value: event => event.reason,
    cell: event => (
      <ToneBadge tone={event.severity === 'warning' ? 'risk' : 'neutral'}>{event.reason}</ToneBadge>
    ),
  },
  { id: 'object', header: 'Where', value: event => objectText(event.object) },
  { id: 'message', header: 'Message', value: event => event.message, grows: true },
  { id: 'severity', header: 'Severity', value: event => event.severity, hidden: true },
  { id: 'seq', header: 'Number', align: 'right', value: event => event.seq, hidden: true },
];

/** What happened in a cluster, newest first. @param newest number of the newest event */
export function EventsTab({ clusterId, newest }: { readonly clusterId: string; readonly newest: number }) {
  const read = usePages(api.clusterParts.listEvents, { id: clusterId }, 'before', { version: newest });
  return (
    <PagesTable
      label="Events"
      read={read}
      rowKey={({ seq }) => String(seq)}
      columns={columns}
      sort={{ id: 'at', desc: true }}
      empty={
        <EmptyState
          title="Nothing has happened yet"
          text="Nodes that come and go, containers killed for want of memory, and notices of Spot interruptions are told here at once."
        />
      }
    />
  );
}
