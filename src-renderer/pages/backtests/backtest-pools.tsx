import { api, type BacktestPoolRow, type RiskBacktestPoolRow } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { formatPercent, threeDigits } from '../../components/number-text.ts';
import type { TableColumn } from '../../components/table-columns.ts';
import { useRead } from '../../connection/use-call.ts';
import { RISK_POOL_COLUMNS } from './risk-pool-columns.ts';

/** How a model did on each pool. */
export function BacktestPools({ jobId }: { readonly jobId: string }) {
  const read = useRead(api.backtests.listBacktestPools, { params: { job: jobId } });
  return (
    <Card title="Pools" padded={false}>
      {read.error ? (
        <ErrorState error={read.error} onRetry={() => void read.refetch()} />
      ) : read.data === undefined ? (
        <LoadingRows rows={8} />
      ) : (
        <PoolTable pools={read.data.pools} riskPools={read.data.riskPools} />
      )}
    </Card>
  );
}

function PoolTable({
  pools,
  riskPools,
}: {
  readonly pools: readonly BacktestPoolRow[];
  readonly riskPools: readonly RiskBacktestPoolRow[];
}) {
  const options = { label: 'Pools of the test', isDense: true } as const;
  return riskPools.length > 0 ? (
    <DataTable {...options} rows={riskPools} rowKey={row => row.pool} columns={RISK_POOL_COLUMNS} />
  ) : (
    <DataTable {...options} rows={pools} rowKey={row => row.pool} columns={COLUMNS} />
  );
}

const usd = (value: number | null) => (value === null ? 'unknown' : `$${threeDigits(value)}`);

const COLUMNS: readonly TableColumn<BacktestPoolRow>[] = [
  { id: 'pool', header: 'Pool', grows: true, value: row => row.pool },
  { id: 'points', header: 'Points', align: 'right', value: row => row.points },
  {
    id: 'mase',
    header: 'MASE',
    hint: 'Error / error of persistence on the same points; below 1 is better',
    align: 'right',
    value: row => row.mase,
    cell: row => (row.mase === null ? 'unknown' : threeDigits(row.mase)),
  },
  {
    id: 'mae',
    header: 'Error, $/h',
    csvHeader: 'mae_usd_per_hour',
    align: 'right',
    value: row => row.mae,
    cell: row => usd(row.mae),
  },
  {
    id: 'baseline',
    header: 'Persistence, $/h',
    csvHeader: 'baseline_mae_usd_per_hour',
    align: 'right',
    value: row => row.baselineMae,
    cell: row => usd(row.baselineMae),
  },
  {
    id: 'mape',
    header: 'MAPE',
    csvHeader: 'mape_percent',
    align: 'right',
    value: row => row.mape,
    cell: row => formatPercent(row.mape),
  },
  { id: 'changed', header: 'Changed points', align: 'right', value: row => row.changedPoints },
  {
    id: 'changedMae',
    header: 'Error there, $/h',
    csvHeader: 'changed_mae_usd_per_hour',
    align: 'right',
    value: row => row.changedMae,
    cell: row => usd(row.changedMae),
  },
];
