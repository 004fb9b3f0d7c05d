import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { prepareCanvas } from '../../../components/prepare-canvas.ts';
import { CellTip, cellWords } from './cell-tip.tsx';
import { drawHeatmap, HEAD_HEIGHT, type HeatLayout, heatStyles, ROW_HEIGHT } from './draw-heatmap.ts';
import type { HeatMap, HeatRow } from './map-rows.ts';

const LABEL_WIDTH = 190;

/** A place on the map. */
export interface HeatPlace {
  readonly row: number;
  readonly day: number;
}

/** Rows by days on one canvas that draws what is in sight: thousands of pools scroll as smoothly as ten. */
export function Heatmap(props: {
  readonly map: HeatMap;
  readonly height: number;
  readonly label: string;
  readonly onOpen: (row: HeatRow, day: number) => void;
}) {
  const { map, height, label, onOpen } = props;
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('dark');
  const [scrollTop, setScrollTop] = useState(0);
  const [hovered, setHovered] = useState<HeatPlace & { x: number; y: number }>();
  const [cursor, setCursor] = useState<HeatPlace>();
  const styles = useMemo(() => {
    const context = document.createElement('canvas').getContext('2d');
    return context ? heatStyles(context, scheme) : undefined;
  }, [scheme]);
  const tall = Math.min(height, HEAD_HEIGHT + map.rows.length * ROW_HEIGHT + 2);
  const layout: HeatLayout = useMemo(
    () => ({
      width,
      height: tall,
      labelWidth: LABEL_WIDTH,
      dayWidth: Math.max(0.5, (width - LABEL_WIDTH) / map.days),
      scrollTop,
    }),
    [width, tall, map.days, scrollTop],
  );

  useEffect(() => {
    const context =
      styles && width > 0 ? prepareCanvas(canvas.current, layout.width, layout.height) : undefined;
    if (!context || !styles) return;
    drawHeatmap(context, map, layout, styles, cursor);
  }, [map, layout, styles, cursor, width]);

  const placeOf = (event: PointerEvent): (HeatPlace & { x: number; y: number }) | undefined => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const day = Math.floor((x - LABEL_WIDTH) / layout.dayWidth);
    const row = Math.floor((y - HEAD_HEIGHT + scrollTop) / ROW_HEIGHT);
    const isOn = day >= 0 && day < map.days && y >= HEAD_HEIGHT && row < map.rows.length;
    return isOn ? { row, day, x, y } : undefined;
  };
  const moveTo = (place: HeatPlace) => {
    const row = Math.min(Math.max(place.row, 0), map.rows.length - 1);
    const day = Math.min(Math.max(place.day, 0), map.days - 1);
    setCursor({ row, day });
    setHovered(undefined);
    const room = tall - HEAD_HEIGHT;
    const top = row * ROW_HEIGHT;
    const element = scroller.current;
    if (!element) return;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT > element.scrollTop + room) element.scrollTop = top + ROW_HEIGHT - room;
  };
  const open = (place: HeatPlace | undefined) => {
    const row = place && map.rows[place.row];
    if (row) onOpen(row, place.day);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = cursor ?? { row: Math.floor(scrollTop / ROW_HEIGHT), day: map.days - 1 };
    const page = Math.max(1, Math.floor((tall - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
    const steps: Record<string, readonly [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      PageUp: [-page, 0],
      PageDown: [page, 0],
      Home: [0, -map.days],
      End: [0, map.days],
    };
    const step = steps[event.key];
    if (step) moveTo({ row: at.row + (cursor ? step[0] : 0), day: at.day + (cursor ? step[1] : 0) });
    else if (event.key === 'Enter' && cursor) open(cursor);
    else if (event.key === 'Escape' && cursor) setCursor(undefined);
    else return;
    event.preventDefault();
  };
  const shown = hovered ?? cursor;
  const shownRow = shown && map.rows[shown.row];
  const tipPlace = hovered ?? (cursor && placeOnScreen(cursor, layout));
  return (
    <div ref={ref} style={{ position: 'relative' }}>
      <div
        ref={scroller}
        role="application"
        aria-roledescription="heatmap"
        aria-label={`${label}. Arrows move, Enter says what can be done.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is walked through by keys.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={event => {
          setScrollTop(event.currentTarget.scrollTop);
          setHovered(undefined);
        }}
        style={{ height: tall, overflowY: 'auto', overflowX: 'hidden', position: 'relative' }}
      >
        <div style={{ height: HEAD_HEIGHT + map.rows.length * ROW_HEIGHT }}>
          <canvas
            ref={canvas}
            style={{ position: 'sticky', top: 0, display: 'block', width: '100%', height: tall }}
            onPointerMove={event => setHovered(placeOf(event))}
            onPointerLeave={() => setHovered(undefined)}
            onClick={event => {
              const place = placeOf(event as unknown as PointerEvent);
              if (place) setCursor({ row: place.row, day: place.day });
              open(place);
            }}
          />
        </div>
      </div>
      {shown && shownRow && tipPlace ? (
        <CellTip
          map={map}
          row={shownRow}
          day={shown.day}
          x={tipPlace.x}
          y={tipPlace.y}
          width={width}
          height={tall}
        />
      ) : null}
      <div aria-live="polite" className="co-unseen">
        {cursor && map.rows[cursor.row]
          ? cellWords(map, map.rows[cursor.row] as HeatRow, cursor.day).join(' ')
          : ''}
      </div>
    </div>
  );
}

function placeOnScreen(place: HeatPlace, layout: HeatLayout): { x: number; y: number } | undefined {
  const y = HEAD_HEIGHT + place.row * ROW_HEIGHT - layout.scrollTop + ROW_HEIGHT;
  if (y < HEAD_HEIGHT || y > layout.height) return undefined;
  return { x: LABEL_WIDTH + (place.day + 1) * layout.dayWidth, y };
}
