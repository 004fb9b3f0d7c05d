import { SegmentedControl, Text } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import type { ChartLine } from '../../components/charts/time-chart.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { useRead } from '../../connection/use-call.ts';
import { savedSteps } from './saved-steps.ts';
import type { SavingsRange } from './savings-range.ts';

const CostChart = lazy(() =>
  import('../../components/charts/cost-chart.tsx').then(m => ({ default: m.CostChart })),
);
const TimeChart = lazy(() =>
  import('../../components/charts/time-chart.tsx').then(m => ({ default: m.TimeChart })),
);

const USD = { before: '$', after: '' };
const REFRESH_MS = 30_000;

/** Two pictures of the same time: what was saved beside what was promised, and what it cost. */
export function SavingsPictures({ range }: { readonly range: SavingsRange }) {
  const [picture, setPicture] = useState('Saved');
  return (
    <Card
      title={picture === 'Saved' ? 'Predicted against realized' : 'Cost over time'}
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Picture"
          value={picture}
          onChange={setPicture}
          data={[
            { value: 'Saved', label: 'Saved' },
            { value: 'Cost', label: 'Cost per hour' },
          ]}
        />
      }
    >
      {picture === 'Saved' ? <SavedOverTime range={range} /> : <CostOverTime range={range} />}
    </Card>
  );
}

function SavedOverTime({ range }: { readonly range: SavingsRange }) {
  const groupBy = range.span === '90 days' ? 'day' : 'hour';
  const { data, error, refetch } = useRead(
    api.savings.report,
    { query: { ...range.query, groupBy } },
    { keepLast: true, refetchMs: REFRESH_MS },
  );
  const lines = useMemo<ChartLine[]>(() => {
    const { timesMs, realized, predicted } = savedSteps(
      data?.rows ?? [],
      data?.groupBy === 'hour' ? MS_PER_HOUR : MS_PER_DAY,
      data?.toMs ?? 0,
    );
    return [
      {
        label: 'Predicted',
        timesMs,
        values: predicted,
        colour: '--co-saving',
        style: 'dashed',
        shape: 'line',
      },
      { label: 'Realized', timesMs, values: realized, colour: '--co-saving', style: 'solid', shape: 'line' },
    ];
  }, [data]);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <LoadingRows rows={6} />;
  if (data.rows.length === 0) return <Nothing text="No plan was carried out in this time." />;
  return (
    <Suspense fallback={<LoadingRows rows={6} />}>
      <TimeChart
        label="Savings added up over time, realized and predicted"
        lines={lines}
        unit={USD}
        height={240}
      />
    </Suspense>
  );
}

function CostOverTime({ range }: { readonly range: SavingsRange }) {
  // To the end of this minute: the newest sample lies in it.
  const query = { fromMs: range.fromMs, toMs: range.nowMs + 60_000 };
  const history = useRead(api.savings.costHistory, { query }, { keepLast: true });
  const points = history.data?.points;
  if (history.error) return <ErrorState error={history.error} onRetry={() => void history.refetch()} />;
  if (points === undefined) return <LoadingRows rows={6} />;
  if (points.length < 2)
    return <Nothing text="No history in this time yet; it grows while clusters are connected." />;
  return (
    <>
      <Suspense fallback={<LoadingRows rows={6} />}>
        <CostChart points={points} height={240} />
      </Suspense>
      {range.clusterId === undefined ? null : (
        <Text size="sm" c="dimmed">
          Of all clusters together, whatever the scope.
        </Text>
      )}
    </>
  );
}

function Nothing({ text }: { readonly text: string }) {
  return (
    <Text c="dimmed" ta="center" py="xl">
      {text}
    </Text>
  );
}
