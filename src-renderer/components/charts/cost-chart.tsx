import { useMemo } from 'react';
import type { CostPoint } from '../../../common/contracts/index.ts';
import { USD_PER_HOUR } from './price-chart.tsx';
import { type ChartLine, TimeChart } from './time-chart.tsx';

const BETWEEN = { upper: 0, lower: 1, colour: '--co-saving' };

/** Cost over time: what would run without CloudOptim, what runs, and the saving as the area between. */
export function CostChart({
  points,
  height = 280,
}: {
  readonly points: readonly CostPoint[];
  readonly height?: number;
}) {
  const lines = useMemo<ChartLine[]>(() => {
    const timesMs = points.map(({ atMs }) => atMs);
    return [
      {
        label: 'Without CloudOptim',
        timesMs,
        values: points.map(point => point.counterfactualMicroUsdPerHour / 1e6),
        colour: '--co-unknown',
        style: 'thin',
        shape: 'step',
      },
      {
        label: 'Actual',
        timesMs,
        values: points.map(point => point.actualMicroUsdPerHour / 1e6),
        colour: '--co-saving',
        style: 'solid',
        shape: 'step',
      },
    ];
  }, [points]);
  return (
    <TimeChart
      label="Cost per hour over time, actual and without CloudOptim; the area between is the saving"
      lines={lines}
      unit={USD_PER_HOUR}
      between={BETWEEN}
      height={height}
      fromZero
    />
  );
}
