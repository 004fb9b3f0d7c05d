import { Select, Text } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import {
  api,
  type ForecastSummary,
  type Model,
  type PoolForecastLine,
} from '../../../../common/contracts/index.ts';
import { parsePoolKey } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Figures } from '../../../components/figures.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { moneyText } from '../../../components/money-text.tsx';
import { useRead } from '../../../connection/use-call.ts';
import { FreshnessLine } from '../verdict-line.tsx';
import { changeOf, priceColumns } from './pool-columns.tsx';
import { priceFigures } from './price-figures.ts';

// Figures and the table are there before the chart.
const ForecastChart = lazy(() => import('./forecast-chart.tsx').then(m => ({ default: m.ForecastChart })));

/** Prices that a model predicts: figures, one pool drawn, all pools in a table. */
export function PriceForecast({
  model,
  summary,
}: {
  readonly model: Model;
  readonly summary: ForecastSummary | undefined;
}) {
  const [search, setSearch] = useSearchParams();
  const pools = useRead(api.forecasts.forecastPools, { params: { model: model.id } });
  const lines = pools.data?.pools ?? [];
  const pool = search.get('pool') ?? liveliest(lines)?.pool;
  const choose = (next: string) => setSearch({ model: model.id, pool: next });
  const band = summary?.evaluation?.band;
  const hasBand = lines.some(({ quantiles }) => quantiles.length > 1);
  const columns = useMemo(() => priceColumns(hasBand), [hasBand]);
  return (
    <>
      <Figures figures={priceFigures(summary)} />
      <Card
        title="Forecast against what happened"
        aside={
          <>
            <FreshnessLine summary={summary} />
            {lines.length === 0 || pool === undefined ? null : (
              <PoolSelect lines={lines} value={pool} onChange={choose} />
            )}
          </>
        }
      >
        {pools.error ? (
          <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />
        ) : pools.data === undefined ? (
          <LoadingRows rows={7} />
        ) : pool === undefined ? (
          <EmptyState
            icon={<IconChartLine size={34} stroke={1.4} />}
            title="No prediction yet"
            text="Predictions start from prices: fill the gap of the model, then “Predict and compare”."
            action={<Link href={`/models/${model.id}`}>Fill the gap</Link>}
          />
        ) : (
          <Suspense fallback={<LoadingRows rows={7} />}>
            <ForecastChart model={model} pool={pool} />
          </Suspense>
        )}
        {band ? (
          <Text size="sm" c="dimmed" mt={10}>
            {band.sentence}
            {band.crossed > 0
              ? ` ${band.crossed.toLocaleString('en-US')} of them were out of order and were sorted.`
              : ''}
          </Text>
        ) : null}
      </Card>
      {lines.length === 0 ? null : (
        <Card title="Pools" padded={false}>
          <DataTable
            label="Forecasts by pool"
            rows={lines}
            rowKey={line => line.pool}
            columns={columns}
            initialSort={{ id: 'change', desc: true }}
            currentKey={pool}
            onOpen={line => {
              choose(line.pool);
              document.querySelector('main')?.scrollTo({ top: 0 });
              window.scrollTo({ top: 0 });
            }}
          />
        </Card>
      )}
    </>
  );
}

/** The pool that is expected to move most: there a forecast shows what it can. */
function liveliest(lines: readonly PoolForecastLine[]): PoolForecastLine | undefined {
  return lines.toSorted((a, b) => Math.abs(changeOf(b) ?? 0) - Math.abs(changeOf(a) ?? 0))[0];
}

function PoolSelect(props: {
  readonly lines: readonly PoolForecastLine[];
  readonly value: string;
  readonly onChange: (pool: string) => void;
}) {
  const { lines, value, onChange } = props;
  return (
    <Select
      aria-label="Pool"
      size="xs"
      w={320}
      searchable
      allowDeselect={false}
      limit={60}
      value={value}
      onChange={next => next !== null && onChange(next)}
      nothingFoundMessage="No pool with a prediction matches."
      data={lines.map(line => {
        const parts = parsePoolKey(line.pool);
        const where = parts ? `${parts.instanceType} in ${parts.availabilityZone}` : line.pool;
        const product = parts && parts.product !== 'Linux/UNIX' ? `, ${parts.product}` : '';
        return {
          value: line.pool,
          label: `${where}${product}, ${moneyText(line.predictedMicroUsdPerHour, 'hour')}`,
        };
      })}
    />
  );
}
