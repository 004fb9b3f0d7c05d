import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { TableColumn } from './table-columns.ts';

/** The header of a table: every name is a button that sorts. */
export function TableHeader<Row>({
  columns,
  sorting,
  onSort,
  choice,
}: {
  readonly columns: readonly TableColumn<Row>[];
  readonly sorting: { readonly id: string; readonly desc: boolean } | undefined;
  readonly onSort: (id: string) => void;
  /** The box that chooses all rows that are found; absent where rows cannot be chosen. */
  readonly choice?:
    | { readonly state: 'all' | 'some' | 'none'; readonly label: string; readonly onToggle: () => void }
    | undefined;
}) {
  return (
    <thead>
      <tr>
        {choice ? (
          <th scope="col" style={{ width: 1 }}>
            <Checkbox
              size="xs"
              aria-label={choice.label}
              checked={choice.state === 'all'}
              indeterminate={choice.state === 'some'}
              onChange={choice.onToggle}
            />
          </th>
        ) : null}
        {columns.map(column => {
          const direction = sorting?.id === column.id ? (sorting.desc ? 'descending' : 'ascending') : 'none';
          return (
            <th key={column.id} scope="col" aria-sort={direction} data-align={column.align}>
              <button type="button" className="co-sort" onClick={() => onSort(column.id)}>
                <span data-tip={column.hint}>{column.header}</span>
                {direction === 'none' ? null : direction === 'descending' ? (
                  <IconArrowDown size={13} aria-hidden />
                ) : (
                  <IconArrowUp size={13} aria-hidden />
                )}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
