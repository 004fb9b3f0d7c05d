import { Text } from '@mantine/core';
import type { RefusedMove } from '../../common/contracts/index.ts';
import { DataTable } from './data-table.tsx';
import type { TableColumn } from './table-columns.ts';

const columns: readonly TableColumn<RefusedMove>[] = [
  { id: 'node', header: 'Node', value: move => move.node },
  { id: 'target', header: 'Proposed', value: move => move.target },
  {
    id: 'why',
    header: 'Why it is refused',
    grows: true,
    value: move => wordsOf(move),
    cell: move => <span style={{ whiteSpace: 'normal' }}>{wordsOf(move)}</span>,
  },
];

/** What an uploaded engine proposed and may not. */
export function RefusedMoves({
  moves,
  label,
}: {
  readonly moves: readonly RefusedMove[];
  readonly label: string;
}) {
  return (
    <DataTable
      label={label}
      rows={moves}
      rowKey={move => `${move.node}/${move.target}`}
      columns={columns}
      maxHeight={280}
      empty={
        <Text c="dimmed" ta="center" py="lg">
          Nothing was refused.
        </Text>
      }
    />
  );
}

function wordsOf({ reasons }: RefusedMove): string {
  return reasons.map(({ text }) => text).join(' ');
}
