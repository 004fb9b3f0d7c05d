import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { TableColumn } from './table-columns.ts';

/** The header of a table: every name is a button that sorts. */
export function TableHeader<Row>({
  columns,
  sorting,
  onSort,
}: {
  readonly columns: readonly TableColumn<Row>[];
  readonly sorting: { readonly id: string; readonly desc: boolean } | undefined;
  readonly onSort: (id: string) => void;
}) {
  return (
    <thead>
      <tr>
        {columns.map(column => {
          const direction = sorting?.id === column.id ? (sorting.desc ? 'descending' : 'ascending') : 'none';
          return (
            <th key={column.id} scope="col" aria-sort={direction} data-align={column.align}>
              <button type="button" className="co-sort" onClick={() => onSort(column.id)}>
                {column.header}
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
