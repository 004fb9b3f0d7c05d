import { fitted, hatch, type MapColours, shareOf } from '../../../components/draw-cluster-map.ts';
import type { NodeTile, ZoneBox } from '../../../components/treemap.ts';
import type { PlannedNode } from './plan-nodes.ts';
import type { Zoom } from './zoom.ts';

/** Which side of the plan a map shows. */
export type PlanSide = 'before' | 'after';

/** Colours of a map, with those of what goes and what comes. */
export type PlanColours = MapColours & Record<'goes' | 'comes', string>;

const GAP = 2;
const TEXT_FROM = 70;

/** Draws one side of a plan in CSS pixels; what is not there on this side is an empty, dashed place. */
export function drawPlanMap(
  context: CanvasRenderingContext2D,
  picture: {
    readonly zones: readonly ZoneBox[];
    readonly tiles: readonly NodeTile<PlannedNode>[];
    readonly side: PlanSide;
    readonly zoom: Zoom;
    readonly width: number;
    readonly height: number;
    readonly pointed: string | undefined;
    readonly partners: ReadonlySet<string>;
  },
  colours: PlanColours,
): void {
  const { zones, tiles, side, zoom, pointed, partners } = picture;
  context.textBaseline = 'top';
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = colours.muted;
  for (const zone of zones)
    context.fillText(
      fitted(context, zone.name, zone.width * zoom.scale),
      zone.x * zoom.scale - zoom.x,
      2 * zoom.scale - zoom.y,
    );
  for (const tile of tiles) {
    const x = tile.x * zoom.scale - zoom.x + GAP / 2;
    const y = tile.y * zoom.scale - zoom.y + GAP / 2;
    const width = Math.max(1, tile.width * zoom.scale - GAP);
    const height = Math.max(1, tile.height * zoom.scale - GAP);
    if (x > picture.width || y > picture.height || x + width < 0 || y + height < 0) continue;
    const isDim = pointed !== undefined && pointed !== tile.node.name && !partners.has(tile.node.name);
    context.save();
    context.globalAlpha = isDim ? 0.35 : 1;
    drawTile(context, tile.node, { x, y, width, height }, side, colours);
    if (partners.has(tile.node.name) || pointed === tile.node.name) {
      context.strokeStyle = colours.text;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, Math.max(0, width - 2), Math.max(0, height - 2));
    }
    context.restore();
  }
}

function drawTile(
  context: CanvasRenderingContext2D,
  node: PlannedNode,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  side: PlanSide,
  colours: PlanColours,
): void {
  const alpha = context.globalAlpha;
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(5, width / 4, height / 4));
  const isAbsent = node.fate === (side === 'before' ? 'comes' : 'goes');
  if (isAbsent) {
    context.strokeStyle = colours.muted;
    context.globalAlpha = alpha * 0.6;
    context.setLineDash([4, 4]);
    context.lineWidth = 1;
    context.stroke();
    return;
  }
  context.clip();
  const fill = side === 'before' ? node.before : node.after;
  const share = fill === null ? 0 : shareOf(fill.cpuMilli, node.allocatable.cpuMilli);
  context.fillStyle = colours[node.capacityType];
  context.globalAlpha = alpha * 0.2;
  context.fillRect(x, y, width, height);
  context.globalAlpha = alpha * 0.5;
  context.fillRect(x, y + height * (1 - share), width, height * share);
  context.globalAlpha = alpha;
  if (node.isCordoned || node.capacityType === 'unknown' || fill === null)
    hatch(context, x, y, width, height, colours.muted);
  if (node.fate !== 'stays') {
    context.fillStyle = node.fate === 'goes' ? colours.goes : colours.comes;
    context.fillRect(x, y, width, Math.min(4, height));
  }
  if (width < TEXT_FROM || height < 40) return;
  context.fillStyle = colours.text;
  context.font = '600 12px system-ui, sans-serif';
  context.fillText(fitted(context, node.instanceType, width - 12), x + 7, y + 8);
  context.font = '11px system-ui, sans-serif';
  const words = fill === null ? 'fill unknown' : `${Math.round(share * 100)} % requested`;
  context.fillText(fitted(context, words, width - 12), x + 7, y + 24);
  if (height >= 60) context.fillText(fitted(context, node.name, width - 12), x + 7, y + 39);
}
