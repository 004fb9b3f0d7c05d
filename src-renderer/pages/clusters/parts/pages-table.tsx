import type { UseQueryResult } from '@tanstack/react-query';
import type { RowData } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import { DataTable } from '../../../components/data-table.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import type { ApiError } from '../../../connection/api-error.ts';

/** A table of rows that come page by page: what comes, what went wrong, and what was read before it did. */
export function PagesTable<Row extends RowData>(props: {
  readonly label: string;
  readonly read: UseQueryResult<Row[], ApiError>;
  readonly rowKey: (row: Row) => string;
  readonly columns: readonly TableColumn<Row>[];
  readonly sort: { readonly id: string; readonly desc: boolean };
  readonly onOpen?: (row: Row) => void;
  readonly currentKey?: string | undefined;
  readonly empty: ReactNode;
}) {
  const { read, sort, onOpen, ...table } = props;
  const problem = read.error ? (
    <div style={{ padding: 16 }}>
      <ErrorState error={read.error} onRetry={() => void read.refetch()} />
    </div>
  ) : null;
  if (!read.data) return problem ?? <LoadingRows rows={8} />;
  return (
    <>
      {problem}
      <DataTable {...table} isDense rows={read.data} initialSort={sort} {...(onOpen ? { onOpen } : {})} />
    </>
  );
}
