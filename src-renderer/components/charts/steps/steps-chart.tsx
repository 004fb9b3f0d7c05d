import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import uPlot from 'uplot';
import { cssColour } from '../../css-colour.ts';
import { formatExact } from '../../time-text.ts';
import { axisNumber, pointNumber } from '../axis-number.ts';
import { axisTime } from '../axis-time.ts';
import { actOnKey } from './chart-keys.ts';
import { drawEmphasis, drawSteps } from './draw-steps.ts';
import { drawMarks, type LevelMark } from './level-marks.ts';
import { inForce, type StepLine } from './step-line.ts';
import { StepsTip, type TipLine } from './steps-tip.tsx';
import { logMarks, valueRange } from './value-axis.ts';

/** What can be asked of the chart from outside. */
export interface StepsChartHandle {
  /** The picture as it is, on an opaque ground. */
  picture(): HTMLCanvasElement | undefined;
}

interface StepsChartProps {
  readonly label: string;
  readonly lines: readonly StepLine[];
  readonly marks: readonly LevelMark[];
  /** The whole window; zooming goes into it. */
  readonly fromS: number;
  readonly toS: number;
  readonly isLog: boolean;
  readonly height: number;
  /** A line to bring out, as the reader points at it elsewhere. */
  readonly emphasised: string | undefined;
  readonly onZoom: (window: { fromS: number; toS: number } | undefined) => void;
  readonly handle: Ref<StepsChartHandle>;
}

/** Lines that are named in the hover box; the rest is counted. */
const LINES_NAMED = 9;

