import { type ChartLine, TimeChart } from '../../components/charts/time-chart.tsx';

/** Errors over stretches of time: the model and what it is held against, on the same points. */
export function TimelineChart({
  label,
  lines,
  unit,
}: {
  readonly label: string;
  readonly lines: readonly ChartLine[];
  readonly unit: { readonly before: string; readonly after: string };
}) {
  return <TimeChart label={label} lines={lines} unit={unit} height={260} fromZero />;
}
