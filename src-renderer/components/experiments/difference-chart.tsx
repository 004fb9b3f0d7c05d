import { useMemo } from 'react';
import type { ExperimentResult } from '../../../../common/contracts/index.ts';
import { type ChartLine, TimeChart } from '../../../components/charts/time-chart.tsx';

const PERCENT = { before: '', after: ' %' };
/** The lines between which the band lies, by their place below. */
const BAND = { upper: 1, lower: 2, colour: '--co-spot', percent: 10 };

/** How much the challenger is better over time, with the band in which the truth lies. Above zero it is better. */
export function ExperimentChart({ series }: { readonly series: ExperimentResult['series'] }) {
  const lines = useMemo<ChartLine[]>(() => {
    const timesMs = series.map(({ atMs }) => atMs);
    const percent = (value: number | null) => (value === null ? null : 100 * value);
    return [
      {
        label: 'No difference',
        timesMs,
        values: series.map(() => 0),
        colour: '--co-unknown',
        style: 'thin',
        shape: 'line',
      },
      {
        label: 'At most',
        timesMs,
        values: series.map(({ upper }) => percent(upper)),
        colour: '--co-spot',
        style: 'thin',
        shape: 'line',
      },
      {
        label: 'At least',
        timesMs,
        values: series.map(({ lower }) => percent(lower)),
        colour: '--co-spot',
        style: 'thin',
        shape: 'line',
      },
      {
        label: 'Error that the challenger saves, in % of the price',
        timesMs,
        values: series.map(({ mean }) => percent(mean)),
        colour: '--co-spot',
        style: 'solid',
        shape: series.length < 3 ? 'points' : 'line',
      },
    ];
  }, [series]);
  return (
    <TimeChart
      label="Error that the challenger saves over time with its confidence band; above zero the challenger is better"
      lines={lines}
      unit={PERCENT}
      between={BAND}
      height={280}
    />
  );
}
