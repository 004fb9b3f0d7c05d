import type { CapacityType } from '../../common/contracts/index.ts';
import type { NodeTile, ZoneBox } from './treemap.ts';

/** Colours of the map, resolved for a canvas. */
export type MapColours = Record<CapacityType | 'text' | 'muted' | 'ground', string>;

const GAP = 2;
/** Tiles narrower than this hold no words. */
const TEXT_FROM = 74;

/** Draws zones and node tiles on a canvas in CSS pixels. */
export function drawClusterMap(
  context: CanvasRenderingContext2D,
  { zones, tiles }: { readonly zones: readonly ZoneBox[]; readonly tiles: readonly NodeTile[] },
  colours: MapColours,
): void {
  context.textBaseline = 'top';
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = colours.muted;
  for (const { name, x, width } of zones) context.fillText(fitted(context, name, width), x, 2);
  for (const tile of tiles) drawTile(context, tile, colours);
  context.globalAlpha = 1;
}

function drawTile(context: CanvasRenderingContext2D, tile: NodeTile, colours: MapColours): void {
  const { node } = tile;
  const x = tile.x + GAP / 2;
  const y = tile.y + GAP / 2;
  const width = Math.max(1, tile.width - GAP);
  const height = Math.max(1, tile.height - GAP);
  const requested = shareOf(node.requested.cpuMilli, node.allocatable.cpuMilli);
  context.save();
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(5, width / 4, height / 4));
  context.clip();
  context.fillStyle = colours[node.capacityType];
  context.globalAlpha = 0.2;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 0.5;
  context.fillRect(x, y + height * (1 - requested), width, height * requested);
  context.globalAlpha = 1;
  if (node.cordoned || node.capacityType === 'unknown') hatch(context, x, y, width, height, colours.muted);
  if (node.used) {
    context.fillStyle = colours.text;
    context.fillRect(
      x,
      y + height * (1 - shareOf(node.used.cpuMilli, node.allocatable.cpuMilli)),
      width,
      1.5,
    );
  }
  if (width >= TEXT_FROM && height >= 40) {
    context.fillStyle = colours.text;
    context.font = '600 12px system-ui, sans-serif';
    context.fillText(fitted(context, node.instanceType ?? 'unknown', width - 12), x + 7, y + 7);
    context.font = '11px system-ui, sans-serif';
    const words = `${Math.round(requested * 100)} % requested`;
    context.fillText(fitted(context, words, width - 12), x + 7, y + 23);
  }
  context.restore();
}

/** Fine lines over an area: cordoned, or unknown. */
export function hatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -height; offset < width; offset += 7) {
    context.moveTo(x + offset, y + height);
    context.lineTo(x + offset + height, y);
  }
  context.stroke();
}

/** 0…1, and 0 of nothing. */
export function shareOf(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}

/** The text, cut off with an ellipsis where it is wider. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return end === 0 ? '' : `${text.slice(0, end)}…`;
}