/** Step lines of many pools: drag or + and − zoom, arrows read values, 0 shows all again. */
export function StepsChart(props: StepsChartProps) {
  const { label, lines, marks, fromS, toS, isLog, height, emphasised, onZoom, handle } = props;
  const { ref, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const plotted = useRef<uPlot>(undefined);
  const over = useRef<HTMLCanvasElement>(undefined);
  const shown = useRef({ lines, marks, isLog, onZoom });
  shown.current = { lines, marks, isLog, onZoom };
  const scheme = useComputedColorScheme('dark');
  const [tip, setTip] = useState<{ left: number; top: number; atS: number }>();

  useEffect(() => {
    const element = holder.current;
    if (!element || width === 0) return;
    const colour = (name: string) => cssColour(name, scheme);
    const axis = {
      stroke: colour('--co-muted'),
      grid: { stroke: colour('--co-line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    let window = { fromS, toS };
    const plot = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { points: { show: false }, drag: { x: true, y: false } },
        scales: {
          x: {
            time: true,
            // Asked before the axis of values, which looks at what is in the window.
            range: (_, min, max) => {
              window = { fromS: min, toS: max };
              return [min, max];
            },
          },
          y: {
            distr: isLog ? 3 : 1,
            range: () => {
              const levels = shown.current.marks.map(({ value }) => value);
              const { min, max } = valueRange(shown.current.lines, levels, window, shown.current.isLog);
              return [min, max];
            },
          },
        },
        axes: [
          {
            ...axis,
            size: 34,
            space: 68,
            values: (_, splits, _axis, _space, step) => splits.map(at => axisTime(at * 1000, step)),
          },
          {
            ...axis,
            size: 78,
            ...(isLog
              ? {
                  splits: (self: uPlot) => logMarks(self.scales.y?.min ?? 0.01, self.scales.y?.max ?? 1),
                  filter: (_: uPlot, splits: number[]) => splits,
                  values: (_: uPlot, splits: number[]) => splits.map(value => `$${pointNumber(value)}/h`),
                }
              : {
                  values: (_: uPlot, splits: number[], _axis: number, _space: number, step: number) =>
                    splits.map(value => `$${axisNumber(value, step)}/h`),
                }),
          },
        ],
        series: [{}, {}],
        hooks: {
          setScale: [
            (self, key) => {
              if (key !== 'x') return;
              const { min = fromS, max = toS } = self.scales.x ?? {};
              const isWhole = min === fromS && max === toS;
              shown.current.onZoom(isWhole ? undefined : { fromS: min ?? fromS, toS: max ?? toS });
            },
          ],
          draw: [
            self => {
              drawMarks(self, shown.current.marks, colour('--co-on-demand'));
              drawSteps(self, shown.current.lines);
            },
          ],
          setCursor: [
            self => {
              const { left = -1, top = 0 } = self.cursor;
              setTip(left < 0 ? undefined : { left, top: top ?? 0, atS: self.posToVal(left, 'x') });
            },
          ],
        },
      },
      [
        [fromS, toS],
        [null, null],
      ],
      element,
    );
    const canvas = document.createElement('canvas');
    Object.assign(canvas.style, {
      position: 'absolute',
      inset: '0',
      width: '100%',
      height: '100%',
      pointerEvents: 'none',
    });
    plot.over.appendChild(canvas);
    over.current = canvas;
    plotted.current = plot;
    return () => {
      plotted.current = undefined;
      plot.destroy();
    };
  }, [width, height, scheme, fromS, toS, isLog]);

  // Lines that are switched on and off change neither the plot nor where the reader has zoomed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn is read from `shown`.
  useEffect(() => {
    const plot = plotted.current;
    if (plot) plot.setScale('x', { min: plot.scales.x?.min ?? fromS, max: plot.scales.x?.max ?? toS });
  }, [lines, marks]);

  const named = tip && linesAt(plotted.current, lines, tip);
  const nearest = named?.nearest;
  useEffect(() => {
    const plot = plotted.current;
    const id = emphasised ?? nearest;
    if (plot && over.current)
      drawEmphasis(
        plot,
        over.current,
        lines.find(line => line.id === id),
      );
  }, [emphasised, nearest, lines]);

  useImperativeHandle(handle, () => ({ picture: () => pictureOf(plotted.current) }), []);

  const onKeyDown = (event: KeyboardEvent) => {
    const plot = plotted.current;
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
    if (actOnKey(plot, event, { fromS, toS })) event.preventDefault();
  };
  return (
    <div ref={ref}>
      <div
        ref={holder}
        role="application"
        aria-roledescription="chart"
        aria-label={`${label}. Arrows read values, plus and minus zoom, zero shows all.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is walked through by keys.
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={{ height, position: 'relative' }}
      >
        {tip && named ? (
          <StepsTip
            atText={formatExact(tip.atS * 1_000)}
            lines={named.lines}
            more={named.count - named.lines.length}
            nearest={nearest}
            left={tip.left + 78}
            top={tip.top}
            isRight={tip.left > (width - 78) / 2}
            width={width}
            height={height}
          />
        ) : null}
      </div>
    </div>
  );
}

/** Lines in force under the pointer, those nearest to it first named, then in the order of their values. */
function linesAt(
  plot: uPlot | undefined,
  lines: readonly StepLine[],
  tip: { readonly top: number; readonly atS: number },
): { lines: TipLine[]; count: number; nearest: string | undefined } | undefined {
  if (!plot) return undefined;
  const found = lines.flatMap(line => {
    const now = inForce(line, tip.atS);
    if (!now) return [];
    const distance = Math.abs(plot.valToPos(now.value, 'y') - tip.top);
    return [{ id: line.id, label: line.label, colour: line.colour, ...now, distance }];
  });
  const near = found.toSorted((a, b) => a.distance - b.distance).slice(0, LINES_NAMED);
  return { lines: near.toSorted((a, b) => b.value - a.value), count: found.length, nearest: near[0]?.id };
}

function pictureOf(plot: uPlot | undefined): HTMLCanvasElement | undefined {
  const source = plot?.ctx.canvas;
  if (!source) return undefined;
  const canvas = document.createElement('canvas');
  canvas.width = source.width;
  canvas.height = source.height;
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.fillStyle = cssColour('--co-card', '');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0);
  return canvas;
}
