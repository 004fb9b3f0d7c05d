import { Text } from '@mantine/core';
import {
  type ColumnDef,
  columnVisibilityFeature,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import { DataTableRow } from './data-table-row.tsx';
import { DataTableTools } from './data-table-tools.tsx';
import { groupedRows } from './grouped-rows.ts';
import { formatCount } from './number-text.ts';
import { useRemembered } from './remembered.ts';
import { compareCells, matchesSearch, type TableColumn } from './table-columns.ts';
import { TableHeader } from './table-header.tsx';
import { type RowChoice, useRowChoice } from './use-row-choice.ts';

const ROW_HEIGHT = 42;
/** Below this many rows all are drawn: find-in-page and screen readers then see the whole table. */
const DRAW_ALL_BELOW = 60;

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
});

interface DataTableProps<Row extends RowData> {
  /** Accessible name; also the name of the exported file. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly columns: readonly TableColumn<Row>[];
  readonly initialSort?: { readonly id: string; readonly desc: boolean };
  /** Opens a row, by click or Enter. */
  readonly onOpen?: (row: Row) => void;
  readonly currentKey?: string | undefined;
  /** What stands there without rows. */
  readonly empty?: ReactNode;
  /** Search, choice of columns and CSV above the table; on unless a table is a mere extract. */
  readonly tools?: boolean;
  readonly maxHeight?: number | string;
  /** Less room between columns, where there are many. */
  readonly isDense?: boolean;
  /** Name of the group under whose heading a row stands. */
  readonly groupOf?: (row: Row) => string;
  /** A line in front of the tools. */
  readonly before?: ReactNode;
  /** Lets rows be chosen: by their box, by Space, and with Shift all from the one chosen before. */
  readonly choice?: RowChoice<Row>;
}

/** A table that sorts, searches, hides columns, exports CSV, moves by j and k, and draws only what is in sight. */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { label, rows, rowKey, columns, onOpen, groupOf, choice, tools = true, maxHeight = 560 } = props;
  const [search, setSearch] = useState('');
  const [sorting, setSorting] = useRemembered<SortingState>(
    `${label}.sorting`,
    props.initialSort ? [props.initialSort] : [],
  );
  const [columnVisibility, setVisibility] = useRemembered<Record<string, boolean>>(
    `${label}.columns`,
    Object.fromEntries(columns.map(column => [column.id, column.hidden !== true])),
  );
  const found = useMemo(
    () =>
      search.trim() === ''
        ? rows
        : rows.filter(row =>
            matchesSearch(
              columns.map(column => column.value(row)),
              search.trim(),
            ),
          ),
    [rows, columns, search],
  );
  const table = useTable({
    features,
    columns: useMemo(() => columnDefs(columns), [columns]),
    data: found as Row[],
    getRowId: rowKey,
    state: { sorting, columnVisibility },
    onSortingChange: updater => setSorting(typeof updater === 'function' ? updater(sorting) : updater),
    onColumnVisibilityChange: updater =>
      setVisibility(typeof updater === 'function' ? updater(columnVisibility) : updater),
    enableSortingRemoval: false,
  });
  const sorted = table.getRowModel().rows;
  const lines = groupedRows(sorted, groupOf && (({ original }) => groupOf(original as Row)));
  const scroll = useRef<HTMLDivElement>(null);
  const isVirtual = lines.length >= DRAW_ALL_BELOW;
  const virtual = useVirtualizer({
    count: isVirtual ? lines.length : 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const first = isVirtual ? (items[0]?.index ?? 0) : 0;
  const last = isVirtual ? (items.at(-1)?.index ?? -1) : lines.length - 1;
  const choose = useRowChoice(
    choice,
    sorted.map(({ id }) => id),
  );
  const latest = useRef(choose);
  latest.current = choose;
  const onToggle = useCallback((key: string, reaches: boolean) => latest.current?.toggle(key, reaches), []);
  const shown = useMemo(
    () => columns.filter(column => columnVisibility[column.id] !== false),
    [columns, columnVisibility],
  );
  const width = shown.length + (choice ? 1 : 0);
  const below = isVirtual ? (lines.length - 1 - last) * ROW_HEIGHT : 0;

  return (
    <div>
      {tools ? (
        <DataTableTools
          label={label}
          before={props.before}
          search={search}
          onSearch={setSearch}
          columns={columns}
          visibility={columnVisibility}
          onVisibility={setVisibility}
          count={found.length}
          total={rows.length}
          rowsForExport={() =>
            sorted.map(({ original }) => shown.map(column => column.value(original as Row)))
          }
          headersForExport={shown.map(column => column.csvHeader ?? column.header)}
        />
      ) : null}
      <section
        ref={scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        aria-label={`${label} table`}
        style={{ maxHeight, overflow: 'auto' }}
      >
        <table
          className="co-table"
          data-dense={props.isDense}
          aria-label={label}
          aria-rowcount={sorted.length + 1}
        >
          <TableHeader
            columns={shown}
            sorting={sorting[0]}
            onSort={id => table.getColumn(id)?.toggleSorting()}
            choice={choose && { ...choose.all, label: `Choose all ${label.toLowerCase()} that are found` }}
          />
          <tbody>
            {first > 0 ? <Spacer height={first * ROW_HEIGHT} columns={width} /> : null}
            {lines
              .slice(first, last + 1)
              .map(line =>
                line.kind === 'group' ? (
                  <GroupHeading key={line.name} name={line.name} count={line.count} columns={width} />
                ) : (
                  <DataTableRow
                    key={line.item.id}
                    row={line.item.original as Row}
                    index={line.index}
                    columns={shown}
                    isCurrent={line.item.id === props.currentKey}
                    onOpen={onOpen}
                    rowKey={line.item.id}
                    isChosen={choose?.isChosen(line.item.id)}
                    choiceLabel={choose?.labelOf(line.item.original as Row) ?? ''}
                    onToggle={onToggle}
                  />
                ),
              )}
            {below > 0 ? <Spacer height={below} columns={width} /> : null}
          </tbody>
        </table>
        {sorted.length > 0 ? null : search === '' ? (
          (props.empty ?? <Nothing text="Nothing here yet." />)
        ) : (
          <Nothing text={`Nothing matches “${search}”.`} />
        )}
      </section>
    </div>
  );
}

function columnDefs<Row extends RowData>(
  columns: readonly TableColumn<Row>[],
): ColumnDef<typeof features, Row>[] {
  return columns.map(({ id, header, value }) => ({
    id,
    header,
    // Unknown sorts last in both directions.
    accessorFn: row => value(row) ?? undefined,
    sortUndefined: 'last',
    sortFn: (a, b, columnId) => compareCells(a.getValue(columnId), b.getValue(columnId)),
  })) as ColumnDef<typeof features, Row>[];
}

function GroupHeading(props: { readonly name: string; readonly count: number; readonly columns: number }) {
  return (
    <tr className="co-group">
      <th scope="rowgroup" colSpan={props.columns}>
        {props.name}{' '}
        <Text span size="sm" c="dimmed">
          {formatCount(props.count)}
        </Text>
      </th>
    </tr>
  );
}

function Spacer({ height, columns }: { readonly height: number; readonly columns: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function Nothing({ text }: { readonly text: string }) {
  return (
    <Text c="dimmed" ta="center" py="lg">
      {text}
    </Text>
  );
}
