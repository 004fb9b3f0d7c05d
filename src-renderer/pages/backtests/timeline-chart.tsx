import { useMemo } from 'react';
import type { BacktestReport } from '../../../common/contracts/index.ts';
import { type ChartLine, TimeChart } from '../../components/charts/time-chart.tsx';

const USD_PER_HOUR = { before: '$', after: '/h' };

/** Mean errors over stretches of time: the model beside persistence on the same points. */
export function TimelineChart({ report }: { readonly report: BacktestReport }) {
  const lines = useMemo<ChartLine[]>(() => {
    const timesMs = report.timeline.map(({ at }) => at);
    return [
      {
        label: 'Persistence',
        timesMs,
        values: report.timeline.map(({ baselineMae }) => baselineMae),
        colour: '--co-unknown',
        style: 'dashed',
        shape: 'line',
      },
      {
        label: report.model,
        timesMs,
        values: report.timeline.map(({ mae }) => mae),
        colour: '--co-spot',
        style: 'solid',
        shape: 'line',
      },
    ];
  }, [report]);
  return (
    <TimeChart
      label="Mean absolute error of the model and of persistence over time"
      lines={lines}
      unit={USD_PER_HOUR}
      height={260}
      fromZero
    />
  );
}
