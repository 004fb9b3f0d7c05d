import { useMemo } from 'react';
import type { UsageDay } from '../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import { type ChartLine, TimeChart } from '../../components/charts/time-chart.tsx';

const UNITS = { cpu: { before: '', after: ' m' }, memory: { before: '', after: ' MiB' } };
const BAND = { upper: 1, lower: 0, colour: '--co-spot' };
const MIB = 2 ** 20;

/** Percentiles of each day as steps, with what is asked for now and what should be. Days without samples are gaps. */
export function UsageChart({
  days,
  resource,
  now,
  next,
}: {
  readonly days: readonly UsageDay[];
  readonly resource: 'cpu' | 'memory';
  readonly now: number | null;
  readonly next: number | null;
}) {
  const lines = useMemo(() => linesOf(days, resource, now, next), [days, resource, now, next]);
  const name = resource === 'cpu' ? 'CPU' : 'Memory';
  return (
    <TimeChart
      label={`${name} used on each day: middle, 95th percentile and largest, against what is asked for`}
      lines={lines}
      unit={UNITS[resource]}
      between={BAND}
      height={240}
      fromZero
    />
  );
}

function linesOf(
  days: readonly UsageDay[],
  resource: 'cpu' | 'memory',
  now: number | null,
  next: number | null,
): ChartLine[] {
  const unit = resource === 'cpu' ? 1 : MIB;
  const timesMs: number[] = [];
  const bands: (UsageDay['cpuMilli'] | null)[] = [];
  days.forEach((day, index) => {
    timesMs.push(day.at);
    bands.push(resource === 'cpu' ? day.cpuMilli : day.memoryBytes);
    // A day lasts until its end, and a day that is missing is a gap.
    if (days[index + 1]?.at === day.at + MS_PER_DAY) return;
    timesMs.push(day.at + MS_PER_DAY - 1, day.at + MS_PER_DAY);
    bands.push(bands.at(-1) ?? null, null);
  });
  const line = (label: string, of: 'p50' | 'p95' | 'max', style: ChartLine['style']): ChartLine => ({
    label,
    timesMs,
    values: bands.map(band => (band ? band[of] / unit : null)),
    colour: '--co-spot',
    style,
    shape: 'step',
  });
  const level = (label: string, value: number, colour: string): ChartLine => ({
    label,
    timesMs,
    values: timesMs.map(() => value / unit),
    colour,
    style: 'dashed',
    shape: 'line',
  });
  return [
    line('Middle', 'p50', 'thin'),
    line('95th percentile', 'p95', 'solid'),
    line('Largest', 'max', 'thin'),
    ...(now === null ? [] : [level('Asked for now', now, '--co-muted')]),
    ...(next === null || next === now ? [] : [level('Recommended', next, '--co-saving')]),
  ];
}
