import { Button, Group, Text } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { MOST_POOLS_AT_ONCE } from '../../../../common/contracts/index.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted, formatCount } from '../../../components/number-text.ts';
import { historyPath } from '../history/history-address.ts';
import { NoPrices } from '../no-prices.tsx';
import { poolColumns } from './pool-columns.tsx';
import { filterFromSearch, fitsFilter } from './pool-filter.ts';
import { poolName } from './pool-rows.ts';
import { usePoolRows } from './use-pool-rows.ts';

// The table is there before its filters: they bring lists and number fields along.
const PoolFilters = lazy(() => import('./pool-filters.tsx').then(m => ({ default: m.PoolFilters })));
// It brings the chart along.
const PoolDrawer = lazy(() => import('./pool-drawer.tsx').then(m => ({ default: m.PoolDrawer })));

/** Room for the filters, so that nothing jumps when they come; one line of them at usual widths. */
const FILTERS_HEIGHT = 59;

interface PoolsTabProps {
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly onFill: () => void;
}

/** All pools: find, compare, choose some and look at their history. */
export function PoolsTab({ chosen, onChoose, onFill }: PoolsTabProps) {
  const [search, setSearch] = useSearchParams();
  const [, go] = useLocation();
  const { table, rows } = usePoolRows();
  const filterText = filterKey(search);
  const found = useMemo(() => {
    const filter = filterFromSearch(new URLSearchParams(filterText));
    return rows?.filter(row => fitsFilter(row, filter));
  }, [rows, filterText]);
  const columns = useMemo(
    () =>
      poolColumns({
        products: (table.data?.products.length ?? 0) > 1,
        commitments: rows?.some(row => row.effective !== row.onDemand) ?? false,
      }),
    [table.data, rows],
  );
  if (table.error && !rows)
    return (
      <div className="co-card" style={{ padding: 16 }}>
        <ErrorState error={table.error} onRetry={() => void table.refetch()} />
      </div>
    );
  if (rows === undefined || found === undefined)
    return (
      <div className="co-card">
        <LoadingRows rows={10} />
      </div>
    );
  if (rows.length === 0) return <NoPrices onFill={onFill} />;
  const open = search.get('pool');
  const openPool = (pool: string | null) =>
    setSearch(before => {
      const next = new URLSearchParams(before);
      if (pool === null) next.delete('pool');
      else next.set('pool', pool);
      return next;
    });
  return (
    <section className="co-card" aria-label="Pools">
      <Suspense fallback={<div style={{ height: FILTERS_HEIGHT }} />}>
        <PoolFilters rows={rows} />
      </Suspense>
      <DataTable
        label="Pools"
        rows={found}
        rowKey={({ key }) => key}
        columns={columns}
        initialSort={{ id: 'type', desc: false }}
        currentKey={open ?? undefined}
        onOpen={({ key }) => openPool(key)}
        maxHeight="calc(100vh - 330px)"
        isDense
        choice={{ chosen, onChange: onChoose, labelOf: row => `Choose ${poolName(row)}` }}
        before={
          chosen.size === 0 ? null : (
            <ChosenBar
              count={chosen.size}
              onShow={() => go(historyPath({ pools: [...chosen] }))}
              onClear={() => onChoose(new Set())}
            />
          )
        }
      />
      <Suspense fallback={null}>
        {open === null ? null : (
          <PoolDrawer
            row={rows.find(({ key }) => key === open)}
            wanted={open}
            onClose={() => openPool(null)}
          />
        )}
      </Suspense>
    </section>
  );
}

function ChosenBar(props: {
  readonly count: number;
  readonly onShow: () => void;
  readonly onClear: () => void;
}) {
  const { count, onShow, onClear } = props;
  const tooMany = count > MOST_POOLS_AT_ONCE;
  return (
    <Group gap={8} wrap="nowrap">
      <Button
        size="xs"
        leftSection={<IconChartLine size={15} aria-hidden />}
        onClick={onShow}
        disabled={tooMany}
      >
        History of {counted(count, 'pool')}
      </Button>
      <Button size="xs" variant="subtle" onClick={onClear}>
        Choose none
      </Button>
      {tooMany ? (
        <Text size="sm" c="dimmed">
          at most {formatCount(MOST_POOLS_AT_ONCE)} at once
        </Text>
      ) : null}
    </Group>
  );
}

/** The part of the address that filters, so that opening a pool filters nothing anew. */
function filterKey(search: URLSearchParams): string {
  const rest = new URLSearchParams(search);
  rest.delete('pool');
  return rest.toString();
}
