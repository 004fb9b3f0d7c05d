import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import { api, type Model, type Prediction, type PricePoint } from '../../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { USD_PER_HOUR } from '../../components/charts/price-chart.tsx';
import { priceSteps } from '../../components/charts/price-steps.ts';
import { type ChartLine, TimeChart } from '../../components/charts/time-chart.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { useNow } from '../../components/now.ts';
import { PoolPicker } from '../../components/pool-picker.tsx';
import { useRead } from '../../connection/use-call.ts';

const DAYS_SHOWN = 10;

/** One pool: what happened, what the model said for it, what persistence said. */
export function ForecastPicture({
  model,
  madeAt,
}: {
  readonly model: Model;
  readonly madeAt: number | null;
}) {
  const [search, setSearch] = useSearchParams();
  const region = model.manifest.scope.regions[0];
  const scopeTypes = model.manifest.scope.instanceTypes;
  const pools = useRead(api.market.listPools, { query: { ...(region ? { region } : {}), limit: 2_000 } });
  const known = (pools.data?.pools ?? []).filter(
    ({ instanceType }) => scopeTypes.length === 0 || scopeTypes.includes(instanceType),
  );
  // The pool with the most records is the one whose price moves: there a forecast shows what it can.
  const liveliest = known.toSorted((a, b) => b.records - a.records)[0];
  const pool = search.get('pool') ?? liveliest?.pool;
  if (pools.error) return <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />;
  if (pools.data === undefined) return <LoadingRows rows={7} />;
  if (pool === undefined)
    return (
      <EmptyState
        title="No prices on disk"
        text="Predictions start from prices: fill the gap of the model first."
        action={<Link href="/models">Fill the gap</Link>}
      />
    );
  return (
    <div style={{ display: 'grid', gap: 14 }}>
      <PoolPicker pools={known} value={pool} onChange={next => setSearch({ model: model.id, pool: next })} />
      <PoolPicture model={model} pool={pool} madeAt={madeAt} />
    </div>
  );
}

function PoolPicture({
  model,
  pool,
  madeAt,
}: {
  readonly model: Model;
  readonly pool: string;
  readonly madeAt: number | null;
}) {
  const nowMs = useNow(MS_PER_HOUR / 12);
  const horizonMs = model.manifest.horizonHours * MS_PER_HOUR;
  const query = { pool, fromMs: nowMs - DAYS_SHOWN * MS_PER_DAY, toMs: nowMs + horizonMs };
  const series = useRead(api.forecasts.forecastSeries, { params: { model: model.id }, query });
  if (series.error) return <ErrorState error={series.error} onRetry={() => void series.refetch()} />;
  if (series.data === undefined) return <LoadingRows rows={7} />;
  return (
    <Picture
      key={madeAt}
      actual={series.data.actual}
      predictions={series.data.predictions}
      nowMs={nowMs}
      horizonHours={model.manifest.horizonHours}
    />
  );
}

function Picture(props: {
  readonly actual: readonly PricePoint[];
  readonly predictions: readonly Prediction[];
  readonly nowMs: number;
  readonly horizonHours: number;
}) {
  const { actual, predictions, nowMs, horizonHours } = props;
  const lines = useMemo<ChartLine[]>(() => {
    const sorted = predictions.toSorted((a, b) => a.forMs - b.forMs);
    const timesMs = sorted.map(({ forMs }) => forMs);
    return [
      {
        label: 'Persistence (the last price stays)',
        timesMs,
        values: sorted.map(each => each.persistenceMicroUsdPerHour / 1e6),
        colour: '--co-unknown',
        style: 'thin',
        shape: 'line',
      },
      {
        label: `Predicted ${horizonHours} h ahead`,
        timesMs,
        values: sorted.map(each => each.priceMicroUsdPerHour / 1e6),
        colour: '--co-spot',
        style: 'dashed',
        shape: sorted.length < 3 ? 'points' : 'line',
      },
      {
        label: 'What happened',
        ...priceSteps(actual, [], nowMs),
        colour: '--co-spot',
        style: 'solid',
        shape: 'step',
      },
    ];
  }, [actual, predictions, nowMs, horizonHours]);
  return (
    <>
      <TimeChart
        label="Actual, predicted and persistence price over time"
        lines={lines}
        unit={USD_PER_HOUR}
        nowMs={nowMs}
        height={330}
      />
      {predictions.length === 0 ? (
        <Text c="dimmed">No prediction for this pool in this time. “Predict and compare” makes them.</Text>
      ) : null}
    </>
  );
}
