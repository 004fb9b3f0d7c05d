import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { NodeView } from '../../common/contracts/index.ts';
import { formatCpu } from '../../common/units/index.ts';
import { cssColour } from './css-colour.ts';
import { drawClusterMap, type MapColours } from './draw-cluster-map.ts';
import { moneyText } from './money-text.tsx';
import { counted, formatShare } from './number-text.ts';
import { prepareCanvas } from './prepare-canvas.ts';
import { layOutClusterMap } from './treemap.ts';

/** One tile per node by zone: area is CPU, inner fill what is requested, line what is used, hatch cordoned. */
export function ClusterMap({
  nodes,
  height = 300,
}: {
  readonly nodes: readonly NodeView[];
  readonly height?: number;
}) {
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('dark');
  const [hovered, setHovered] = useState<{ node: NodeView; x: number; y: number }>();
  const layout = useMemo(() => layOutClusterMap(nodes, width, height), [nodes, width, height]);

  useEffect(() => {
    const context = prepareCanvas(canvas.current, width, height);
    if (!context) return;
    drawClusterMap(context, layout, readColours(scheme));
  }, [layout, width, height, scheme]);

  const onPointerMove = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - top;
    const tile = layout.tiles.find(t => x >= t.x && x < t.x + t.width && y >= t.y && y < t.y + t.height);
    setHovered(tile ? { node: tile.node, x, y } : undefined);
  };
  const spot = nodes.filter(node => node.capacityType === 'spot').length;
  const label = `Cluster map: ${counted(nodes.length, 'node')}, ${spot} of them Spot. The table below lists them.`;
  return (
    <div>
      <div ref={ref} style={{ position: 'relative', height }}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={label}
          style={{ width: '100%', height }}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setHovered(undefined)}
        />
        {hovered ? <TileTip {...hovered} width={width} /> : null}
      </div>
      <div className="co-legend" style={{ marginTop: 10 }}>
        <LegendTile colour="--co-spot" text="Spot" />
        <LegendTile colour="--co-on-demand" text="On-demand" />
        <LegendTile colour="--co-unknown" text="Unknown capacity" />
        <span>Area: allocatable CPU · fill: requested · line: used · hatched: cordoned</span>
      </div>
    </div>
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

function TileTip({ node, x, y, width }: { node: NodeView; x: number; y: number; width: number }) {
  const isRight = x > width / 2;
  const price =
    node.priceMicroUsdPerHour === null
      ? `price unknown: ${node.priceUnknownReason ?? 'no source'}`
      : moneyText(node.priceMicroUsdPerHour, 'hour');
  const used =
    node.used === null
      ? 'use unknown'
      : `${formatShare(node.used.cpuMilli / node.allocatable.cpuMilli)} used`;
  return (
    <div
      style={{
        position: 'absolute',
        top: y + 14,
        ...(isRight ? { right: width - x + 10 } : { left: x + 14 }),
        zIndex: 5,
        pointerEvents: 'none',
        padding: '8px 10px',
        borderRadius: 8,
        fontSize: 12,
        lineHeight: 1.55,
        whiteSpace: 'pre',
        background: 'var(--co-card)',
        border: '1px solid var(--co-faint)',
        boxShadow: '0 4px 16px rgb(0 0 0 / 20%)',
      }}
    >
      {[
        node.name,
        `${node.instanceType ?? 'unknown type'}, ${node.capacityType}, ${node.zone ?? 'unknown zone'}`,
        `CPU ${formatCpu(node.allocatable.cpuMilli)}: ${formatShare(node.requested.cpuMilli / node.allocatable.cpuMilli)} requested, ${used}`,
        price + (node.cordoned ? ' · cordoned' : '') + (node.ready ? '' : ' · not ready'),
      ].join('\n')}
    </div>
  );
}

/** Colours of a map in the present theme. */
export function readColours(scheme: string): MapColours {
  const colour = (name: string) => cssColour(name, scheme);
  return {
    spot: colour('--co-spot'),
    'on-demand': colour('--co-on-demand'),
    unknown: colour('--co-unknown'),
    text: colour('--mantine-color-text'),
    muted: colour('--co-muted'),
    ground: colour('--co-card'),
  };
}
