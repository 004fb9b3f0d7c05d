import type { ChartLine } from '../../components/charts/time-chart.tsx';

/** An error over stretches of time as a line: of what is tested solid, of a baseline dashed and grey. */
export function errorLine<Stretch extends { readonly at: number }>(
  label: string,
  timeline: readonly Stretch[],
  pick: (stretch: Stretch) => number,
  isBaseline = false,
): ChartLine {
  return {
    label,
    timesMs: timeline.map(({ at }) => at),
    values: timeline.map(pick),
    colour: isBaseline ? '--co-unknown' : '--co-spot',
    style: isBaseline ? 'dashed' : 'solid',
    shape: 'line',
  };
}
