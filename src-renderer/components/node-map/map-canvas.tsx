import { ActionIcon, Group } from '@mantine/core';
import { IconMinus, IconPlus, IconZoomReset } from '@tabler/icons-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { prepareCanvas } from '../prepare-canvas.ts';
import { type MapLayout, type MapNode, tileAt } from './treemap.ts';
import { type MapZoom, WHOLE, type Zoom } from './zoom.ts';

interface MapCanvasProps<Node extends MapNode> {
  readonly label: string;
  readonly layout: MapLayout<Node>;
  readonly width: number;
  readonly height: number;
  readonly zoom: Zoom;
  readonly move: MapZoom;
  /** Draws the whole picture; a new function draws anew. */
  readonly paint: (context: CanvasRenderingContext2D) => void;
  /** Hears which node the pointer is on. */
  readonly onPoint?: (name: string | undefined) => void;
  /** Opens a node by a click. */
  readonly onOpen?: (node: Node) => void;
  /** What is said of the node under the pointer. */
  readonly tip: (node: Node) => ReactNode;
}

const PAN_KEYS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** A pointer that went further has dragged, and opens nothing. */
const CLICK_WITHIN = 4;

/** One canvas with the tiles of a map: zooms by wheel with Ctrl or ⌘ and by keys, moves by dragging and arrows, tells the node under the pointer. */
export function MapCanvas<Node extends MapNode>(props: MapCanvasProps<Node>) {
  const { layout, width, height, zoom, move, paint, onPoint, onOpen } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<{ node: Node; x: number; y: number }>();
  const drag = useRef<{ x: number; y: number; way: number }>(undefined);

  useEffect(() => {
    const context = prepareCanvas(canvas.current, width, height);
    if (context) paint(context);
  }, [paint, width, height]);

  // A listener of React is passive here: the page would scroll as well.
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      move.zoom(Math.exp(-event.deltaY / 300), { x: event.offsetX, y: event.offsetY });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [move]);

  const placeOf = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = placeOf(event);
    if (drag.current) {
      const [dx, dy] = [drag.current.x - x, drag.current.y - y];
      drag.current = { x, y, way: drag.current.way + Math.abs(dx) + Math.abs(dy) };
      if (zoom.scale > 1) move.pan(dx, dy);
    }
    const tile = tileAt(layout, (x + zoom.x) / zoom.scale, (y + zoom.y) / zoom.scale);
    onPoint?.(tile?.node.name);
    setPointed(tile ? { node: tile.node, x, y } : undefined);
  };
  const onPointerUp = () => {
    const isClick = drag.current !== undefined && drag.current.way < CLICK_WITHIN;
    drag.current = undefined;
    if (isClick && pointed) onOpen?.(pointed.node);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const way = PAN_KEYS[event.key];
    if (way) move.pan(way[0] * 40, way[1] * 40);
    else if (event.key === '+' || event.key === '=') move.zoom(1.5);
    else if (event.key === '-') move.zoom(1 / 1.5);
    else return;
    event.preventDefault();
  };
  const idle = onOpen && pointed ? 'pointer' : 'default';
  return (
    <div style={{ position: 'relative', height }}>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={props.label}
        style={{
          width: '100%',
          height,
          touchAction: zoom.scale > 1 ? 'none' : 'auto',
          cursor: zoom.scale > 1 && idle === 'default' ? 'grab' : idle,
        }}
        onPointerDown={event => {
          drag.current = { ...placeOf(event), way: 0 };
        }}
        onPointerUp={onPointerUp}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          drag.current = undefined;
          onPoint?.(undefined);
          setPointed(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      {pointed ? (
        <div
          className="co-tip"
          style={{
            ...(pointed.x > width / 2 ? { right: width - pointed.x + 14 } : { left: pointed.x + 14 }),
            ...(pointed.y > height / 2 ? { bottom: height - pointed.y + 10 } : { top: pointed.y + 10 }),
            maxWidth: 360,
            whiteSpace: 'normal',
          }}
        >
          {props.tip(pointed.node)}
        </div>
      ) : null}
    </div>
  );
}

/** Buttons that do to a map what the keys do. */
export function ZoomButtons({ move }: { readonly move: MapZoom }) {
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon variant="default" aria-label="Zoom in" onClick={() => move.zoom(1.5)}>
        <IconPlus size={16} />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Zoom out" onClick={() => move.zoom(1 / 1.5)}>
        <IconMinus size={16} />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Show the whole map" onClick={() => move.set(WHOLE)}>
        <IconZoomReset size={16} />
      </ActionIcon>
    </Group>
  );
}

/** A colour of a map with its meaning. */
export function LegendTile({ colour, text }: { readonly colour: string; readonly text: string }) {
  return (
    <span>
      <svg width="14" height="14" aria-hidden="true">
        <rect width="14" height="14" rx="3" fill={`var(${colour})`} />
      </svg>
      {text}
    </span>
  );
}
