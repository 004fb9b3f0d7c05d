import type { NodeView } from '../../common/contracts/index.ts';

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the map needs of a node. */
export type MapNode = Pick<NodeView, 'name' | 'zone'> & {
  readonly allocatable: { readonly cpuMilli: number };
};

/** A node's place on the map. */
export interface NodeTile<Node extends MapNode = NodeView> extends Box {
  readonly node: Node;
}

/** A zone's place on the map, its name above the tiles. */
export interface ZoneBox extends Box {
  readonly name: string;
}

const ZONE_LABEL = 20;
const ZONE_GAP = 10;

/** Zones side by side, as wide as their share of CPU; in each the nodes as tiles of an area by their CPU. */
export function layOutClusterMap<Node extends MapNode>(
  nodes: readonly Node[],
  width: number,
  height: number,
): { zones: ZoneBox[]; tiles: NodeTile<Node>[] } {
  const byZone = Map.groupBy(nodes, node => node.zone ?? 'unknown zone');
  const names = [...byZone.keys()].sort();
  const total = sumOf(nodes);
  const free = width - ZONE_GAP * (names.length - 1);
  const zones: ZoneBox[] = [];
  const tiles: NodeTile<Node>[] = [];
  let x = 0;
  for (const name of names) {
    const members = byZone.get(name) ?? [];
    const zoneWidth = total === 0 ? 0 : (free * sumOf(members)) / total;
    zones.push({ name, x, y: 0, width: zoneWidth, height });
    const sorted = members.toSorted((a, b) => cpuOf(b) - cpuOf(a) || a.name.localeCompare(b.name));
    const area: Box = { x, y: ZONE_LABEL, width: zoneWidth, height: height - ZONE_LABEL };
    for (const [index, box] of squarify(sorted.map(cpuOf), area).entries()) {
      const node = sorted[index];
      if (node) tiles.push({ ...box, node });
    }
    x += zoneWidth + ZONE_GAP;
  }
  return { zones, tiles };
}

/**
 * Rectangles that fill `area` with shares of it by `sizes` (descending), as near to squares as rows allow.
 * Source: Bruls, Huizing, van Wijk, "Squarified Treemaps" (2000).
 */
export function squarify(sizes: readonly number[], area: Box): Box[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= 0 || area.width <= 0 || area.height <= 0) return [];
  const scale = (area.width * area.height) / total;
  const boxes: Box[] = [];
  let free = area;
  let at = 0;
  while (at < sizes.length) {
    const side = Math.min(free.width, free.height);
    let end = at + 1;
    let rowArea = (sizes[at] ?? 0) * scale;
    let worst = worstRatio(sizes, at, end, scale, rowArea, side);
    while (end < sizes.length) {
      const nextArea = rowArea + (sizes[end] ?? 0) * scale;
      const next = worstRatio(sizes, at, end + 1, scale, nextArea, side);
      if (next > worst) break;
      worst = next;
      rowArea = nextArea;
      end++;
    }
    free = placeRow(sizes.slice(at, end), scale, rowArea, free, boxes);
    at = end;
  }
  return boxes;
}

function worstRatio(
  sizes: readonly number[],
  from: number,
  to: number,
  scale: number,
  rowArea: number,
  side: number,
): number {
  // Sizes descend: the ends of the row are its extremes.
  const largest = (sizes[from] ?? 0) * scale;
  const smallest = (sizes[to - 1] ?? 0) * scale;
  return Math.max((side ** 2 * largest) / rowArea ** 2, rowArea ** 2 / (side ** 2 * smallest));
}

function placeRow(sizes: readonly number[], scale: number, rowArea: number, free: Box, boxes: Box[]): Box {
  const isColumn = free.width >= free.height;
  const side = isColumn ? free.height : free.width;
  const thickness = rowArea / side;
  let offset = 0;
  for (const size of sizes) {
    const length = (size * scale) / thickness;
    boxes.push(
      isColumn
        ? { x: free.x, y: free.y + offset, width: thickness, height: length }
        : { x: free.x + offset, y: free.y, width: length, height: thickness },
    );
    offset += length;
  }
  return isColumn
    ? { ...free, x: free.x + thickness, width: free.width - thickness }
    : { ...free, y: free.y + thickness, height: free.height - thickness };
}

function cpuOf(node: MapNode): number {
  return Math.max(1, node.allocatable.cpuMilli);
}

function sumOf(nodes: readonly MapNode[]): number {
  return nodes.reduce((sum, node) => sum + cpuOf(node), 0);
}
