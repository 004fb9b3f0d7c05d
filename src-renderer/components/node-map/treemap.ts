/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the map needs of a node. */
export interface MapNode {
  readonly name: string;
}

/** A node's place on the map. */
export interface NodeTile<Node extends MapNode> extends Box {
  readonly node: Node;
}

/** The place of a group of nodes, its name above the tiles. */
export interface GroupBox extends Box {
  readonly name: string;
}

/** Groups with their names, and the tiles in them. */
export interface MapLayout<Node extends MapNode> {
  readonly groups: readonly GroupBox[];
  readonly tiles: readonly NodeTile<Node>[];
}

const GROUP_LABEL = 20;
const GROUP_GAP = 10;
/** A group narrower than this has no room for its name. */
const LEAST_WIDTH = 60;

/**
 * Groups as columns, as wide as the share of what their nodes measure; in rows below each other where there are too many for
 * one. In each the nodes are tiles of an area by their own measure, which has to be positive.
 */
export function layOutNodeMap<Node extends MapNode>(
  nodes: readonly Node[],
  width: number,
  height: number,
  by: { readonly size: (node: Node) => number; readonly group: (node: Node) => string },
): MapLayout<Node> {
  const sumOf = (members: readonly Node[]) => members.reduce((sum, node) => sum + by.size(node), 0);
  const members = Map.groupBy(nodes, by.group);
  const names = [...members.keys()].sort();
  const groups: GroupBox[] = [];
  const tiles: NodeTile<Node>[] = [];
  const columns = Math.max(1, Math.floor(width / LEAST_WIDTH / 2));
  const rows = Math.ceil(names.length / columns);
  const total = sumOf(nodes);
  const least = Math.min(GROUP_LABEL * 2, height / Math.max(1, rows));
  let y = 0;
  for (let row = 0; row < rows; row++) {
    const inRow = names.slice(row * columns, (row + 1) * columns);
    const ofRow = sumOf(inRow.flatMap(name => members.get(name) ?? []));
    const rowHeight = least + ((height - rows * least) * ofRow) / total;
    const free = width - GROUP_GAP * (inRow.length - 1);
    let x = 0;
    for (const name of inRow) {
      const own = members.get(name) ?? [];
      const groupWidth = (free * sumOf(own)) / ofRow;
      groups.push({ name, x, y, width: groupWidth, height: rowHeight });
      const sorted = own.toSorted((a, b) => by.size(b) - by.size(a) || a.name.localeCompare(b.name));
      const area: Box = { x, y: y + GROUP_LABEL, width: groupWidth, height: rowHeight - GROUP_LABEL };
      for (const [index, box] of squarify(sorted.map(by.size), area).entries()) {
        const node = sorted[index];
        if (node) tiles.push({ ...box, node });
      }
      x += groupWidth + GROUP_GAP;
    }
    y += rowHeight;
  }
  return { groups, tiles };
}

/** The tile at a point; `undefined` between tiles. */
export function tileAt<Node extends MapNode>(
  { tiles }: MapLayout<Node>,
  x: number,
  y: number,
): NodeTile<Node> | undefined {
  return tiles.find(
    tile => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height,
  );
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
