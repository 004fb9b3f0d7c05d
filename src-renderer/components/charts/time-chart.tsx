import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { cssColour } from '../css-colour.ts';
import { axisNumber, pointNumber } from './axis-number.ts';
import { axisTime } from './axis-time.ts';
import { futurePlugin } from './future-plugin.ts';
import { hoverPlugin } from './hover-plugin.ts';

/** A line over time. `values` belong to `timesMs` one by one; `null` is a hole, drawn as a gap. */
export interface ChartLine {
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
  /** Name of a colour of the theme: `--co-…`. */
  readonly colour: string;
  /** `edge` draws no line of its own and stands in no legend: it is the edge of what is tinted between. */
  readonly style: 'solid' | 'dashed' | 'thin' | 'dotted' | 'edge';
  /** `step` holds a value until the next one; `points` draws marks, too. */
  readonly shape: 'step' | 'line' | 'points';
}

const DASHES: Partial<Record<ChartLine['style'], number[]>> = { dashed: [7, 5], dotted: [2, 4] };

interface TimeChartProps {
  /** Accessible name: what the picture shows. */
  readonly label: string;
  readonly lines: readonly ChartLine[];
  /** In front of and behind values, e.g. `$` and `/h`. */
  readonly unit: { readonly before: string; readonly after: string };
  readonly nowMs?: number | undefined;
  /** Indices of two lines whose area between is tinted; `percent` of the colour, 16 unless told. */
  readonly between?:
    | {
        readonly upper: number;
        readonly lower: number;
        readonly colour: string;
        readonly percent?: number;
        /** What the legend calls it; without, it does not stand there. */
        readonly label?: string;
      }
    | undefined;
  readonly height?: number;
  readonly fromZero?: boolean;
}

/** Lines over time on a canvas, with what is under the pointer in words, a now line and a tinted future. */
export function TimeChart({ label, lines, unit, nowMs, between, height = 300, fromZero }: TimeChartProps) {
  const { ref, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('dark');
  const data = useMemo(() => alignLines(lines), [lines]);

  useEffect(() => {
    const element = holder.current;
    if (!element || width === 0) return;
    const colourOf = (name: string) => cssColour(name, scheme);
    const axis = {
      stroke: colourOf('--co-muted'),
      grid: { stroke: colourOf('--co-line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    const plot = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { points: { size: 7 }, drag: { x: true, y: false } },
        scales: {
          x: { time: true },
          y: fromZero === true ? { range: (_, _low, high) => [0, high * 1.08 || 1] } : { auto: true },
        },
        axes: [
          {
            ...axis,
            size: 34,
            values: (_, splits, _axis, _space, step) => splits.map(at => axisTime(at * 1000, step)),
          },
          {
            ...axis,
            size: 78,
            values: (_, splits, _axis, _space, step) =>
              splits.map(value => unit.before + axisNumber(value, step) + unit.after),
          },
        ],
        series: [{}, ...lines.map(line => seriesOf(line, colourOf))],
        bands: between
          ? [
              {
                series: [between.upper + 1, between.lower + 1],
                fill: `color-mix(in srgb, ${colourOf(between.colour)} ${between.percent ?? 16}%, transparent)`,
              },
            ]
          : [],
        plugins: [
          futurePlugin(nowMs, colourOf('--co-future'), colourOf('--co-muted')),
          hoverPlugin(value => unit.before + pointNumber(value) + unit.after),
        ],
      },
      data,
      element,
    );
    return () => plot.destroy();
  }, [data, lines, width, height, scheme, nowMs, unit, between, fromZero]);

  return (
    <div ref={ref}>
      <div ref={holder} role="img" aria-label={label} style={{ height, position: 'relative' }} />
      <div className="co-legend" style={{ marginTop: 6, paddingLeft: 12 }}>
        {lines
          .filter(({ style }) => style !== 'edge')
          .map(line => (
            <span key={line.label}>
              <LegendMark line={line} />
              {line.label}
            </span>
          ))}
        {between?.label === undefined ? null : (
          <span>
            <BandMark colour={between.colour} percent={between.percent ?? 16} />
            {between.label}
          </span>
        )}
      </div>
    </div>
  );
}

function BandMark({ colour, percent }: { readonly colour: string; readonly percent: number }) {
  const fill = `color-mix(in srgb, var(${colour}) ${percent}%, transparent)`;
  return (
    <svg width="26" height="12" aria-hidden="true">
      <rect
        x="1"
        y="1"
        width="24"
        height="10"
        rx="2"
        fill={fill}
        stroke={`var(${colour})`}
        strokeOpacity={0.35}
      />
    </svg>
  );
}

function LegendMark({ line }: { readonly line: ChartLine }) {
  return (
    <svg width="26" height="10" aria-hidden="true">
      <line
        x1="1"
        x2="25"
        y1="5"
        y2="5"
        stroke={`var(${line.colour})`}
        strokeWidth={line.style === 'thin' || line.style === 'dotted' ? 1.2 : 2.4}
        {...(line.style in DASHES ? { strokeDasharray: DASHES[line.style]?.join(' ') } : {})}
      />
    </svg>
  );
}

function seriesOf(line: ChartLine, colourOf: (name: string) => string): uPlot.Series {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    label: line.label,
    stroke: colourOf(line.colour),
    width: line.style === 'edge' ? 0 : line.style === 'thin' || line.style === 'dotted' ? 1.2 : 2,
    ...(line.style in DASHES ? { dash: DASHES[line.style] ?? [] } : {}),
    ...(line.shape === 'step' && stepped ? { paths: stepped } : {}),
    points: { show: line.shape === 'points', size: 5 },
    spanGaps: false,
  };
}

function alignLines(lines: readonly ChartLine[]): uPlot.AlignedData {
  if (lines.length === 0) return [[]];
  return uPlot.join(
    lines.map(({ timesMs, values }) => [timesMs.map(at => at / 1000), [...values]] as uPlot.AlignedData),
  );
}
