import { Text } from '@mantine/core';
import type { FactOrigin, SavingsEntry } from '../../../common/contracts/index.ts';
import { usdFromMicroUsd } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { moneyText } from '../../components/money-text.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';

/** An entry in the ledger of another engine. */
export interface EntryElsewhere {
  readonly origin: FactOrigin;
  readonly entry: SavingsEntry;
}

const columns: readonly TableColumn<EntryElsewhere>[] = [
  { id: 'title', header: 'Plan', grows: true, value: ({ entry }) => entry.title },
  { id: 'where', header: 'Engine', value: ({ origin }) => origin.name },
  {
    id: 'realized',
    header: 'Realized',
    csvHeader: 'realized USD',
    align: 'right',
    value: ({ entry }) => usdFromMicroUsd(entry.realizedMicroUsd),
    cell: ({ entry }) => moneyText(entry.realizedMicroUsd),
  },
  {
    id: 'predicted',
    header: 'Predicted',
    csvHeader: 'predicted USD',
    align: 'right',
    value: ({ entry }) => usdFromMicroUsd(entry.predictedMicroUsd),
    cell: ({ entry }) => moneyText(entry.predictedMicroUsd),
  },
  {
    id: 'began',
    header: 'Began',
    value: ({ entry }) => entry.startedAt,
    cell: ({ entry }) => <RelativeTime at={entry.startedAt} />,
  },
  {
    id: 'ended',
    header: 'Closed',
    value: ({ entry }) => entry.endedAt,
    cell: ({ entry }) => (entry.endedAt === null ? 'accrues' : <RelativeTime at={entry.endedAt} />),
  },
];

/** What other engines booked, as they last told it; in none of the figures of this engine. */
export function EntriesElsewhere({ entries }: { readonly entries: readonly EntryElsewhere[] }) {
  const realized = entries.reduce((sum, { entry }) => sum + entry.realizedMicroUsd, 0);
  return (
    <Card
      title="Booked by other engines"
      padded={false}
      aside={
        <Text size="sm" c="dimmed">
          {moneyText(realized)} realized; in none of the figures of this engine
        </Text>
      }
    >
      <DataTable
        label="Booked by other engines"
        rows={entries}
        rowKey={({ origin, entry }) => `${origin.id}/${entry.id}`}
        columns={columns}
        initialSort={{ id: 'began', desc: true }}
        empty={
          <Text c="dimmed" ta="center" py="lg">
            Nothing is booked in this scope.
          </Text>
        }
      />
    </Card>
  );
}
