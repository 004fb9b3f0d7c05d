import { Text } from '@mantine/core';
import { useMemo } from 'react';
import type { BlockedNode } from '../../common/contracts/index.ts';
import { DataTable } from './data-table.tsx';
import { MoneyText } from './money-text.tsx';
import type { TableColumn } from './table-columns.ts';

type Line = BlockedNode['reasons'][number] & { readonly node: string };

const columns: readonly TableColumn<Line>[] = [
  { id: 'node', header: 'Node', value: line => line.node },
  {
    id: 'reason',
    header: 'Why it stays',
    grows: true,
    value: line => line.text,
    cell: line => <span style={{ whiteSpace: 'normal' }}>{line.text}</span>,
  },
  {
    id: 'unblock',
    header: 'What would free it',
    grows: true,
    value: line => line.unblock,
    cell: line => (
      <span style={{ whiteSpace: 'normal' }}>
        {line.unblock ?? (
          <Text span c="dimmed" inherit>
            nothing simple
          </Text>
        )}
      </span>
    ),
  },
  {
    id: 'saves',
    header: 'Would save',
    align: 'right',
    value: line => line.savesMicroUsdPerHour,
    cell: line => (
      <MoneyText
        value={line.savesMicroUsdPerHour}
        per="month"
        unknown="Not computed: no cheaper pool with a known price and risk was compared for this node."
      />
    ),
  },
];

/** Why nodes stay, the object that keeps each, and what would free it. */
export function BlockedTable({
  blocked,
  label,
  empty,
}: {
  readonly blocked: readonly BlockedNode[];
  readonly label: string;
  /** What stands there when no node has to stay. */
  readonly empty: string;
}) {
  const lines = useMemo(
    () => blocked.flatMap(({ node, reasons }) => reasons.map(reason => ({ ...reason, node }))),
    [blocked],
  );
  return (
    <DataTable
      label={label}
      rows={lines}
      rowKey={line => `${line.node}/${line.code}/${line.object ?? ''}`}
      columns={columns}
      initialSort={{ id: 'saves', desc: true }}
      maxHeight={360}
      empty={
        <Text c="dimmed" ta="center" py="lg">
          {empty}
        </Text>
      }
    />
  );
}
