import { SimpleGrid, Stack } from '@mantine/core';
import { IconServerOff } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { api, type ForecastSummary, type Model } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Figures } from '../../../components/figures.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { BaselineTable, CalibrationTable } from '../../../components/risk/baseline-table.tsx';
import { CalibrationChart } from '../../../components/risk/calibration-chart.tsx';
import { useRead } from '../../../connection/use-call.ts';
import { FreshnessLine } from '../verdict-line.tsx';
import { riskColumns } from './risk-columns.tsx';
import { riskFigures } from './risk-figures.ts';

/** Probabilities of interruption: figures, calibration, all pools in a table. */
export function RiskForecast({
  model,
  summary,
}: {
  readonly model: Model;
  readonly summary: ForecastSummary | undefined;
}) {
  const pools = useRead(api.forecasts.riskPools, { params: { model: model.id } });
  const risk = summary?.risk;
  const bins = useMemo(
    () =>
      risk?.calibration.map(({ nodes, interrupted, ...bin }) => ({
        ...bin,
        count: nodes,
        happened: interrupted,
      })) ?? [],
    [risk],
  );
  const { horizonHours } = model.manifest;
  const columns = useMemo(() => riskColumns(horizonHours), [horizonHours]);
  return (
    <>
      <Figures figures={riskFigures(summary)} />
      <Card title="Calibration" aside={<FreshnessLine summary={summary} />}>
        {summary === undefined ? (
          <LoadingRows rows={7} />
        ) : risk ? (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
            <CalibrationChart bins={bins} what={['node and time', 'nodes and times']} />
            <Stack gap="lg" miw={0} style={{ overflowX: 'auto' }}>
              <BaselineTable risk={risk} />
              <CalibrationTable bins={bins} />
            </Stack>
          </SimpleGrid>
        ) : (
          <EmptyState
            icon={<IconServerOff size={34} stroke={1.4} />}
            title="Nothing to compare with yet"
            text="Probabilities are held against what becomes of Spot nodes: connected clusters report them, and a horizon has to pass. Until then the advisor's band serves."
            action={<Link href="/clusters">Go to the clusters</Link>}
          />
        )}
      </Card>
      <Card title="Pools" padded={false}>
        {pools.error ? (
          <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />
        ) : pools.data === undefined ? (
          <LoadingRows rows={8} />
        ) : (
          <DataTable
            label="Interruption risk by pool"
            rows={pools.data.pools}
            rowKey={line => line.pool}
            columns={columns}
            initialSort={{ id: 'probability', desc: true }}
            empty={
              <EmptyState
                title="No prediction yet"
                text="Predictions start from prices: fill the gap of the model, then “Predict and compare”."
                action={<Link href={`/models/${model.id}`}>Fill the gap</Link>}
              />
            }
          />
        )}
      </Card>
    </>
  );
}
