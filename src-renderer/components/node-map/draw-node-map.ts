import type { CapacityType } from '../../../common/contracts/index.ts';
import { cssColour } from '../css-colour.ts';
import type { Box, MapLayout, MapNode } from './treemap.ts';
import type { Zoom } from './zoom.ts';

/** Colours of a map, resolved for a canvas. */
export type MapColours = Record<CapacityType | 'text' | 'muted', string>;

/** What a tile shows of its node. */
export interface TileLook {
  readonly capacityType: CapacityType;
  /** 0…1 of the tile that is filled; `null` where it is not known. */
  readonly fill: number | null;
  /** 0…1 where a line stands; `null` for none. */
  readonly line?: number | null;
  readonly isHatched: boolean;
  /** Colour of a bar on top. */
  readonly bar?: string;
  /** The node is not there: an empty, dashed place. */
  readonly isAbsent?: boolean;
  /** The first one in bold; as many as there is room for. */
  readonly words: readonly string[];
}

const GAP = 2;
/** Tiles narrower or lower than this hold no words. */
const WORDS_FROM = { width: 70, height: 40 };

/** Draws groups and tiles on a canvas in CSS pixels, those that are in sight. */
export function drawNodeMap<Node extends MapNode>(
  context: CanvasRenderingContext2D,
  picture: {
    readonly layout: MapLayout<Node>;
    readonly zoom: Zoom;
    readonly width: number;
    readonly height: number;
    /** Drawn as usual with a frame; all others are dimmed. Empty: none is. */
    readonly marked: ReadonlySet<string>;
  },
  lookOf: (node: Node) => TileLook,
  colours: MapColours,
): void {
  const { layout, zoom, marked } = picture;
  context.textBaseline = 'top';
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = colours.muted;
  for (const group of layout.groups)
    context.fillText(
      fitted(context, group.name, group.width * zoom.scale),
      group.x * zoom.scale - zoom.x,
      (group.y + 2) * zoom.scale - zoom.y,
    );
  for (const tile of layout.tiles) {
    const x = tile.x * zoom.scale - zoom.x + GAP / 2;
    const y = tile.y * zoom.scale - zoom.y + GAP / 2;
    const width = Math.max(1, tile.width * zoom.scale - GAP);
    const height = Math.max(1, tile.height * zoom.scale - GAP);
    if (x > picture.width || y > picture.height || x + width < 0 || y + height < 0) continue;
    const isMarked = marked.has(tile.node.name);
    context.save();
    context.globalAlpha = marked.size === 0 || isMarked ? 1 : 0.35;
    drawTile(context, { x, y, width, height }, lookOf(tile.node), colours);
    if (isMarked) {
      context.strokeStyle = colours.text;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, Math.max(0, width - 2), Math.max(0, height - 2));
    }
    context.restore();
  }
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
  };
}

/** 0…1, and 0 of nothing. */
export function shareOf(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}

function drawTile(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Box,
  look: TileLook,
  colours: MapColours,
): void {
  const alpha = context.globalAlpha;
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(5, width / 4, height / 4));
  if (look.isAbsent === true) {
    context.strokeStyle = colours.muted;
    context.globalAlpha = alpha * 0.6;
    context.setLineDash([4, 4]);
    context.lineWidth = 1;
    context.stroke();
    return;
  }
  context.clip();
  const { fill, line } = look;
  context.fillStyle = colours[look.capacityType];
  context.globalAlpha = alpha * 0.2;
  context.fillRect(x, y, width, height);
  context.globalAlpha = alpha * 0.5;
  if (fill !== null) context.fillRect(x, y + height * (1 - fill), width, height * fill);
  context.globalAlpha = alpha;
  if (look.isHatched || look.capacityType === 'unknown' || fill === null)
    hatch(context, x, y, width, height, colours.muted);
  if (line !== undefined && line !== null) {
    context.fillStyle = colours.text;
    context.fillRect(x, y + height * (1 - line), width, 1.5);
  }
  if (look.bar !== undefined) {
    context.fillStyle = look.bar;
    context.fillRect(x, y, width, Math.min(4, height));
  }
  if (width < WORDS_FROM.width || height < WORDS_FROM.height) return;
  context.fillStyle = colours.text;
  for (const [index, words] of look.words.entries()) {
    const below = index === 0 ? 8 : 9 + 15 * index;
    if (below + 15 > height) break;
    context.font = `${index === 0 ? '600 12px' : '11px'} system-ui, sans-serif`;
    context.fillText(fitted(context, words, width - 12), x + 7, y + below);
  }
}

/** Fine lines over an area: cordoned, or unknown. */
function hatch(
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

/** The text, cut off with an ellipsis where it is wider. */
function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return end === 0 ? '' : `${text.slice(0, end)}…`;
}
