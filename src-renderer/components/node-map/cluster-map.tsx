import { Group, Select, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useCallback, useMemo } from 'react';
import type { NodeView } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import { moneyText } from '../money-text.tsx';
import { counted, formatShare } from '../number-text.ts';
import { ownerWords } from '../owner-words.ts';
import { useRemembered } from '../remembered.ts';
import { drawNodeMap, readColours, shareOf, type TileLook } from './draw-node-map.ts';
import { LegendTile, MapCanvas, ZoomButtons } from './map-canvas.tsx';
import { type GroupBy, groupOf, type SizeBy, sizeOf } from './map-measures.ts';
import { layOutNodeMap } from './treemap.ts';
import { useZoom } from './use-zoom.ts';

const SIZES: readonly { value: SizeBy; label: string }[] = [
  { value: 'cost', label: 'Area: cost' },
  { value: 'cpu', label: 'Area: CPU' },
  { value: 'memory', label: 'Area: memory' },
];
const GROUPS: readonly { value: GroupBy; label: string }[] = [
  { value: 'zone', label: 'By zone' },
  { value: 'owner', label: 'By owner' },
  { value: 'type', label: 'By instance type' },
];
const NONE: ReadonlySet<string> = new Set();

/** One tile per node: area is what it costs, fill what is requested, line what is used, hatch cordoned or of unknown price. */
export function ClusterMap({
  nodes,
  height = 320,
  onOpen,
}: {
  readonly nodes: readonly NodeView[];
  readonly height?: number;
  readonly onOpen?: (node: NodeView) => void;
}) {
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme('dark');
  const [size, setSize] = useRemembered<SizeBy>('cluster-map.size', 'cost');
  const [group, setGroup] = useRemembered<GroupBy>('cluster-map.group', 'zone');
  const [zoom, move] = useZoom(width, height);
  const layout = useMemo(
    () => layOutNodeMap(nodes, width, height, { size: sizeOf(size, nodes), group: groupOf(group) }),
    [nodes, width, height, size, group],
  );
  const paint = useCallback(
    (context: CanvasRenderingContext2D) =>
      drawNodeMap(context, { layout, zoom, width, height, marked: NONE }, lookOf, readColours(scheme)),
    [layout, zoom, width, height, scheme],
  );
  const spot = nodes.filter(node => node.capacityType === 'spot').length;
  const unpriced = nodes.filter(node => node.priceMicroUsdPerHour === null).length;
  return (
    <div>
      <Group mb={10} gap="sm" justify="space-between">
        <Group gap="sm">
          <Choice label="What the area of a tile means" data={SIZES} value={size} onChange={setSize} />
          <Choice label="How nodes are grouped" data={GROUPS} value={group} onChange={setGroup} />
          {size === 'cost' && unpriced > 0 ? (
            <Text size="sm" c="dimmed">
              {counted(unpriced, 'node')} of unknown price: drawn as one in the middle
            </Text>
          ) : null}
        </Group>
        <ZoomButtons move={move} />
      </Group>
      <div ref={ref}>
        <MapCanvas
          label={`Cluster map: ${counted(nodes.length, 'node')}, ${spot} of them Spot. Plus and minus zoom, arrows move; the table below lists them.`}
          {...{ layout, width, height, zoom, move, paint }}
          {...(onOpen ? { onOpen } : {})}
          tip={node => <NodeTip node={node} />}
        />
      </div>
      <div className="co-legend" style={{ marginTop: 10 }}>
        <LegendTile colour="--co-spot" text="Spot" />
        <LegendTile colour="--co-on-demand" text="On-demand" />
        <LegendTile colour="--co-unknown" text="Unknown capacity" />
        <span>Fill: CPU requested · line: used · hatched: cordoned, not ready or of unknown price</span>
      </div>
    </div>
  );
}

function Choice<Value extends string>(props: {
  readonly label: string;
  readonly data: readonly { value: Value; label: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}) {
  return (
    <Select
      size="xs"
      w={170}
      aria-label={props.label}
      data={[...props.data]}
      value={props.value}
      allowDeselect={false}
      onChange={value => {
        if (value !== null) props.onChange(value as Value);
      }}
    />
  );
}

function lookOf(node: NodeView): TileLook {
  const { cpuMilli } = node.allocatable;
  const fill = shareOf(node.requested.cpuMilli, cpuMilli);
  const price = node.priceMicroUsdPerHour;
  return {
    capacityType: node.capacityType,
    fill,
    line: node.used && shareOf(node.used.cpuMilli, cpuMilli),
    isHatched: node.cordoned || !node.ready || price === null,
    words: [
      node.instanceType ?? 'unknown type',
      `${Math.round(fill * 100)} % requested`,
      price === null ? 'price unknown' : moneyText(price, 'hour'),
      counted(node.requested.pods, 'pod'),
    ],
  };
}

function NodeTip({ node }: { readonly node: NodeView }) {
  const { allocatable, requested, used } = node;
  const line = (what: string, whole: string, share: number, inUse: number | null) =>
    `${what} ${whole}: ${formatShare(share)} requested, ${inUse === null ? 'use unknown' : `${formatShare(inUse)} used`}`;
  const price =
    node.priceMicroUsdPerHour === null
      ? `Price unknown: ${node.priceUnknownReason ?? 'no source'}`
      : moneyText(node.priceMicroUsdPerHour, 'hour');
  const lines = [
    `${node.instanceType ?? 'unknown type'}, ${node.capacityType}, ${node.zone ?? 'unknown zone'}${node.owner ? `, ${ownerWords(node.owner)}` : ''}`,
    price,
    line(
      'CPU',
      formatCpu(allocatable.cpuMilli),
      shareOf(requested.cpuMilli, allocatable.cpuMilli),
      used && shareOf(used.cpuMilli, allocatable.cpuMilli),
    ),
    line(
      'Memory',
      formatBytes(allocatable.memoryBytes),
      shareOf(requested.memoryBytes, allocatable.memoryBytes),
      used && shareOf(used.memoryBytes, allocatable.memoryBytes),
    ),
    `${counted(requested.pods, 'pod')} of ${allocatable.pods} that fit`,
    ...(node.cordoned ? ['Cordoned: it takes no new pods.'] : []),
    ...(node.ready ? [] : ['Not ready.']),
  ];
  return (
    <>
      <b>{node.name}</b>
      {lines.map(text => (
        <div key={text}>{text}</div>
      ))}
    </>
  );
}
