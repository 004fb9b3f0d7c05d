import { ActionIcon, Group, SimpleGrid, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconMinus, IconPlus, IconZoomReset } from '@tabler/icons-react';
import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { LegendTile, readColours } from '../../../components/cluster-map.tsx';
import { cssColour } from '../../../components/css-colour.ts';
import { counted } from '../../../components/number-text.ts';
import { prepareCanvas } from '../../../components/prepare-canvas.ts';
import { layOutClusterMap, type NodeTile } from '../../../components/treemap.ts';
import { drawPlanMap, type PlanSide } from './draw-plan-map.ts';
import { NodeTip } from './node-tip.tsx';
import { type PlannedNode, partnersOf } from './plan-nodes.ts';
import { panBy, WHOLE, type Zoom, zoomAt } from './zoom.ts';

const HEIGHT = 320;
const NONE: ReadonlySet<string> = new Set();

/**
 * Before and after side by side. Both give a node the same place, zoom as one, and point at one another: over a node, the
 * ones that its pods go to or come from light up.
 */
export function PlanMap({ nodes }: { readonly nodes: readonly PlannedNode[] }) {
  const { ref, width } = useElementSize();
  const [zoom, setZoom] = useState<Zoom>(WHOLE);
  const [pointed, setPointed] = useState<string>();
  const layout = useMemo(() => layOutClusterMap(nodes, width, HEIGHT), [nodes, width]);
  const byName = useMemo(() => new Map(nodes.map(node => [node.name, node])), [nodes]);
  const partners = useMemo(() => {
    const node = pointed === undefined ? undefined : byName.get(pointed);
    return node ? partnersOf(node) : NONE;
  }, [byName, pointed]);
  const size = { width, height: HEIGHT };
  const onZoom = useCallback(
    (factor: number, point = { x: width / 2, y: HEIGHT / 2 }) =>
      setZoom(now => zoomAt(now, factor, point, { width, height: HEIGHT })),
    [width],
  );
  const counts = (fate: PlannedNode['fate']) => nodes.filter(node => node.fate === fate).length;
  const maps = { layout, zoom, onZoom, pointed, partners, onPoint: setPointed };
  const onPan = (dx: number, dy: number) => setZoom(now => panBy(now, dx, dy, size));
  return (
    <div>
      <SimpleGrid cols={2} spacing="md">
        <section aria-label="Before">
          <Text fw={560} mb={4}>
            Before: {counted(counts('stays') + counts('goes'), 'node')}
          </Text>
          <div ref={ref}>
            <Side side="before" width={width} onPan={onPan} {...maps} />
          </div>
        </section>
        <section aria-label="After">
          <Text fw={560} mb={4}>
            After: {counted(counts('stays') + counts('comes'), 'node')}
          </Text>
          <Side side="after" width={width} onPan={onPan} {...maps} />
        </section>
      </SimpleGrid>
      <Group mt={10} justify="space-between" gap="sm">
        <div className="co-legend">
          <LegendTile colour="--co-spot" text="Spot" />
          <LegendTile colour="--co-on-demand" text="On-demand" />
          <LegendTile colour="--co-risk" text="Bar on top: goes" />
          <LegendTile colour="--co-saving" text="Bar on top: comes" />
          <span>Area: allocatable CPU · fill: requested · dashed: not there</span>
        </div>
        <Group gap={4}>
          <ActionIcon variant="default" aria-label="Zoom in" onClick={() => onZoom(1.5)}>
            <IconPlus size={16} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="Zoom out" onClick={() => onZoom(1 / 1.5)}>
            <IconMinus size={16} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="Show the whole map" onClick={() => setZoom(WHOLE)}>
            <IconZoomReset size={16} />
          </ActionIcon>
        </Group>
      </Group>
    </div>
  );
}

interface SideProps {
  readonly side: PlanSide;
  readonly width: number;
  readonly layout: ReturnType<typeof layOutClusterMap<PlannedNode>>;
  readonly zoom: Zoom;
  readonly onZoom: (factor: number, point?: { x: number; y: number }) => void;
  readonly onPan: (dx: number, dy: number) => void;
  readonly pointed: string | undefined;
  readonly partners: ReadonlySet<string>;
  readonly onPoint: (name: string | undefined) => void;
}

function Side({ side, width, layout, zoom, onZoom, onPan, pointed, partners, onPoint }: SideProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('dark');
  const [tip, setTip] = useState<{ node: PlannedNode; x: number; y: number }>();
  const dragged = useRef<{ x: number; y: number }>(undefined);

  useEffect(() => {
    const context = prepareCanvas(canvas.current, width, HEIGHT);
    if (!context) return;
    const colours = {
      ...readColours(scheme),
      goes: cssColour('--co-risk', scheme),
      comes: cssColour('--co-saving', scheme),
    };
    drawPlanMap(context, { ...layout, side, zoom, width, height: HEIGHT, pointed, partners }, colours);
  }, [layout, side, zoom, width, scheme, pointed, partners]);

  // A listener of React is passive here: the page would scroll as well.
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      onZoom(Math.exp(-event.deltaY / 300), { x: event.offsetX, y: event.offsetY });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [onZoom]);

  const onPointerMove = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - top;
    if (dragged.current) {
      onPan(dragged.current.x - x, dragged.current.y - y);
      dragged.current = { x, y };
    }
    const tile = tileAt(layout.tiles, (x + zoom.x) / zoom.scale, (y + zoom.y) / zoom.scale);
    onPoint(tile?.node.name);
    setTip(tile ? { node: tile.node, x, y } : undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = PAN_KEYS[event.key];
    if (move) onPan(move[0] * 40, move[1] * 40);
    else if (event.key === '+' || event.key === '=') onZoom(1.5);
    else if (event.key === '-') onZoom(1 / 1.5);
    else return;
    event.preventDefault();
  };
  return (
    <div style={{ position: 'relative', height: HEIGHT }}>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={`Nodes ${side} the plan. Plus and minus zoom, arrows move; the tables below list nodes and moves.`}
        style={{
          width: '100%',
          height: HEIGHT,
          touchAction: zoom.scale > 1 ? 'none' : 'auto',
          cursor: zoom.scale > 1 ? 'grab' : 'default',
        }}
        onPointerDown={event => {
          const { left, top } = event.currentTarget.getBoundingClientRect();
          if (zoom.scale > 1) dragged.current = { x: event.clientX - left, y: event.clientY - top };
        }}
        onPointerUp={() => {
          dragged.current = undefined;
        }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          dragged.current = undefined;
          onPoint(undefined);
          setTip(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      {tip ? <NodeTip {...tip} side={side} width={width} height={HEIGHT} /> : null}
    </div>
  );
}

const PAN_KEYS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function tileAt(
  tiles: readonly NodeTile<PlannedNode>[],
  x: number,
  y: number,
): NodeTile<PlannedNode> | undefined {
  return tiles.find(
    tile => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height,
  );
}
