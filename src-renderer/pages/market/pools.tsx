import { SegmentedControl } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { api, type PoolSummary } from '../../../common/contracts/index.ts';
import { MS_PER_DAY, parsePoolKey } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import { PriceChart } from '../../components/charts/price-chart.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { useNow } from '../../components/now.ts';
import { formatShare } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { UnknownText } from '../../components/unknown-text.tsx';
import { useRead } from '../../connection/use-call.ts';

const NO_ON_DEMAND = 'The catalog has no on-demand price for this type in this region.';

const columns: readonly TableColumn<PoolSummary>[] = [
  { id: 'type', header: 'Instance type', value: pool => pool.instanceType },
  { id: 'zone', header: 'Zone', value: pool => pool.availabilityZone },
  { id: 'product', header: 'Product', value: pool => pool.product, hidden: true },
  {
    id: 'price',
    header: 'Spot price',
    align: 'right',
    value: pool => pool.lastPriceMicroUsdPerHour,
    cell: pool => <MoneyText value={pool.lastPriceMicroUsdPerHour} per="hour" />,
  },
  {
    id: 'on-demand',
    header: 'On-demand',
    align: 'right',
    value: pool => pool.onDemandMicroUsdPerHour,
    cell: pool => <MoneyText value={pool.onDemandMicroUsdPerHour} per="hour" unknown={NO_ON_DEMAND} />,
  },
  {
    id: 'saving',
    header: 'Below on-demand',
    align: 'right',
    value: savingShare,
    cell: pool => {
      const share = savingShare(pool);
      return share === null ? <UnknownText reason={NO_ON_DEMAND} /> : formatShare(share);
    },
  },
  { id: 'records', header: 'Records', align: 'right', value: pool => pool.records },
  {
    id: 'at',
    header: 'Last change',
    value: pool => pool.lastPriceAt,
    cell: pool => <RelativeTime at={pool.lastPriceAt} />,
  },
];

/** All pools on disk; one opens with its price history. */
export function Pools() {
  const [search, setSearch] = useSearchParams();
  const pools = useRead(api.market.listPools, { query: { limit: 10_000 } }, { refetchMs: 60_000 });
  const open = search.get('pool') ?? undefined;
  return (
    <Card title="Pools" padded={false}>
      {pools.error ? (
        <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />
      ) : pools.data === undefined ? (
        <LoadingRows rows={8} />
      ) : (
        <DataTable
          label="Pools"
          rows={pools.data.pools}
          rowKey={({ pool }) => pool}
          columns={columns}
          initialSort={{ id: 'type', desc: false }}
          currentKey={open}
          onOpen={({ pool }) => setSearch({ pool })}
          maxHeight="calc(100vh - 330px)"
          empty={
            <EmptyState
              icon={<IconTimeline size={34} stroke={1.4} />}
              title="No prices on disk"
              text="Prices come from EC2 by filling the gap of a model, or from an archive: cloudoptim market import FILE."
              action={<Link href="/models">Fill the gap of a model</Link>}
            />
          }
        />
      )}
      <PoolDrawer pool={open} onClose={() => setSearch({})} />
    </Card>
  );
}

const SPANS: Record<string, number> = { '7 days': 7, '30 days': 30, '90 days': 90 };

function PoolDrawer({ pool, onClose }: { readonly pool: string | undefined; readonly onClose: () => void }) {
  const [span, setSpan] = useState('7 days');
  const parts = pool === undefined ? undefined : parsePoolKey(pool);
  const title = parts ? `${parts.instanceType} in ${parts.availabilityZone}, ${parts.product}` : 'Pool';
  return (
    <DetailDrawer isOpen={pool !== undefined} onClose={onClose} title={title}>
      <SegmentedControl
        size="xs"
        aria-label="Time shown"
        value={span}
        onChange={setSpan}
        data={Object.keys(SPANS)}
        style={{ alignSelf: 'flex-start' }}
      />
      {pool === undefined ? null : <History pool={pool} days={SPANS[span] ?? 7} />}
    </DetailDrawer>
  );
}

function History({ pool, days }: { readonly pool: string; readonly days: number }) {
  const nowMs = useNow(300_000);
  const query = { pool, fromMs: nowMs - days * MS_PER_DAY, toMs: nowMs };
  const history = useRead(api.market.priceHistory, { query }, { keepLast: true });
  if (history.error) return <ErrorState error={history.error} onRetry={() => void history.refetch()} />;
  if (history.data === undefined) return <LoadingRows rows={6} />;
  const { points, holes } = history.data;
  return <PriceChart label={`Spot price of ${pool}`} points={points} holes={holes} toMs={nowMs} />;
}

function savingShare(pool: PoolSummary): number | null {
  const full = pool.onDemandMicroUsdPerHour;
  return full === null || full === 0 ? null : 1 - pool.lastPriceMicroUsdPerHour / full;
}
