import { Group, SimpleGrid, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { cssColour } from '../../../components/css-colour.ts';
import { drawNodeMap, readColours } from '../../../components/node-map/draw-node-map.ts';
import { LegendTile, MapCanvas, ZoomButtons } from '../../../components/node-map/map-canvas.tsx';
import { layOutNodeMap, type MapLayout } from '../../../components/node-map/treemap.ts';
import { useZoom } from '../../../components/node-map/use-zoom.ts';
import type { MapZoom, Zoom } from '../../../components/node-map/zoom.ts';
import { counted } from '../../../components/number-text.ts';
import { NodeTip } from './node-tip.tsx';
import { type PlannedNode, partnersOf } from './plan-nodes.ts';
import { type PlanSide, plannedLook } from './planned-look.ts';

const HEIGHT = 320;
const PLACES = {
  size: ({ allocatable }: PlannedNode) => Math.max(1, allocatable.cpuMilli),
  group: ({ zone }: PlannedNode) => zone ?? 'unknown zone',
};
const NONE: ReadonlySet<string> = new Set();

/**
 * Before and after side by side. Both give a node the same place, zoom as one, and point at one another: over a node, the
 * ones that its pods go to or come from light up.
 */
export function PlanMap({ nodes }: { readonly nodes: readonly PlannedNode[] }) {
  const { ref, width } = useElementSize();
  const [zoom, move] = useZoom(width, HEIGHT);
  const [pointed, setPointed] = useState<string>();
  const layout = useMemo(() => layOutNodeMap(nodes, width, HEIGHT, PLACES), [nodes, width]);
  const byName = useMemo(() => new Map(nodes.map(node => [node.name, node])), [nodes]);
  const partners = useMemo(() => {
    const node = pointed === undefined ? undefined : byName.get(pointed);
    return node ? partnersOf(node) : NONE;
  }, [byName, pointed]);
  const counts = (fate: PlannedNode['fate']) => nodes.filter(node => node.fate === fate).length;
  const maps = { layout, width, zoom, move, pointed, partners, onPoint: setPointed };
  return (
    <div>
      <SimpleGrid cols={2} spacing="md">
        <section aria-label="Before">
          <Text fw={560} mb={4}>
            Before: {counted(counts('stays') + counts('goes'), 'node')}
          </Text>
          <div ref={ref}>
            <Side side="before" {...maps} />
          </div>
        </section>
        <section aria-label="After">
          <Text fw={560} mb={4}>
            After: {counted(counts('stays') + counts('comes'), 'node')}
          </Text>
          <Side side="after" {...maps} />
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
        <ZoomButtons move={move} />
      </Group>
    </div>
  );
}

interface SideProps {
  readonly side: PlanSide;
  readonly width: number;
  readonly layout: MapLayout<PlannedNode>;
  readonly zoom: Zoom;
  readonly move: MapZoom;
  readonly pointed: string | undefined;
  readonly partners: ReadonlySet<string>;
  readonly onPoint: (name: string | undefined) => void;
}

function Side({ side, width, layout, zoom, move, pointed, partners, onPoint }: SideProps) {
  const scheme = useComputedColorScheme('dark');
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      const fates = { goes: cssColour('--co-risk', scheme), comes: cssColour('--co-saving', scheme) };
      const marked = pointed === undefined ? NONE : new Set([pointed, ...partners]);
      drawNodeMap(
        context,
        { layout, zoom, width, height: HEIGHT, marked },
        node => plannedLook(node, side, fates),
        readColours(scheme),
      );
    },
    [layout, side, zoom, width, scheme, pointed, partners],
  );
  return (
    <MapCanvas
      label={`Nodes ${side} the plan. Plus and minus zoom, arrows move; the tables below list nodes and moves.`}
      {...{ layout, width, zoom, move, paint, onPoint }}
      height={HEIGHT}
      tip={node => <NodeTip node={node} side={side} />}
    />
  );
}
