import type { KeyboardEvent, MouseEvent } from 'react';
import type { TableColumn } from './table-columns.ts';

/** A row; focusable, so that j and k can walk and Enter can open it. */
export function DataTableRow<Row>({
  row,
  index,
  columns,
  isCurrent,
  onOpen,
}: {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly TableColumn<Row>[];
  readonly isCurrent: boolean;
  readonly onOpen: ((row: Row) => void) | undefined;
}) {
  const open = onOpen === undefined ? undefined : () => onOpen(row);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.target === event.currentTarget) open?.();
  };
  const onClick = (event: MouseEvent) => {
    // A button, link or box inside the row does its own thing.
    if (!(event.target as Element).closest('button, a, input, label')) open?.();
  };
  return (
    <tr
      tabIndex={0}
      data-row
      aria-rowindex={index + 2}
      {...(open ? { 'data-opens': true, onClick, onKeyDown } : {})}
      {...(isCurrent ? { 'data-current': true } : {})}
    >
      {columns.map(column => {
        const value = column.value(row);
        return (
          <td
            key={column.id}
            data-align={column.align}
            data-grows={column.grows}
            title={typeof value === 'string' ? value : undefined}
          >
            {column.cell ? column.cell(row) : value}
          </td>
        );
      })}
    </tr>
  );
}
