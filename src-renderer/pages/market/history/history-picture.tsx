import { useComputedColorScheme } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { PriceHistories } from '../../../../common/contracts/index.ts';
import type { LevelMark } from '../../../components/charts/steps/level-marks.ts';
import { type StepLine, stepLineOf } from '../../../components/charts/steps/step-line.ts';
import { StepsChart, type StepsChartHandle } from '../../../components/charts/steps/steps-chart.tsx';
import { cssColour } from '../../../components/css-colour.ts';
import { saveTextFile } from '../../../components/csv.ts';
import { counted } from '../../../components/number-text.ts';
import { type PoolRow, poolName } from '../pools/pool-rows.ts';
import { historyCsv } from './history-csv.ts';
import { HistoryLegend } from './history-legend.tsx';
import { HistoryTools } from './history-tools.tsx';
import { rangeOf } from './history-window.ts';
import { lineColours } from './line-colours.ts';
import { savePicture } from './save-picture.ts';

/** More levels than these would hide the lines. */
const MOST_MARKS = 6;

/** The picture of some histories with its tools and its legend. */
export function HistoryPicture(props: {
  readonly rows: readonly PoolRow[];
  readonly histories: PriceHistories;
  /** What is drawn is of the choice before, until that of the present one is there. */
  readonly isOld: boolean;
}) {
  const { rows, histories, isOld } = props;
  const [search, setSearch] = useSearchParams();
  const scheme = useComputedColorScheme('dark');
  const viewport = useViewportSize();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [emphasised, setEmphasised] = useState<string>();
  const [zoom, setZoom] = useState<{ fromS: number; toS: number }>();
  const chart = useRef<StepsChartHandle>(null);
  const isLog = search.get('scale') === 'log';
  const withOnDemand = search.get('on-demand') === 'on';
  const colours = useMemo(() => lineColours(rows), [rows]);
  const lines = useMemo(() => {
    const byKey = new Map<string, PoolRow>(rows.map(row => [row.key, row]));
    return histories.steps.flatMap((steps): StepLine[] => {
      const row = byKey.get(steps.pool);
      if (!row || steps.atS.length === 0) return [];
      const colour = cssColour(colours.colourOf(row), scheme);
      return [stepLineOf(steps, { label: poolName(row), colour, endS: histories.toMs / 1_000 })];
    });
  }, [rows, histories, colours, scheme]);
  const shown = useMemo(() => lines.filter(({ id }) => !hidden.has(id)), [lines, hidden]);
  const marks = useMemo(
    () => (withOnDemand ? onDemandMarks(rows, hidden) : []),
    [withOnDemand, rows, hidden],
  );
  const toS = histories.toMs / 1_000;
  const isAll = rangeOf(search.get('range')) === 'all';
  const firstS = lines.reduce((first, { atS }) => Math.min(first, atS[0] ?? toS), toS - 60);
  const fromS = isAll ? firstS : histories.fromMs / 1_000;
  const set = (name: string, value: string | null) =>
    setSearch(
      before => {
        const next = new URLSearchParams(before);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const name = `spot-prices-${rows.length === 1 ? rows[0]?.instanceType : `${rows.length}-pools`}`;
  return (
    <div aria-busy={isOld}>
      <HistoryTools
        range={rangeOf(search.get('range'))}
        onRange={range => set('range', range)}
        isLog={isLog}
        onLog={next => set('scale', next ? 'log' : null)}
        withOnDemand={withOnDemand}
        onOnDemand={next => set('on-demand', next ? 'on' : null)}
        onDemandWords={onDemandWords(rows)}
        zoom={zoom}
        onCsv={() => {
          const { fromS: from, toS: to } = zoom ?? { fromS, toS };
          saveTextFile(`${name}.csv`, 'text/csv', historyCsv(shown, from, to));
        }}
        onPng={() => savePicture(chart.current?.picture(), shown, `${name}.png`)}
      />
      <div style={{ padding: '4px 12px 0 4px', opacity: isOld ? 0.6 : 1 }}>
        <StepsChart
          label={`Spot prices of ${counted(shown.length, 'pool')} over time`}
          lines={shown}
          marks={marks}
          fromS={fromS}
          toS={toS}
          isLog={isLog}
          height={Math.max(320, viewport.height - 500)}
          emphasised={emphasised}
          onZoom={setZoom}
          handle={chart}
        />
      </div>
      <HistoryLegend
        lines={lines}
        colours={colours}
        hidden={hidden}
        onHidden={setHidden}
        onPoint={setEmphasised}
        silent={rows.length - lines.length}
      />
    </div>
  );
}

/** On-demand prices of the pools shown, one mark for each price. */
function onDemandMarks(rows: readonly PoolRow[], hidden: ReadonlySet<string>): LevelMark[] {
  const types = new Map<number, Set<string>>();
  for (const { key, onDemand, instanceType } of rows) {
    if (onDemand === null || hidden.has(key)) continue;
    types.set(onDemand, (types.get(onDemand) ?? new Set()).add(instanceType));
  }
  return [...types]
    .slice(0, MOST_MARKS)
    .map(([price, names]) => ({ label: `on-demand ${[...names].join(', ')}`, value: price / 1e6 }));
}

/** What the switch says: how many prices there are, or why there is none. */
function onDemandWords(rows: readonly PoolRow[]): { readonly hint: string; readonly isKnown: boolean } {
  const prices = new Set(rows.flatMap(({ onDemand }) => (onDemand === null ? [] : [onDemand])));
  const unknown = rows.filter(({ onDemand }) => onDemand === null).length;
  if (prices.size === 0)
    return {
      hint: 'The catalog has no on-demand price of these pools. Refresh it on the Catalog tab.',
      isKnown: false,
    };
  const cut = prices.size > MOST_MARKS ? ` The first ${MOST_MARKS} of ${prices.size} are drawn.` : '';
  const open = unknown > 0 ? ` Of ${counted(unknown, 'pool')} it is unknown.` : '';
  return { hint: `List prices as dashed lines.${cut}${open}`, isKnown: true };
}
