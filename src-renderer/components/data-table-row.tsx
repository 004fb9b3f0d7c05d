import { Checkbox } from '@mantine/core';
import type { KeyboardEvent, MouseEvent } from 'react';
import type { TableColumn } from './table-columns.ts';

/** A row; focusable, so that j and k can walk and Enter can open it. */
export function DataTableRow<Row>({
  row,
  index,
  columns,
  isCurrent,
  onOpen,
  choice,
}: {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly TableColumn<Row>[];
  readonly isCurrent: boolean;
  readonly onOpen: ((row: Row) => void) | undefined;
  /** The box of the row; `reaches` chooses all rows from the one that was chosen last. */
  readonly choice?:
    | {
        readonly isChosen: boolean;
        readonly label: string;
        readonly onToggle: (reaches: boolean) => void;
      }
    | undefined;
}) {
  const open = onOpen === undefined ? undefined : () => onOpen(row);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter') open?.();
    if (event.key === ' ' && choice) {
      event.preventDefault();
      choice.onToggle(event.shiftKey);
    }
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
      {...(open ? { 'data-opens': true, onClick } : {})}
      {...(open || choice ? { onKeyDown } : {})}
      {...(choice?.isChosen === true ? { 'data-chosen': true } : {})}
      {...(isCurrent ? { 'data-current': true } : {})}
    >
      {choice ? (
        <td>
          <Checkbox
            size="xs"
            aria-label={choice.label}
            checked={choice.isChosen}
            onClick={event => choice.onToggle(event.shiftKey)}
            onChange={() => undefined}
            tabIndex={-1}
          />
        </td>
      ) : null}
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
