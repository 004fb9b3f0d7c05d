import { type KeyboardEvent, type MouseEvent, memo } from 'react';
import type { TableColumn } from './table-columns.ts';

interface RowProps<Row> {
  readonly row: Row;
  readonly rowKey: string;
  readonly index: number;
  readonly columns: readonly TableColumn<Row>[];
  readonly isCurrent: boolean;
  readonly onOpen: ((row: Row) => void) | undefined;
  /** Whether it is chosen; `undefined` where rows cannot be chosen. */
  readonly isChosen: boolean | undefined;
  /** Name of its box. */
  readonly choiceLabel: string;
  /** Chooses it or not; `reaches` takes all rows from the one before along. */
  readonly onToggle: (key: string, reaches: boolean) => void;
}

/** A row; focusable, so that j and k can walk, Enter can open and Space can choose it. */
function TableRow<Row>(props: RowProps<Row>) {
  const { row, rowKey, index, columns, isCurrent, onOpen, isChosen, choiceLabel, onToggle } = props;
  const open = onOpen === undefined ? undefined : () => onOpen(row);
  const isChoice = isChosen !== undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter') open?.();
    if (event.key === ' ' && isChoice) {
      event.preventDefault();
      onToggle(rowKey, event.shiftKey);
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
      {...(open || isChoice ? { onKeyDown } : {})}
      {...(isChosen === true ? { 'data-chosen': true } : {})}
      {...(isCurrent ? { 'data-current': true } : {})}
    >
      {isChoice ? (
        <td>
          <input
            type="checkbox"
            className="co-box"
            aria-label={choiceLabel}
            checked={isChosen}
            onClick={event => onToggle(rowKey, event.shiftKey)}
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

/** Drawn anew only when something of it changed: a scroll moves the others as they are. */
export const DataTableRow = memo(TableRow) as typeof TableRow;
