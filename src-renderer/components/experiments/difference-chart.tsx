import { useMemo } from 'react';
import type { ExperimentResult } from '../../../common/contracts/index.ts';
import { type ChartLine, TimeChart } from '../charts/time-chart.tsx';

const PERCENT = { before: '', after: ' %' };
/** The lines between which the band lies, by their place below. */
const BAND = { upper: 1, lower: 2, colour: '--co-spot', percent: 10 };

/** How much the challenger is better over time, with the band in which the truth lies. Above zero it is better. */
export function DifferenceChart(props: {
  readonly series: ExperimentResult['series'];
  /** What is drawn, a share: `Error that the challenger saves`. */
  readonly what: string;
  /** What it is a share of: `the price`. */
  readonly of: string;
}) {
  const { series, what, of } = props;
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
        label: `${what}, in % of ${of}`,
        timesMs,
        values: series.map(({ mean }) => percent(mean)),
        colour: '--co-spot',
        style: 'solid',
        shape: series.length < 3 ? 'points' : 'line',
      },
    ];
  }, [series, what, of]);
  return (
    <TimeChart
      label={`${what} over time with its confidence band; above zero the challenger is better`}
      lines={lines}
      unit={PERCENT}
      between={BAND}
      height={280}
    />
  );
}
